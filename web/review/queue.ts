/** One person's way through the queue: what they have before them, and what they can take back. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { AnsweredAnswer, ReviewProductAnswer, TakenAnswer } from '../../src/serving/api/reviews.ts';
import { ask } from '../service.ts';

export type Item = ReviewProductAnswer['items'][number];

/** What was said, so that it can be taken back and told. */
type Done = { readonly ids: readonly number[]; readonly productId: string; readonly words: string };

export type Queue = {
  readonly product: ReviewProductAnswer | undefined;
  /** The one to answer now; undefined where nothing waits. */
  readonly item: Item | undefined;
  readonly waiting: number;
  /** True until the first product is there, and while an answer is on its way. */
  readonly busy: boolean;
  readonly error: unknown;
  /** What was done last, in words. */
  readonly said: string;
  readonly canUndo: boolean;
  /** @param ids - products that get the same answer, beside the one that is shown */
  readonly answer: (values: readonly string[], words: string, ids?: readonly string[]) => void;
  readonly skip: () => void;
  readonly undo: () => void;
  readonly reload: () => void;
};

export function useQueue(who: string): Queue {
  const [taken, setTaken] = useState<TakenAnswer>();
  const [product, setProduct] = useState<ReviewProductAnswer>();
  const [busy, setBusy] = useState(true);
  const [error, setError] = useState<unknown>();
  const [said, setSaid] = useState('');
  const [done, setDone] = useState<readonly Done[]>([]);
  const working = useRef(false);

  const post = useCallback(
    <T>(action: string, body: object) =>
      ask<T>(`v1/reviews:${action}`, { method: 'POST', body: { who, ...body } }),
    [who],
  );
  /** One thing at a time: a key that is held down answers once. */
  const work = useCallback(async (step: () => Promise<void>) => {
    if (working.current) return;
    working.current = true;
    setBusy(true);
    try {
      await step();
      setError(undefined);
    } catch (failure) {
      setError(failure);
    } finally {
      working.current = false;
      setBusy(false);
    }
  }, []);
  const take = useCallback(
    async (productId?: string) => {
      // Those that this person has come first: the one at hand and the one that is asked for.
      const got = await post<TakenAnswer>('take', { limit: productId === undefined ? 1 : 2 });
      setTaken(got);
      setProduct(got.products.find((one) => one.productId === productId) ?? got.products[0]);
    },
    [post],
  );
  useEffect(() => {
    void work(take);
  }, [work, take]);

  const item = product?.items[0];
  return {
    product,
    item,
    waiting: taken?.waiting ?? 0,
    busy,
    error,
    said,
    canUndo: done.length > 0,
    answer: (values, words, ids = []) =>
      void work(async () => {
        const { productId } = product!;
        const { attribute } = item!;
        const unit = item!.suggestion?.unit ?? item!.inForce?.unit ?? null;
        const answers = [productId, ...ids].map((id) => ({ productId: id, attribute, values, unit }));
        const { ids: made } = await post<AnsweredAnswer>('answer', { answers });
        setDone((before) => [...before, { ids: made, productId, words }]);
        const left = product!.items.slice(1);
        if (left.length > 0) setProduct({ ...product!, items: left });
        else await take();
        setSaid(`${words}.`);
      }),
    skip: () =>
      void work(async () => {
        await post('skip', { productId: product!.productId });
        await take();
        setSaid('Skipped: others will see it.');
      }),
    undo: () =>
      void work(async () => {
        const last = done.at(-1);
        if (last === undefined) return;
        await post('undo', { ids: last.ids });
        setDone((before) => before.slice(0, -1));
        await take(last.productId);
        setSaid(`Taken back: ${last.words}.`);
      }),
    reload: () => void work(take),
  };
}
