import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { color, sidesByKey, testCatalogs } from './with-catalog.ts';

const { pathOf, file, withCatalog, read } = testCatalogs();
const photo = { name: 'photo', columns: ['photo', 'more'], most: 3 };

describe('pictures, sounds and numbers', () => {
  it('are the cells of their columns; a product needs a text or one of them', async () => {
    const path = file(
      'media.csv',
      'title,photo,more,price,color\nCap,a.jpg,,"1,5 kg",Red\n,b.jpg,c.jpg,,Blue\nHat,,,7,\n,,,3,\n,,,,Red\n',
    );
    const spec = {
      paths: [path],
      media: [photo],
      table: [{ name: 'price', column: 'price' }],
      attributes: [color],
    };
    expect((await read(spec)).map(({ media, table }) => [media, table])).toEqual([
      [{ photo: ['a.jpg'] }, { price: '1,5 kg' }],
      [{ photo: ['b.jpg', 'c.jpg'] }, {}],
      [{ photo: [] }, { price: '7' }],
      [{ photo: [] }, { price: '3' }],
    ]);
    await withCatalog(spec, async ({ rejectCounts }) => expect(rejectCounts).toEqual({ 'empty-product': 1 }));
  });

  it('are bytes where a Parquet file has bytes, by themselves or in objects', async () => {
    const path = pathOf('bytes.parquet');
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(
      `COPY (SELECT '\\xFF\\xD8'::BLOB AS photo, {'bytes': '\\x01'::BLOB, 'path': 'a.jpg'} AS more) TO '${path}'`,
    );
    connection.closeSync();
    const [product] = await read({ paths: [path], media: [photo], texts: [] });
    expect(product!.media).toEqual({ photo: [Uint8Array.of(0xff, 0xd8), Uint8Array.of(1)] });
  });

  it('keep equal pictures of products without text on one side, in groups and without', async () => {
    const rows = Array.from({ length: 120 }, (_, i) => `p${i},g${i % 90},pictures/${i % 40}.jpg,`);
    const path = file('same.csv', `sku,parent,photo,more\n${rows.join('\n')}\n`);
    for (const group of [undefined, 'parent']) {
      const split = { by: 'hash', dev: 0.2, test: 0.3, seed: 1 } as const;
      await withCatalog(
        { paths: [path], id: 'sku', group, media: [photo], texts: [], split },
        async (catalog) => {
          const sides = await sidesByKey(catalog, ({ media }) => String(media!.photo));
          expect(sides.size).toBe(40);
          for (const [picture, on] of sides) expect([...on], picture).toHaveLength(1);
          expect(catalog.counts.test).toBeGreaterThan(5);
        },
      );
    }
  });
});
