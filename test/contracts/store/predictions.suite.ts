import { describe, expect, it } from 'vitest';
import { type Bench, predicted, shirts } from './bench.ts';

export function predictionsSuite(bench: Bench): void {
  describe('predictions', () => {
    it('come back as they were recorded', async () => {
      const { products, predictions } = bench.store;
      await products.put(shirts(1));
      const list = [
        predicted('a-00', {
          attribute: 'brand',
          value: ['12', 'true'],
          evidence: [{ field: 'title', start: 0, end: 5, text: 'Shirt' }],
          alternatives: [{ value: '12', confidence: 0.1 }],
        }),
        predicted('a-00', { attribute: 'code', value: '12' }),
        predicted('a-00', { attribute: 'weight', value: 12, unit: 'g', source: 'rule weight-of-shirts' }),
        predicted('a-00', { attribute: 'width', value: null, notApplicable: true, confidence: 1 }),
      ];
      expect(await predictions.record(list)).toEqual({ recorded: 4, unchanged: 0, stale: 0, unknown: 0 });
      const found = await predictions.of(['a-00']);
      expect(found).toMatchObject(list);
      expect(found.map(({ value }) => value)).toEqual([['12', 'true'], '12', 12, null]);
    });

    it('are current once, and those before are history, latest first', async () => {
      const { products, predictions } = bench.store;
      await products.put(shirts(1));
      for (const version of ['1', '2', '3']) await predictions.record([predicted('a-00', { version })]);
      expect(await predictions.of(['a-00'])).toMatchObject([{ version: '3' }]);
      const past = await predictions.history('a-00');
      expect(past).toMatchObject([
        { version: '2', shadow: false },
        { version: '1', shadow: false },
      ]);
      expect(await predictions.history('a-00', { before: past[0]!.id, attribute: 'color' })).toMatchObject([
        { version: '1' },
      ]);
    });

    it('recorded twice are one, and of a product as it no longer is are none', async () => {
      const { products, predictions } = bench.store;
      await products.put(shirts(1));
      const [{ contentHash } = { contentHash: '' }] = await products.get(['a-00']);
      const write = predicted('a-00', { contentHash });
      await predictions.record([write]);
      expect(await predictions.record([write])).toEqual({ recorded: 0, unchanged: 1, stale: 0, unknown: 0 });
      expect(await predictions.history('a-00')).toEqual([]);
      await products.put([{ id: 'a-00', fields: { title: 'Changed' } }]);
      expect(
        await predictions.record([predicted('a-00', { contentHash, value: 'Blue' }), predicted('no such')]),
      ).toEqual({
        recorded: 0,
        unchanged: 0,
        stale: 1,
        unknown: 1,
      });
      expect(await predictions.of(['a-00'])).toMatchObject([{ value: 'Red' }]);
    });

    it('of a shadow stand in the history alone', async () => {
      const { products, predictions, reviews } = bench.store;
      await products.put(shirts(1));
      await predictions.record([predicted('a-00')]);
      await predictions.recordShadow([
        predicted('a-00', { version: '2', status: 'review' }),
        predicted('no such'),
      ]);
      expect(await predictions.of(['a-00'])).toMatchObject([{ version: '1' }]);
      expect(await predictions.history('a-00')).toMatchObject([{ version: '2', shadow: true }]);
      expect(await reviews.queue()).toEqual([]);
    });

    it('with a confidence outside of 0 to 1 are refused, all of the call', async () => {
      const { products, predictions } = bench.store;
      await products.put(shirts(2));
      await expect(
        predictions.record([predicted('a-00'), predicted('a-01', { confidence: 1.5 })]),
      ).rejects.toMatchObject({ code: 'store/bad-value' });
      expect(await predictions.of(['a-00', 'a-01'])).toEqual([]);
    });

    it('are paged least sure first, with equal confidences in the order of the ids', async () => {
      const { products, predictions } = bench.store;
      await products.put(shirts(9));
      await predictions.record(
        shirts(9).map(({ id }, i) =>
          predicted(id, { confidence: [0.1, 0.3, 0.2][i % 3]!, status: 'review' }),
        ),
      );
      await predictions.record([predicted('a-08', { attribute: 'size', confidence: 0 })]);
      const seen: string[] = [];
      let after: Awaited<ReturnType<typeof predictions.page>>['next'];
      do {
        const page = await predictions.page({ attribute: 'color', status: ['review'], limit: 2, after });
        seen.push(...page.predictions.map(({ productId }) => productId));
        after = page.next;
      } while (after !== undefined);
      expect(seen).toEqual([0, 3, 6, 2, 5, 8, 1, 4, 7].map((i) => `a-0${i}`));
      expect(await predictions.counts('color')).toEqual([
        { attribute: 'color', status: 'review', model: 'attune-model', version: '1', predictions: 9 },
      ]);
    });

    it('recorded by many at once leave exactly one current, and lose none', async () => {
      const { products, predictions } = bench.store;
      await products.put(shirts(10));
      await Promise.all(
        Array.from({ length: 8 }, (_, writer) =>
          predictions.record(
            shirts(10)
              .sort(() => (writer % 2 === 0 ? 1 : -1))
              .map(({ id }) => predicted(id, { version: `${writer}` })),
          ),
        ),
      );
      const ids = shirts(10).map(({ id }) => id);
      expect(await predictions.of(ids)).toHaveLength(10);
      for (const id of ids) {
        const versions = [...(await predictions.of([id])), ...(await predictions.history(id))].map(
          (p) => p.version,
        );
        expect(versions.sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
      }
    });
  });

  describe('several calls as one', () => {
    it('happen all or not at all', async () => {
      const { store } = bench;
      const failing = store.atomically(async (inside) => {
        await inside.products.put(shirts(1));
        await inside.predictions.record([predicted('a-00')]);
        await inside.values.fromPerson({ productId: 'no such', attribute: 'color', values: [], who: 'ann' });
      });
      await expect(failing).rejects.toMatchObject({ code: 'store/not-found' });
      expect(await store.products.count()).toBe(0);
      const made = await store.atomically(async (inside) => {
        await inside.products.put(shirts(1));
        return inside.predictions.record([predicted('a-00')]);
      });
      expect(made.recorded).toBe(1);
      expect(await store.predictions.of(['a-00'])).toHaveLength(1);
    });
  });
}
