/** Products that wait with the same suggestion, to be accepted together once they have been looked over. */
import { useCallback, useState } from 'react';
import type { AlikeAnswer } from '../../src/serving/api/reviews.ts';
import { useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';

export function Alike({
  who,
  productId,
  attribute,
  value,
  busy,
  accept,
}: {
  readonly who: string;
  readonly productId: string;
  readonly attribute: string;
  readonly value: string;
  readonly busy: boolean;
  readonly accept: (ids: readonly string[]) => void;
}) {
  const load = useCallback(
    (signal: AbortSignal) =>
      ask<AlikeAnswer>(`v1/reviews/alike?${new URLSearchParams({ who, productId, attribute })}`, { signal }),
    [who, productId, attribute],
  );
  const loaded = useLoaded(load);
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set());
  return (
    <Waiting loaded={loaded}>
      {({ products }) => {
        if (products.length === 0)
          return <p className="note">No other product waits with this suggestion.</p>;
        const chosen = products.map((one) => one.productId).filter((id) => !without.has(id));
        return (
          <fieldset className="alike">
            <legend>
              {products.length} more {products.length === 1 ? 'waits' : 'wait'} with {attribute}:{' '}
              <bdi>{value}</bdi>
            </legend>
            <ul>
              {products.map((one) => (
                <li key={one.productId}>
                  <label className="inline">
                    <input
                      type="checkbox"
                      checked={!without.has(one.productId)}
                      onChange={(event) => {
                        const next = new Set(without);
                        if (event.target.checked) next.delete(one.productId);
                        else next.add(one.productId);
                        setWithout(next);
                      }}
                    />
                    <span>
                      <bdi>{titleOf(one.fields) ?? one.productId}</bdi>
                      {one.category === null ? null : <span className="optional"> · {one.category}</span>}
                    </span>
                  </label>
                </li>
              ))}
            </ul>
            <button type="button" disabled={busy} onClick={() => accept(chosen)}>
              Accept for this and {chosen.length} more
            </button>
          </fieldset>
        );
      }}
    </Waiting>
  );
}

/** The first text of a product, which says most of what it is. */
function titleOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  const texts = Object.values(fields).filter(
    (value): value is string => typeof value === 'string' && value !== '',
  );
  return (typeof fields.title === 'string' && fields.title !== '' ? fields.title : texts[0])?.slice(0, 200);
}
