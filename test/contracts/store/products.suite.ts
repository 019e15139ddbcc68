import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProductFilter } from '../../../src/store/product-filter.ts';
import { contentHash } from '../../../src/store/products.ts';
import { type Bench, emptied, predicted, shirts } from './bench.ts';

export function productsSuite(bench: Bench): void {
  const idsOf = (list: readonly { readonly id: string }[]) => list.map(({ id }) => id);

  describe('products', () => {
    it('come back as they were put, with their media in order', async () => {
      const product = {
        id: 'SKU 1/ü',
        supplier: 'Acme',
        category: 'Shirts',
        locale: 'de-DE',
        fields: { title: 'Hemd "blau" \\ 日本', price: 12.5, tags: ['a', 'b'], nothing: null, code: '12' },
        media: [
          { field: 'photo', reference: 'b.jpg', contentHash: 'ff' },
          { field: 'photo', reference: 'a.jpg' },
        ],
      };
      expect(await bench.store.products.put([product])).toEqual({ created: 1, changed: 0, unchanged: 0 });
      const [found] = await bench.store.products.get(['SKU 1/ü', 'not there']);
      expect(found).toMatchObject({
        ...product,
        contentHash: contentHash(product),
        media: [
          { field: 'photo', reference: 'b.jpg', contentHash: 'ff' },
          { field: 'photo', reference: 'a.jpg', contentHash: null },
        ],
      });
      expect(found!.created).toBeInstanceOf(Date);
      expect(found!.fields).toEqual(product.fields);
    });

    it('count as changed only when something of them did, and keep the time at which it did', async () => {
      const { products } = bench.store;
      await products.put(shirts(2));
      const before = await products.get(['a-00', 'a-01']);
      bench.pass(60);
      const again = shirts(2).map((shirt, i) => ({
        ...shirt,
        fields: i === 0 ? shirt.fields : { title: 'Another title' },
      }));
      expect(await products.put(again)).toEqual({ created: 0, changed: 1, unchanged: 1 });
      const after = await products.get(['a-00', 'a-01']);
      expect(after[0]).toEqual(before[0]);
      expect(after[1]!.updated.getTime() - before[1]!.updated.getTime()).toBe(60_000);
      expect(after[1]!.created).toEqual(before[1]!.created);
      expect(await products.put([{ ...again[0]!, supplier: 'Other' }])).toMatchObject({ changed: 1 });
      expect(
        await products.put([
          { ...again[0]!, supplier: 'Other', media: [{ field: 'photo', reference: 'x' }] },
        ]),
      ).toMatchObject({
        changed: 1,
      });
      expect((await products.get(['a-00']))[0]!.media).toHaveLength(1);
    });

    it('are added where there is none of their id, and left alone where there is', async () => {
      const { products } = bench.store;
      await products.put(shirts(1));
      const before = await products.get(['a-00']);
      bench.pass(60);
      const media = [{ field: 'photo', reference: 'x' }];
      const added = shirts(3).map((shirt) => ({ ...shirt, category: 'Hats', media }));
      expect(await products.add([...added, added[2]!])).toBe(2);
      expect(await products.get(['a-00'])).toEqual(before);
      expect(await products.get(['a-02'])).toMatchObject([{ category: 'Hats', media }]);
    });

    it('of several with one id the last counts', async () => {
      const [shirt] = shirts(1);
      const put = await bench.store.products.put([shirt!, { ...shirt!, category: 'Hats' }]);
      expect(put).toEqual({ created: 1, changed: 0, unchanged: 0 });
      expect((await bench.store.products.get(['a-00']))[0]!.category).toBe('Hats');
    });

    it('with a text that no database keeps are refused, all of the call, and say why', async () => {
      const bad = { id: 'bad', fields: { title: 'a\u0000b' } };
      await expect(bench.store.products.put([...shirts(1), bad])).rejects.toMatchObject({
        code: 'store/bad-value',
      });
      expect(await bench.store.products.count()).toBe(0);
    });

    it('are paged by id without gaps or repeats, whatever the size of the page', async () => {
      const { products } = bench.store;
      await products.put(shirts(23));
      for (const limit of [1, 5, 22, 23, 24]) {
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await products.page({ after, limit });
          seen.push(...idsOf(page.products));
          after = page.next;
        } while (after !== undefined);
        expect(seen).toEqual(idsOf(shirts(23)));
      }
    });

    it('are found by supplier, category, value, provenance, status and confidence, and by all together', async () => {
      const { products, values, predictions } = bench.store;
      await products.put(shirts(12));
      await products.put([{ id: 'bare', fields: {} }]);
      await values.fromSupplier([
        { productId: 'a-00', attribute: 'color', values: ['Red', 'Blue'] },
        { productId: 'a-01', attribute: 'color', values: [] },
      ]);
      await values.fromPerson({ productId: 'a-02', attribute: 'color', values: ['Red'], who: 'ann' });
      await predictions.record([
        predicted('a-03'),
        predicted('a-04', { status: 'review', confidence: 0.4 }),
        predicted('a-06', { status: 'review', confidence: 0.6, version: '2' }),
      ]);
      const found = async (filter: ProductFilter) => {
        const page = await products.page({ filter, limit: 100 });
        expect(await products.count(filter)).toBe(page.products.length);
        return idsOf(page.products);
      };
      const color = (other: object) => found({ attributes: [{ attribute: 'color', ...other }] });
      expect(await found({ supplier: 'Acme', category: 'Shirts' })).toEqual(['a-00', 'a-06']);
      expect(await found({ supplier: null })).toEqual(['bare']);
      expect(await color({ value: 'Red' })).toEqual(['a-00', 'a-02', 'a-03']);
      expect(await color({ value: 'Blue' })).toEqual(['a-00']);
      expect(await color({ value: null })).toEqual(['a-01']);
      expect(await color({ value: 'Red', provenance: ['person-created', 'model'] })).toEqual([
        'a-02',
        'a-03',
      ]);
      expect(await color({ missing: true })).toHaveLength(9);
      expect(await color({ missing: false })).toHaveLength(4);
      expect(await color({ status: ['review'] })).toEqual(['a-04', 'a-06']);
      expect(await color({ confidence: { min: 0.6 } })).toEqual(['a-03', 'a-06']);
      expect(await color({ confidence: { min: 0.4, max: 0.6 } })).toEqual(['a-04', 'a-06']);
      expect(await color({ model: { name: 'attune-model', version: '2' } })).toEqual(['a-06']);
      expect(
        await found({
          category: 'Shirts',
          attributes: [{ attribute: 'color', status: ['review', 'auto'], missing: true }],
        }),
      ).toEqual(['a-06']);
    });

    it('take everything with them that hangs on them', async () => {
      const { products, values, predictions, reviews } = bench.store;
      await products.put(shirts(2));
      await values.fromSupplier([{ productId: 'a-00', attribute: 'size', values: ['M'] }]);
      await predictions.record([
        predicted('a-00', { status: 'review' }),
        predicted('a-01', { status: 'review' }),
      ]);
      expect(await products.remove(['a-00', 'not there'])).toBe(1);
      expect(await values.of(['a-00'])).toEqual([]);
      expect(await predictions.of(['a-00', 'a-01'])).toHaveLength(1);
      expect((await reviews.queue()).map(({ productId }) => productId)).toEqual(['a-01']);
    });

    it('are grouped by supplier, the largest first', async () => {
      await bench.store.products.put([...shirts(3), { id: 'bare', fields: {} }]);
      expect(await bench.store.products.groups('supplier')).toEqual([
        { name: 'Acme', products: 2 },
        { name: 'Bolt', products: 1 },
        { name: null, products: 1 },
      ]);
    });

    it('keep any field that is JSON, to the letter', async () => {
      const text = fc.string({ unit: 'grapheme' }).map((s) => s.replaceAll('\u0000', ''));
      const json = fc.letrec((tie) => ({
        value: fc.oneof(
          { depthSize: 'small' },
          text,
          fc.integer(),
          fc.boolean(),
          fc.constant(null),
          fc.array(tie('value'), { maxLength: 3 }),
          fc.dictionary(text, tie('value'), { maxKeys: 3, noNullPrototype: true }),
        ),
      })).value;
      await fc.assert(
        fc.asyncProperty(fc.dictionary(text, json, { maxKeys: 4, noNullPrototype: true }), async (fields) => {
          await bench.store.products.put([{ id: 'any', fields }]);
          const [found] = await bench.store.products.get(['any']);
          expect(found!.fields).toEqual(fields);
          expect(await bench.store.products.put([{ id: 'any', fields: found!.fields }])).toMatchObject({
            unchanged: 1,
          });
          await emptied(bench.store);
        }),
        { numRuns: 25 },
      );
    });
  });
}
