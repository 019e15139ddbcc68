/** One attribute of one product: what the model suggests, why, and the ways to answer. */
import { type FormEvent, useRef, useState } from 'react';
import type { ReviewProductAnswer } from '../../src/serving/api/reviews.ts';
import { Sure } from '../answer/attribute-row.tsx';
import { MarkedTexts } from '../answer/marked-text.tsx';
import { Pictures } from '../answer/pictures.tsx';
import { percent, written } from '../answer/said.ts';
import { Alike } from './alike.tsx';
import { useOneKey } from './commands.ts';
import type { Item, Queue } from './queue.ts';

const REASONS: Readonly<Record<string, string>> = {
  unsure: 'the model is not sure',
  audit: 'a sample of what the model was sure of',
  returns: 'shoppers send it back as not described',
  searches: 'shoppers find it by another value',
  undone: 'you took your answer back',
};
const MOST_CHOICES = 9;

export function ItemCard({
  who,
  product,
  item,
  queue,
}: {
  readonly who: string;
  readonly product: ReviewProductAnswer;
  readonly item: Item;
  readonly queue: Queue;
}) {
  const [alike, setAlike] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const { suggestion, attribute } = item;
  const choices = choicesOf(item);
  const accepted = acceptedOf(suggestion);
  const accept = () => {
    if (accepted !== undefined) queue.answer(accepted, `${attribute}: ${said(accepted)}, accepted`);
  };
  const change = (values: readonly string[]) => queue.answer(values, `${attribute}: ${said(values)}`);
  const notApplicable = () => queue.answer([], `${attribute}: not applicable`);
  const oneKey = useOneKey({
    a: accept,
    c: () => field.current?.focus(),
    n: notApplicable,
    s: queue.skip,
    u: queue.undo,
    b: () => setAlike((open) => !open),
    ...Object.fromEntries(choices.map((value, i) => [String(i + 1), () => change([value])])),
  });
  return (
    <div className="desk">
      <section className="panel" aria-labelledby="item-heading">
        <p className="note why">
          {REASONS[item.reason] ?? item.reason}
          {product.items.length > 1 ? ` · ${product.items.length} to answer of this product` : ''}
        </p>
        <h2 id="item-heading">
          {attribute}: <bdi>{suggestion === null ? 'no suggestion' : written(suggestion)}</bdi>
        </h2>
        {suggestion === null ? null : <Sure status={suggestion.status} confidence={suggestion.confidence} />}
        {item.inForce === null ? null : (
          <p className="note">
            In force: {said(item.inForce.values)} ({item.inForce.provenance})
          </p>
        )}
        <div className="actions">
          <button type="button" disabled={queue.busy || accepted === undefined} onClick={accept}>
            Accept <kbd>A</kbd>
          </button>
          <button type="button" className="quiet" disabled={queue.busy} onClick={notApplicable}>
            Not applicable <kbd>N</kbd>
          </button>
          <button type="button" className="quiet" disabled={queue.busy} onClick={queue.skip}>
            Skip <kbd>S</kbd>
          </button>
          <button
            type="button"
            className="quiet"
            disabled={queue.busy || !queue.canUndo}
            onClick={queue.undo}
          >
            Undo <kbd>U</kbd>
          </button>
        </div>
        <h3 id="change-heading">Change to</h3>
        <Choices choices={choices} suggestion={suggestion} busy={queue.busy} choose={change} />
        <Other field={field} busy={queue.busy} several={Array.isArray(suggestion?.value)} choose={change} />
        <div className="actions">
          <button
            type="button"
            className="quiet"
            aria-expanded={alike}
            disabled={suggestion === null}
            onClick={() => setAlike(!alike)}
          >
            Look-alikes <kbd>B</kbd>
          </button>
          <label className="inline">
            <input
              type="checkbox"
              checked={oneKey.on}
              onChange={(event) => oneKey.turn(event.target.checked)}
            />
            One-key commands
          </label>
        </div>
        {alike && accepted !== undefined ? (
          <Alike
            who={who}
            productId={product.productId}
            attribute={attribute}
            value={said(accepted)}
            busy={queue.busy}
            accept={(ids) =>
              queue.answer(
                accepted,
                `${attribute}: ${said(accepted)}, accepted for ${ids.length + 1} products`,
                ids,
              )
            }
          />
        ) : null}
      </section>
      <ProductPanel product={product} item={item} />
    </div>
  );
}

function Choices({
  choices,
  suggestion,
  busy,
  choose,
}: {
  readonly choices: readonly string[];
  readonly suggestion: Item['suggestion'];
  readonly busy: boolean;
  readonly choose: (values: readonly string[]) => void;
}) {
  if (choices.length === 0) return null;
  const confidence = (value: string) =>
    suggestion?.alternatives.find((other) => String(other.value) === value)?.confidence ?? 0;
  return (
    <ol className="choices" aria-labelledby="change-heading">
      {choices.map((value, i) => (
        <li key={value}>
          <button type="button" className="quiet" disabled={busy} onClick={() => choose([value])}>
            <kbd>{i + 1}</kbd> <bdi>{value}</bdi>{' '}
            <span className="optional">{percent(confidence(value))}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function Other({
  field,
  busy,
  several,
  choose,
}: {
  readonly field: React.RefObject<HTMLInputElement | null>;
  readonly busy: boolean;
  readonly several: boolean;
  readonly choose: (values: readonly string[]) => void;
}) {
  const [text, setText] = useState('');
  const values = (several ? text.split(',') : [text]).map((value) => value.trim()).filter(Boolean);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (values.length > 0 && !busy) choose(values);
  };
  return (
    <form
      className="other"
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && field.current?.blur()}
    >
      <label htmlFor="other">
        Another value <kbd>C</kbd>
        {several ? <span className="optional"> (several with commas between)</span> : null}
      </label>
      <input
        id="other"
        ref={field}
        dir="auto"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" disabled={busy || values.length === 0}>
        Save
      </button>
    </form>
  );
}

function ProductPanel({ product, item }: { readonly product: ReviewProductAnswer; readonly item: Item }) {
  const texts = Object.fromEntries(
    Object.entries(product.fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const evidence = item.suggestion?.evidence ?? [];
  return (
    <section className="panel" aria-labelledby="product-heading">
      <h2 id="product-heading">
        <bdi>{product.productId}</bdi>
      </h2>
      <p className="note">
        {[product.category, product.supplier, product.locale].filter(Boolean).join(' · ')}
      </p>
      <Pictures pictures={product.pictures} />
      <MarkedTexts
        texts={texts}
        fields={Object.keys(texts)}
        said={[{ name: item.attribute, evidence }]}
        marks={new Map([[item.attribute, 1]])}
      />
    </section>
  );
}

/** What "accept" says; undefined where the model has nothing to accept. */
function acceptedOf(suggestion: Item['suggestion']): readonly string[] | undefined {
  if (suggestion === null) return undefined;
  if (suggestion.notApplicable) return [];
  return suggestion.value === null ? undefined : [suggestion.value].flat().map(String);
}

function choicesOf({ suggestion }: Item): readonly string[] {
  if (suggestion === null) return [];
  const suggested = [suggestion.value].flat().map(String);
  return suggestion.alternatives
    .map(({ value }) => String(value))
    .filter((value) => !suggested.includes(value))
    .slice(0, MOST_CHOICES);
}

const said = (values: readonly string[]) => (values.length === 0 ? 'not applicable' : values.join(', '));
