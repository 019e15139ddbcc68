import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Bench, shirts } from './bench.ts';

export function vectorsSuite(bench: Bench): void {
  /** Points on a circle: the nearest to the first are its neighbours by number. */
  const circle = (count: number) =>
    shirts(count).map(({ id }, i) => ({
      productId: id,
      embedding: new Float32Array([Math.cos(i / 10), Math.sin(i / 10)]).map((x) => x * (i + 1)),
      contentHash: 'h',
    }));

  describe('vectors', () => {
    it('are found nearest first, however long they are', async () => {
      const { products, vectors } = bench.store;
      const space = randomUUID();
      await products.put(shirts(30));
      expect(await vectors.search(space, [1, 0])).toEqual([]);
      expect(await vectors.put(space, [...circle(30), { ...circle(1)[0]!, productId: 'no such' }])).toBe(30);
      const found = await vectors.search(space, [3, 0], 3);
      expect(found.map(({ productId }) => productId)).toEqual(['a-00', 'a-01', 'a-02']);
      expect(found[0]!.similarity).toBeCloseTo(1, 6);
      expect(found[2]!.similarity).toBeCloseTo(Math.cos(0.2), 6);
      await vectors.put(space, [{ productId: 'a-29', embedding: [1, 0.001], contentHash: 'h2' }]);
      expect((await vectors.search(space, [1, 0.001], 1))[0]!.productId).toBe('a-29');
      expect(await vectors.get(space, ['a-29', 'none'])).toEqual([
        { productId: 'a-29', embedding: [1, expect.closeTo(0.001, 6)], contentHash: 'h2' },
      ]);
      expect(await vectors.search(randomUUID(), [1, 0])).toEqual([]);
    });

    it('of more than one page are compared all', async () => {
      const { products, vectors } = bench.store;
      const space = randomUUID();
      const many = Array.from({ length: 1100 }, (_, i) => `b-${String(i).padStart(4, '0')}`);
      await products.put(many.map((id) => ({ id, fields: {} })));
      await vectors.put(
        space,
        many.map((productId, i) => ({ productId, embedding: [1, i], contentHash: 'h' })),
      );
      expect((await vectors.search(space, [0, 1], 2)).map(({ productId }) => productId)).toEqual([
        'b-1099',
        'b-1098',
      ]);
      expect((await vectors.search(space, [1, 0], 1)).map(({ productId }) => productId)).toEqual(['b-0000']);
    });

    it('with another width than their space, or that point nowhere, are refused, all of the call', async () => {
      const { products, vectors } = bench.store;
      const space = randomUUID();
      await products.put(shirts(2));
      const [good] = circle(1);
      for (const embedding of [
        [1, 2, 3],
        [0, 0],
        [Number.NaN, 1],
        [1e-60, 0],
      ]) {
        const bad = { productId: 'a-01', embedding, contentHash: 'h' };
        await expect(vectors.put(space, [good!, bad])).rejects.toMatchObject({ code: 'store/bad-value' });
        expect(await vectors.get(space, ['a-00', 'a-01'])).toEqual([]);
      }
      await vectors.put(space, [good!]);
      await expect(vectors.search(space, [1])).rejects.toMatchObject({ code: 'store/bad-value' });
    });

    it('say how they are searched, and are indexed where that can be', async () => {
      const { products, vectors } = bench.store;
      const space = `it's "${randomUUID()}"`;
      await products.put(shirts(30));
      await vectors.put(space, circle(30));
      const how = await vectors.how();
      if (bench.store.backend === 'pglite') expect(how).toBe('pgvector');
      expect(await vectors.index(space)).toBe(how === 'pgvector');
      expect(await vectors.index(space), 'made once').toBe(how === 'pgvector');
      expect((await vectors.search(space, [1, 0], 1))[0]!.productId).toBe('a-00');
    });
  });
}
