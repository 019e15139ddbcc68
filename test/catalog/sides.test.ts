import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AttuneError } from '../../src/base/errors.ts';
import type { Product } from '../../src/catalog/product.ts';
import { all, sidesByKey, testCatalogs, title, word } from './with-catalog.ts';

const { pathOf, file, withCatalog, read } = testCatalogs();

describe('variants', () => {
  const split = { by: 'hash', dev: 0.3, test: 0.3, seed: 1 } as const;

  it('inherit the texts of their parent where their own are empty, the parent by name before the first', async () => {
    const path = file(
      'variants.csv',
      'sku,parent,title,text\nA-1,A,,\nA-2,A,Own title,\nA,,Parent,Long text\nB-1,B,First,\nB-2,B,,x\n',
    );
    const texts = [title, { name: 'text', columns: ['text'] }];
    const products = await read({
      paths: [path],
      id: 'sku',
      group: 'parent',
      texts,
      split: { ...split, dev: 0, test: 0 },
    });
    expect(products.map(({ id, group, texts: t }) => [id, group, t.title, t.text])).toEqual([
      ['A-1', 'A', 'Parent', 'Long text'],
      ['A-2', 'A', 'Own title', 'Long text'],
      ['A', 'A', 'Parent', 'Long text'],
      ['B-1', 'B', 'First', 'x'],
      ['B-2', 'B', 'First', 'x'],
    ]);
  });

  it('stay on the side of their parent', async () => {
    const rows = Array.from(
      { length: 300 },
      (_, i) => `v${i},p${i % 60},${word(i)} ${word(i + 7)} ${word(i * 13)}`,
    );
    const path = file('sides.csv', `sku,parent,title\n${rows.join('\n')}\n`);
    await withCatalog({ paths: [path], id: 'sku', group: 'parent', split }, async (catalog) => {
      const sides = await sidesByKey(catalog, ({ group }) => group!);
      expect(sides.size).toBe(60);
      for (const found of sides.values()) expect(found.size).toBe(1);
      expect(Math.min(...Object.values(catalog.counts))).toBeGreaterThan(30);
    });
  });
});

it('products that show one picture stay on one side, whatever the file is called; one that many show joins nobody', async () => {
  const names = Array.from({ length: 240 }, (_, i) => `${Math.floor(i / 3)}`);
  names.forEach((name, i) => {
    // Equally long, so that contents must be compared; every third is the file of the one before.
    if (i % 3 < 2) file(`shown-${i}.jpg`, `picture ${name.padStart(4, '0')}`);
  });
  file('none.jpg', 'picture none');
  const cells = names.map((_, i) => `shown-${i % 3 === 2 ? i - 1 : i}.jpg`);
  const rows = [...cells, ...Array(60).fill('none.jpg')].map(
    (photo, i) => `p${i},${names[i] ?? 'none'},${word(i)} ${word(i + 7)} ${word(i * 13)},${photo}`,
  );
  const path = file('shown.csv', `sku,shown,title,photo\n${rows.join('\n')}\n`);
  const media = [{ name: 'photo', columns: ['photo'], most: 1 }];
  const attributes = [{ name: 'shown', column: 'shown', kind: 'choice' }] as const;
  const split = { by: 'hash', dev: 0.3, test: 0.3, seed: 1 } as const;
  await withCatalog({ paths: [path], id: 'sku', media, attributes, split }, async (catalog) => {
    const shown = ({ media: files }: Product) => String(files!.photo![0]);
    const groupOf = (product: Product) =>
      shown(product) === 'none.jpg' ? 'none' : names[Number(/\d+/.exec(shown(product))![0])]!;
    const { none, ...others } = Object.fromEntries(await sidesByKey(catalog, groupOf));
    expect(Object.keys(others)).toHaveLength(80);
    for (const found of Object.values(others)) expect(found.size).toBe(1);
    expect(none!.size).toBe(3);
  });
});

