/** The queue, one answer after another, by keyboard first. */
import { type FormEvent, useState } from 'react';
import { Failed } from '../loaded.tsx';
import { addressOf, useRoute } from '../route.ts';
import { ItemCard } from './item-card.tsx';
import { useQueue } from './queue.ts';
import { keepReviewerName, reviewerName } from './reviewer.ts';
import { SettlePage } from './settle-page.tsx';

export function ReviewPage() {
  const [who, setWho] = useState(reviewerName);
  const choose = (name: string) => {
    keepReviewerName(name);
    setWho(name);
  };
  const { rest } = useRoute();
  if (who === '') return <Introduce choose={choose} />;
  return rest[0] === 'settle' ? <SettlePage who={who} /> : <Desk who={who} leave={() => choose('')} />;
}

function Introduce({ choose }: { readonly choose: (name: string) => void }) {
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== '') choose(name.trim());
  };
  return (
    <section className="panel narrow" aria-labelledby="who-heading">
      <h1 id="who-heading">Who reviews?</h1>
      <p>What you say is kept under this name, and nobody else is given the product you have before you.</p>
      <form onSubmit={submit}>
        <label htmlFor="who">Your name</label>
        <input
          id="who"
          value={name}
          maxLength={100}
          autoComplete="name"
          onChange={(event) => setName(event.target.value)}
        />
        <div className="actions">
          <button type="submit" disabled={name.trim() === ''}>
            Begin
          </button>
        </div>
      </form>
    </section>
  );
}

function Desk({ who, leave }: { readonly who: string; readonly leave: () => void }) {
  const queue = useQueue(who);
  const { product, item, waiting, busy, error, said, canUndo } = queue;
  return (
    <>
      <div className="titled">
        <h1>Review</h1>
        <p className="note">
          {waiting} waiting · {who}{' '}
          <button type="button" className="link" onClick={leave}>
            Change name
          </button>{' '}
          · <a href={addressOf('review', ['settle'])}>Where people disagree</a>
        </p>
      </div>
      <p role="status" className="note said">
        {said || (busy && product === undefined ? 'Loading …' : '')}
      </p>
      {error === undefined ? null : <Failed error={error} again={queue.reload} />}
      {product !== undefined && item !== undefined ? (
        <ItemCard
          key={`${product.productId} ${item.attribute}`}
          who={who}
          product={product}
          item={item}
          queue={queue}
        />
      ) : busy || error !== undefined ? null : (
        <section className="panel">
          <h2>Nothing waits</h2>
          <p>Every product that a person should look at has been looked at, or others have it before them.</p>
          <div className="actions">
            <button type="button" onClick={queue.reload}>
              Look again
            </button>
            <button type="button" className="quiet" disabled={!canUndo} onClick={queue.undo}>
              Undo
            </button>
          </div>
        </section>
      )}
    </>
  );
}
