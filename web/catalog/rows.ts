/** Rows of the table, fetched a page at a time as they are scrolled to. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ProductPageAnswer, StoredProductAnswer } from '../../src/serving/api/records.ts';
import { ask } from '../service.ts';
import { queryOf } from './filter.ts';

export type Rows = {
  readonly products: readonly StoredProductAnswer[];
  /** Whether there are none after them. */
  readonly ended: boolean;
  readonly busy: boolean;
  readonly error: unknown;
  /** Fetches the next page, unless one is on its way or there is none. */
  readonly more: () => void;
};

type Shown = { readonly products: readonly StoredProductAnswer[]; readonly next: string | null | undefined };

const NONE: Shown = { products: [], next: undefined };

/** @param filter - as in the address; other rows are fetched when it changes */
export function useRows(filter: string): Rows {
  const [shown, setShown] = useState(NONE);
  const [busy, setBusy] = useState(true);
  const [error, setError] = useState<unknown>();
  const current = useRef<AbortController>(undefined);
  const load = useCallback(
    async (before: Shown) => {
      const gone = new AbortController();
      current.current = gone;
      setBusy(true);
      setError(undefined);
      try {
        const query = queryOf(new URLSearchParams(filter), before.next ?? undefined);
        const page = await ask<ProductPageAnswer>(`v1/products?${query}`, { signal: gone.signal });
        if (!gone.signal.aborted)
          setShown({ products: [...before.products, ...page.products], next: page.next });
      } catch (failure) {
        if (!gone.signal.aborted) setError(failure);
      } finally {
        if (!gone.signal.aborted) setBusy(false);
      }
    },
    [filter],
  );
  useEffect(() => {
    setShown(NONE);
    void load(NONE);
    return () => current.current?.abort();
  }, [load]);
  const ended = shown.next === null;
  return {
    products: shown.products,
    ended,
    busy,
    error,
    more: () => {
      if (!busy && !ended) void load(shown);
    },
  };
}