describe('rejects', () => {
  it('name the encoding option when rows are not in their encoding', async () => {
    const path = file('bytes.csv', Buffer.concat([Buffer.from('title\na\nb\nc'), Buffer.from([0xff, 10])]));
    await withCatalog({ paths: [path] }, async (catalog) => {
      expect(catalog.rejectCounts).toEqual({ 'not-utf-8': 1 });
      expect(catalog.warnings.join()).toContain('`data.encoding`');
    });
  });

  it('tell file, row and reason, and are written to a file', async () => {
    const path = file('rejects.csv', 'sku,title\n1,a\n1,b\n,c\n2, \n3,d,e\n4,f\n');
    await withCatalog(
      { paths: [path], id: 'sku', split: { by: 'hash', dev: 0, test: 0, seed: 1 } },
      async (catalog) => {
        expect(catalog.rejectCounts).toEqual({
          'duplicate-id': 1,
          'missing-id': 1,
          'empty-product': 1,
          'ragged-row': 1,
        });
        expect(catalog.counts).toEqual({ train: 2, dev: 0, test: 0 });
        const out = pathOf('rejects.jsonl');
        expect(await catalog.writeRejects(out)).toBe(4);
        const written = readFileSync(out, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        expect(written.map(({ row, reason }) => [row, reason])).toEqual([
          [2, 'duplicate-id'],
          [3, 'missing-id'],
          [4, 'empty-product'],
          [5, 'ragged-row'],
        ]);
        expect(written[0]).toMatchObject({ file: path, detail: `id 1 is also row 1 of ${path}` });
        expect(written[3]).toMatchObject({ raw: '3,d,e', line: 6 });
      },
    );
  });

  it('say when nothing is left', async () => {
    const path = file('none.csv', 'sku,title\n1,\n2,\n');
    const error = await read({ paths: [path], split: { by: 'hash', dev: 0.1, test: 0.1, seed: 1 } }).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: 'catalog/no-products' });
    expect((error as AttuneError).message).toContain('2 times every input of the product is empty');
  });
});

