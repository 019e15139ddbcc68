import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';

export function picturesSuite(bench: Bench): void {
  describe('small copies of pictures', () => {
    const product = (id: string, ...hashes: string[]) => ({
      id,
      fields: {},
      media: hashes.map((hash) => ({ field: 'photo', reference: `sha256:${hash}`, contentHash: hash })),
    });
    const copy = (productId: string, contentHash: string, byte = 1) => ({
      productId,
      contentHash,
      jpeg: Uint8Array.of(0, 255, byte),
    });
    const kept = async (...ids: string[]) =>
      (await bench.store.pictures.of(ids)).map(({ productId, contentHash }) => `${productId} ${contentHash}`);

    it('are of pictures that a product has, and go with it or when it has them no more', async () => {
      const { products, pictures } = bench.store;
      await products.put([product('a', 'h2', 'h1'), product('b', 'h1')]);
      expect(await pictures.missing(['a', 'none'])).toHaveLength(2);
      await pictures.keep([copy('a', 'h1'), copy('a', 'h2'), copy('b', 'h1'), copy('b', 'foreign')], 100);
      await pictures.keep([copy('a', 'h1', 9), copy('none', 'h1')], 100);
      expect(await pictures.of(['a', 'b'])).toEqual([
        { productId: 'a', contentHash: 'h2', field: 'photo' },
        { productId: 'a', contentHash: 'h1', field: 'photo' },
        { productId: 'b', contentHash: 'h1', field: 'photo' },
      ]);
      expect(await pictures.missing(['a', 'b'])).toEqual([]);
      expect([...(await pictures.get('h1'))!]).toEqual([0, 255, 1]);
      await products.put([product('a', 'h1', 'h3')]);
      expect(await kept('a')).toEqual(['a h1']);
      expect(await pictures.get('h2')).toBeUndefined();
      await products.remove(['a']);
      expect(await kept('a', 'b')).toEqual(['b h1']);
      await products.remove(['b']);
      expect(await pictures.get('h1')).toBeUndefined();
    });

    it('are so many at most, the newest', async () => {
      const { products, pictures } = bench.store;
      await products.put([product('a', 'h1', 'h2', 'h3', 'h4')]);
      for (const hash of ['h1', 'h2', 'h3', 'h4']) await pictures.keep([copy('a', hash)], 2);
      expect(await kept('a')).toEqual(['a h3', 'a h4']);
    });

    it('are no fewer because others went', async () => {
      const { products, pictures } = bench.store;
      await products.put([product('a', 'h1'), product('b', 'h2', 'h3')]);
      await pictures.keep([copy('a', 'h1'), copy('b', 'h2'), copy('b', 'h3')], 3);
      await products.put([product('b', 'h4', 'h5')]);
      await pictures.keep([copy('b', 'h4'), copy('b', 'h5')], 3);
      expect(await kept('a', 'b')).toEqual(['a h1', 'b h4', 'b h5']);
    });
  });
}
