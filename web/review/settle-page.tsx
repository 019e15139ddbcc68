/** What people said otherwise than others of the same product, to be settled by one more answer. */
import { useCallback, useState } from 'react';
import type { DisagreementsAnswer } from '../../src/serving/api/reviews.ts';
import { Failed, useLoaded, Waiting } from '../loaded.tsx';
import { addressOf } from '../route.ts';
import { ask } from '../service.ts';

type Disagreement = DisagreementsAnswer['disagreements'][number];
type Answer = Disagreement['answers'][number];

export function SettlePage({ who }: { readonly who: string }) {
  const load = useCallback(
    (signal: AbortSignal) => ask<DisagreementsAnswer>('v1/reviews/disagreements', { signal }),
    [],
  );
  const loaded = useLoaded(load);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const settle = async ({ productId, attribute }: Disagreement, { values, unit }: Answer) => {
    setBusy(true);
    try {
      await ask('v1/corrections', { method: 'POST', body: { productId, attribute, values, unit, who } });
      setError(undefined);
      setSaid(`${productId}: ${attribute} is ${inWords({ values, unit })} now.`);
      loaded.reload();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <h1>Where people disagree</h1>
      <p className="note">
        A disagreement is settled when two people say what is in force.{' '}
        <a href={addressOf('review')}>Review</a>
      </p>
      <p role="status" className="note said">
        {said}
      </p>
      {error === undefined ? null : <Failed error={error} />}
      <Waiting loaded={loaded}>
        {({ disagreements, next }) =>
          disagreements.length === 0 ? (
            <p className="panel">People agree on everything that two of them looked at.</p>
          ) : (
            <>
              <ul className="settle">
                {disagreements.map((one) => (
                  <li key={`${one.productId} ${one.attribute}`} className="panel">
                    <h2>
                      <a href={addressOf('catalog', [one.productId])}>
                        <bdi>{one.productId}</bdi>
                      </a>
                      : {one.attribute}
                    </h2>
                    <Answers
                      answers={one.answers}
                      who={who}
                      busy={busy}
                      choose={(answer) => void settle(one, answer)}
                    />
                  </li>
                ))}
              </ul>
              {next === null ? null : <p className="note">More are shown when some of these are settled.</p>}
            </>
          )
        }
      </Waiting>
    </>
  );
}

function Answers({
  answers,
  who,
  busy,
  choose,
}: {
  readonly answers: readonly Answer[];
  readonly who: string;
  readonly busy: boolean;
  readonly choose: (answer: Answer) => void;
}) {
  const mine = answers.find((answer) => answer.who === who);
  const values = new Map<string, Answer[]>();
  for (const answer of answers) values.set(inWords(answer), [...(values.get(inWords(answer)) ?? []), answer]);
  return (
    <ul className="choices">
      {[...values].map(([words, saying]) => (
        <li key={words}>
          <button
            type="button"
            className="quiet"
            disabled={busy || (mine !== undefined && saying.includes(mine))}
            onClick={() => choose(saying[0]!)}
          >
            <bdi>{words}</bdi>{' '}
            <span className="optional">
              said {saying.map((answer) => answer.who).join(', ')}
              {saying.includes(answers[0]!) ? ' · in force' : ''}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Several values in one order, whoever said them. */
function inWords({ values, unit }: Pick<Answer, 'values' | 'unit'>): string {
  if (values.length === 0) return 'not applicable';
  const text = values.toSorted().join(', ');
  return unit === null ? text : `${text} ${unit}`;
}