describe('splits', () => {
  const titles = Array.from(
    { length: 400 },
    (_, i) => `${word(i)} ${word(3 * i + 1)} ${word(i * i)} ${word(i + 500)}`,
  );

  it('keep a product on its side when others come, and deal otherwise with another seed', async () => {
    const rows = titles.map((text, i) => `k${i},${text}`);
    const small = file('small.csv', `sku,title\n${rows.slice(0, 300).join('\n')}\n`);
    const large = file('large.csv', `sku,title\n${rows.reverse().join('\n')}\n`);
    const sidesOf = (path: string, seed: number) =>
      withCatalog(
        { paths: [path], id: 'sku', split: { by: 'hash', dev: 0.2, test: 0.2, seed } },
        async (catalog) => {
          const sides = await sidesByKey(catalog, ({ id }) => id);
          return new Map([...sides].map(([id, side]) => [id, [...side].join()]));
        },
      );
    const before = await sidesOf(small, 1);
    const after = await sidesOf(large, 1);
    expect(after.size).toBe(400);
    for (const [id, side] of before) expect(after.get(id)).toBe(side);
    const other = await sidesOf(small, 2);
    expect([...before].filter(([id, side]) => other.get(id) !== side).length).toBeGreaterThan(60);
  });

  it('never put copies or near-copies on two sides', async () => {
    const copies = titles
      .slice(0, 200)
      .flatMap((text, i) => [
        `a${i},${i},"${text}"`,
        `b${i},${i},"${text.toUpperCase().replaceAll(' ', '  ')}!"`,
        `c${i},${i},"New: ${text}"`,
      ]);
    const path = file('copies.csv', `sku,n,title\n${copies.join('\n')}\n`);
    const spec = {
      paths: [path],
      id: 'sku',
      category: 'n',
      split: { by: 'hash', dev: 0.25, test: 0.25, seed: 1 },
    } as const;
    await withCatalog(spec, async (catalog) => {
      const sides = await sidesByKey(catalog, ({ category }) => category!);
      expect([...sides.values()].filter((found) => found.size > 1)).toEqual([]);
      expect(catalog.duplicates).toEqual({ copies: 200, nearCopies: 200, cut: 0 });
      expect(Math.min(...Object.values(catalog.counts))).toBeGreaterThan(60);
    });
  });

  it('by time put the latest into test, in many ways to write a date', async () => {
    const dates = [
      '2024-03-01',
      '31.01.2024',
      '02/15/2024',
      '2023',
      '2024-06-01T10:00:00Z',
      '',
      '1700000000',
      '20240301',
    ];
    const path = file(
      'time.csv',
      `sku,title,at\n${dates.map((at, i) => `${i},${titles[i]},${at}`).join('\n')}\n`,
    );
    await withCatalog(
      { paths: [path], id: 'sku', time: 'at', split: { by: 'time', dev: 0.25, test: 0.125 } },
      async (catalog) => {
        expect((await all(catalog, ['test'])).map(({ id }) => id)).toEqual(['4']);
        expect((await all(catalog, ['dev'])).map(({ id }) => id)).toEqual(['0', '7']);
        expect(catalog.counts.train).toBe(5);
        expect(catalog.warnings.join()).toContain(
          'without a time that can be read, which are on the train side: 1.',
        );
      },
    );
  });

  it('by column read the names of sides, set others aside, and keep copies of test out of train', async () => {
    const rows = ['train', 'Validation', 'TEST', 'later', 'train', 'train'].map(
      (side, i) => `${i},${titles[i]},${side}`,
    );
    rows.push(`6,${titles[2]},train`);
    const path = file('sided.csv', `sku,title,part\n${rows.join('\n')}\n`);
    await withCatalog(
      { paths: [path], id: 'sku', split: { by: 'column', column: 'part' } },
      async (catalog) => {
        expect(catalog.counts).toEqual({ train: 3, dev: 1, test: 1 });
        expect(catalog.rejectCounts).toEqual({ 'copy-on-other-side': 1, 'unknown-side': 1 });
      },
    );
  });

  it('by given files, dealing a side without a file by hash', async () => {
    const part = (from: number, to: number) =>
      `sku,title\n${titles
        .slice(from, to)
        .map((text, i) => `${from + i},${text}`)
        .join('\n')}\n`;
    const train = file('train.csv', part(0, 200));
    const test = file('test.csv', part(200, 250));
    const split = { by: 'files', devPaths: [], testPaths: [test], dev: 0.2, test: 0.2, seed: 1 } as const;
    await withCatalog({ paths: [train], id: 'sku', split }, async (catalog) => {
      expect(catalog.counts.test).toBe(50);
      expect(catalog.counts.dev).toBeGreaterThan(20);
      expect(catalog.counts.train + catalog.counts.dev).toBe(200);
    });
  });
});

describe('streams', () => {
  const rows = Array.from({ length: 5000 }, (_, i) => `${i},${word(i)} ${word(i * 7)}`);

  it('shuffle by seed without losing a product', async () => {
    const path = file('shuffle.csv', `sku,title\n${rows.join('\n')}\n`);
    await withCatalog({ paths: [path], id: 'sku' }, async (catalog) => {
      const ids = async (seed: number) => {
        const found: string[] = [];
        for await (const batch of catalog.products({ order: 'shuffled', seed })) {
          expect(batch.length).toBeLessThanOrEqual(1000);
          found.push(...batch.map(({ id }) => id as string));
        }
        return found;
      };
      const first = await ids(1);
      expect(await ids(1)).toEqual(first);
      expect(await ids(2)).not.toEqual(first);
      expect(first.slice(0, 100)).not.toEqual((await all(catalog)).slice(0, 100).map(({ id }) => id));
      expect([...first].sort((a, b) => Number(a) - Number(b))).toEqual(rows.map((_, i) => String(i)));
    });
  });

  it('go on from a row', async () => {
    const path = file('resume.csv', `sku,title\n${rows.join('\n')}\n5000,\n`);
    await withCatalog({ paths: [path], id: 'sku' }, async (catalog) => {
      const found = [];
      for await (const batch of catalog.rows(4990)) found.push(...batch);
      expect(found.map(({ index }) => index)).toEqual(Array.from({ length: 11 }, (_, i) => 4990 + i));
      expect(found[0]!.own).toEqual({ sku: '4990', title: `${word(4990)} ${word(4990 * 7)}` });
      expect(found[0]!.product!.id).toBe('4990');
      expect(found.at(-1)!.product).toBeUndefined();
    });
  });
});
