import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bench, predicted, shirts } from './bench.ts';

export function valuesSuite(bench: Bench): void {
  const write = (values: readonly string[], productId = 'a-00') => ({
    productId,
    attribute: 'color',
    values,
  });

  describe('values in force', () => {
    it('of a supplier are replaced by the supplier, and say what changed', async () => {
      const { products, values } = bench.store;
      await products.put(shirts(1));
      expect(await values.fromSupplier([write(['Red']), write(['Blue'], 'not there')])).toEqual({
        written: 1,
        unchanged: 0,
        kept: 0,
        unknown: 1,
      });
      expect(await values.fromSupplier([write(['Red'])])).toMatchObject({ written: 0, unchanged: 1 });
      expect(await values.fromSupplier([write(['Blue', 'Green'])])).toMatchObject({ written: 1 });
      expect(await values.of(['a-00'])).toMatchObject([
        { attribute: 'color', values: ['Blue', 'Green'], provenance: 'supplier', trains: true, who: null },
      ]);
    });

    it('of a person are created, changed, and never overwritten by a supplier or a model', async () => {
      const { products, values, predictions } = bench.store;
      await products.put(shirts(2));
      await values.fromSupplier([write(['Red'])]);
      const before = await values.fromPerson({ ...write(['Blue']), who: 'ann' });
      expect(before).toMatchObject({ values: ['Red'], provenance: 'supplier' });
      await values.fromPerson({ ...write(['Blue'], 'a-01'), who: 'ann' });
      expect(await values.fromSupplier([write(['Green']), write(['Green'], 'a-01')])).toMatchObject({
        kept: 2,
      });
      await predictions.record([
        predicted('a-00', { value: 'Green' }),
        predicted('a-01', { value: 'Green' }),
      ]);
      expect(await values.of(['a-00', 'a-01'])).toMatchObject([
        { values: ['Blue'], provenance: 'person-changed', who: 'ann', trains: true },
        { values: ['Blue'], provenance: 'person-created', who: 'ann', trains: true },
      ]);
    });

    it('of a model follow its current prediction, train nothing, and do once a person agrees', async () => {
      const { products, values, predictions } = bench.store;
      await products.put(shirts(1));
      await predictions.record([predicted('a-00', { value: ['Red', 'Blue'] })]);
      expect(await values.of(['a-00'])).toMatchObject([
        { values: ['Red', 'Blue'], provenance: 'model', model: 'attune-model', version: '1', trains: false },
      ]);
      await predictions.record([predicted('a-00', { value: 'Red', status: 'review', confidence: 0.5 })]);
      expect(await values.of(['a-00'])).toEqual([]);
      await predictions.record([predicted('a-00', { value: 12.5, unit: 'g', version: '2' })]);
      expect(await values.of(['a-00'])).toMatchObject([{ values: ['12.5'], unit: 'g', version: '2' }]);
      await predictions.record([predicted('a-00', { value: null, notApplicable: true, version: '3' })]);
      expect(await values.of(['a-00'])).toMatchObject([{ values: [], trains: false }]);
      await values.fromPerson({ ...write([]), who: 'ann' });
      expect(await values.of(['a-00'])).toMatchObject([
        { values: [], provenance: 'person-created', trains: true },
      ]);
    });

    it('of a product that is not there cannot be set by a person', async () => {
      await expect(bench.store.values.fromPerson({ ...write(['Red']), who: 'ann' })).rejects.toMatchObject({
        code: 'store/not-found',
      });
    });

    it('after any sequence of writes are the last that was allowed', async () => {
      const step = fc.record({
        by: fc.constantFrom('supplier' as const, 'person' as const, 'model' as const),
        value: fc.constantFrom('Red', 'Blue'),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
          const { products, values, predictions } = bench.store;
          await products.remove(['a-00']);
          await products.put(shirts(1));
          let expected: { by: string; value: string } | undefined;
          for (const { by, value } of steps) {
            if (by === 'supplier') await values.fromSupplier([write([value])]);
            else if (by === 'person') await values.fromPerson({ ...write([value]), who: 'ann' });
            else await predictions.record([predicted('a-00', { value })]);
            const allowed =
              by === 'person' ||
              expected === undefined ||
              (expected.by === 'supplier' ? by === 'supplier' : expected.by === 'model');
            if (allowed) expected = { by, value };
          }
          const [found] = await values.of(['a-00']);
          expect(found?.values[0]).toBe(expected?.value);
          expect(found?.provenance.split('-')[0]).toBe(expected?.by);
        }),
        { numRuns: 20 },
      );
    });
  });
}
