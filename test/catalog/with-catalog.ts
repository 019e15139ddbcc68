/** Catalogs of a test, in a folder that goes with it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type Catalog, openCatalog } from '../../src/catalog/catalog.ts';
import type { Product, SplitSide } from '../../src/catalog/product.ts';
import type { CatalogSpec } from '../../src/catalog/spec.ts';

type Asked = Partial<CatalogSpec> & Pick<CatalogSpec, 'paths'>;

/** A folder for the tests of a file, and what fills and reads it. */
export function testCatalogs() {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'attune-catalog-test-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const pathOf = (name: string) => join(folder, name);

  /** Writes a file and gives its path. */
  function file(name: string, content: string | Uint8Array): string {
    writeFileSync(pathOf(name), content);
    return pathOf(name);
  }

  /** Opens a catalog with a title and nothing else, unless asked otherwise. */
  async function withCatalog<T>(spec: Asked, use: (catalog: Catalog) => Promise<T>): Promise<T> {
    const catalog = await openCatalog({
      layout: 'auto',
      texts: [title],
      attributes: [],
      threads: 1,
      scratch: pathOf('scratch'),
      ...spec,
    });
    try {
      return await use(catalog);
    } finally {
      catalog.close();
    }
  }

  const read = (spec: Asked): Promise<Product[]> => withCatalog(spec, (catalog) => all(catalog));

  return { pathOf, file, withCatalog, read };
}

export const title = { name: 'title', columns: ['title'] };
export const color = { name: 'color', column: 'color', kind: 'choice' } as const;

/** Every product, in file order. */
export async function all(catalog: Catalog, sides?: SplitSide[]): Promise<Product[]> {
  const products: Product[] = [];
  for await (const batch of catalog.products(sides === undefined ? {} : { sides })) products.push(...batch);
  return products;
}

/** The sides on which products with one key are. */
export async function sidesByKey(
  catalog: Catalog,
  key: (product: Product) => string,
): Promise<Map<string, Set<string>>> {
  const sides = new Map<string, Set<string>>();
  for (const side of ['train', 'dev', 'test'] as const) {
    for (const product of await all(catalog, [side])) {
      sides.set(key(product), (sides.get(key(product)) ?? new Set()).add(side));
    }
  }
  return sides;
}

/** A word that looks like no other. */
export function word(i: number): string {
  let text = '';
  for (let n = Math.imul(i + 11, 0x9e3779b1) >>> 0; n > 0; n = Math.floor(n / 23)) {
    text += 'bcdfghjklmnpqrstvwxyzae'[n % 23];
  }
  return text;
}

export const jsonLines = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n');
export const value = (...values: string[]) => ({ state: 'value', values });
export const notApplicable = { state: 'not-applicable' };
