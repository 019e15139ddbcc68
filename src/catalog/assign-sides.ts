/**
 * Deals the products of the table `items` to the sides and keeps the outcome in the table `sides`.
 */
import { hashString } from '../base/random.ts';
import { joinComponents, Pairs } from './components.ts';
import { findDuplicates, SKETCHED_CHARACTERS } from './duplicates.ts';
import { comparedTextsSql, type TextsSql } from './items.ts';
import { SPLIT_SIDES } from './product.ts';
import { findSharedMedia } from './shared-media.ts';
import type { Source } from './source.ts';
import type { CatalogSpec, SplitSpec } from './spec.ts';
import { NO_SIDE, sideNamed, splitAsGiven, splitByHash, splitByTime } from './split.ts';

/** What was found out about copies. */
export type DuplicateCounts = {
  /** Products whose text an earlier product has, but for case, punctuation and spaces. */
  readonly copies: number;
  /** Products that are on the side of another because their texts are nearly the same, or they show the same picture. */
  readonly nearCopies: number;
  /** Products in chains of near-copies so long that only the nearest of them were kept together. */
  readonly cut: number;
};

export type Assignment = { readonly sides: Int8Array; readonly duplicates: DuplicateCounts };

/** Near-copies keep at most this share of the products together, and this many in any case. */
const CAP_SHARE = 0.02;
const SMALLEST_CAP = 25;

/** One entry an item, in item order. */
type ItemArrays = {
  readonly keys: { readonly a: Uint32Array; readonly b: Uint32Array };
  readonly times: Float64Array;
  /** Side by file or column. */
  readonly given: Int8Array;
  readonly usable: Uint8Array;
};

export async function assignSides(
  source: Source,
  table: string,
  texts: TextsSql,
  spec: CatalogSpec,
): Promise<Assignment> {
  const [row] = await source.query('SELECT count(*)::INTEGER AS n FROM items');
  const count = Number(row!.n);
  if (spec.split === undefined) {
    const sides = new Int8Array(count);
    const unusable = source.stream('SELECT item FROM items WHERE reason IS NOT NULL');
    for await (const rows of unusable) for (const { item } of rows) sides[Number(item)] = NO_SIDE;
    await storeSides(source, sides);
    return { sides, duplicates: { copies: 0, nearCopies: 0, cut: 0 } };
  }
  const arrays = await readItems(source, count, spec.split);
  const { same, near } = await findDuplicates(
    source,
    comparedTextsSql(table, texts, SKETCHED_CHARACTERS),
    spec.progress,
  );
  const copies = same.count;
  const grouped = source.stream(`SELECT i.item, g.first FROM items i JOIN (
      SELECT grp, min(item) AS first FROM items WHERE grp IS NOT NULL AND reason IS NULL GROUP BY grp HAVING count(*) > 1
    ) g ON g.grp = i.grp WHERE i.reason IS NULL AND i.item <> g.first`);
  for await (const rows of grouped)
    for (const { item, first } of rows) same.add(Number(item), Number(first), 1);
  const cap = Math.max(SMALLEST_CAP, Math.floor(CAP_SHARE * count));
  (await findSharedMedia(source, table, texts.media, cap)).forEach((a, b, similarity) => {
    near.add(a, b, similarity);
  });
  const { roots, cut } = joinComponents(count, same, near, cap);
  const nearCopies = countJoined(roots) - countJoined(joinComponents(count, same, new Pairs(), count).roots);
  for (let item = 0; item < count; item++) if (arrays.usable[item] === 0) roots[item] = NO_SIDE;
  const sides = await deal(source, roots, arrays, spec.split);
  await storeSides(source, sides);
  return { sides, duplicates: { copies, nearCopies, cut } };
}

/** Items that are not the first of their component. */
function countJoined(roots: Int32Array): number {
  return roots.reduce((sum, root, item) => sum + (root === item ? 0 : 1), 0);
}

async function readItems(source: Source, count: number, split: SplitSpec): Promise<ItemArrays> {
  const arrays: ItemArrays = {
    keys: { a: new Uint32Array(count), b: new Uint32Array(count) },
    times: new Float64Array(count).fill(Number.NaN),
    given: new Int8Array(count).fill(NO_SIDE),
    usable: new Uint8Array(count),
  };
  const fileSides = sidesOfFiles(source, split);
  const items = source.stream(
    "SELECT item, coalesce('g' || grp, 'i' || id) AS key, t, given, file, reason FROM items ORDER BY item",
  );
  for await (const rows of items) {
    for (const { item, key, t, given, file, reason } of rows) {
      const i = Number(item);
      if (reason === null) arrays.usable[i] = 1;
      arrays.keys.a[i] = hashString(String(key), 1);
      arrays.keys.b[i] = hashString(String(key), 2);
      if (t !== null) arrays.times[i] = Number(t);
      if (given !== null) arrays.given[i] = sideNamed(String(given));
      else arrays.given[i] = fileSides.get(String(file)) ?? NO_SIDE;
    }
  }
  return arrays;
}

/** The side of each file that was given for one. */
function sidesOfFiles(source: Source, split: SplitSpec): Map<string, number> {
  if (split.by !== 'files') return new Map();
  const dev = new Set(split.devPaths);
  const test = new Set(split.testPaths);
  const sides = new Map<string, number>();
  for (const { path, pattern } of source.files) {
    if (test.has(pattern)) sides.set(path, SPLIT_SIDES.indexOf('test'));
    else if (dev.has(pattern)) sides.set(path, SPLIT_SIDES.indexOf('dev'));
  }
  return sides;
}

async function deal(
  source: Source,
  roots: Int32Array,
  arrays: ItemArrays,
  split: SplitSpec,
): Promise<Int8Array> {
  switch (split.by) {
    case 'hash':
      return splitByHash(roots, arrays.keys, split, split.seed);
    case 'time':
      return splitByTime(roots, arrays.times, split);
    case 'column': {
      const unknown: number[] = [];
      for (let item = 0; item < roots.length; item++) {
        if (roots[item]! >= 0 && arrays.given[item] === NO_SIDE) unknown.push(item);
      }
      await rejectItems(
        source,
        unknown,
        'unknown-side',
        "coalesce('\"' || i.given || '\"', 'the cell is empty')",
      );
      return withoutCopies(source, roots, arrays.given);
    }
    case 'files': {
      const shares = {
        dev: split.devPaths.length > 0 ? 0 : split.dev,
        test: split.testPaths.length > 0 ? 0 : split.test,
      };
      const dealt = splitByHash(roots, arrays.keys, shares, split.seed);
      const given = arrays.given.map((side, item) => (side === NO_SIDE ? dealt[item]! : side));
      return withoutCopies(source, roots, given);
    }
  }
}

async function withoutCopies(source: Source, roots: Int32Array, given: Int8Array): Promise<Int8Array> {
  const { sides, copies } = splitAsGiven(roots, given);
  await rejectItems(source, copies, 'copy-on-other-side', "'id ' || i.id");
  return sides;
}

/** Notes products as rejected. `detail` is SQL over the item `i`. */
async function rejectItems(
  source: Source,
  items: readonly number[],
  reason: string,
  detail: string,
): Promise<void> {
  if (items.length === 0) return;
  await source.run('CREATE OR REPLACE TABLE rejected_items (item BIGINT)');
  const appender = await source.appender('rejected_items');
  for (const item of items) {
    appender.appendBigInt(BigInt(item));
    appender.endRow();
  }
  appender.closeSync();
  await source.run(`INSERT INTO rejects SELECT i.file, i.row, NULL, '${reason}', ${detail}, NULL
    FROM rejected_items r JOIN items i ON i.item = r.item ORDER BY i.item`);
  await source.run('DROP TABLE rejected_items');
}

async function storeSides(source: Source, sides: Int8Array): Promise<void> {
  await source.run('CREATE OR REPLACE TABLE sides (item BIGINT, side TINYINT)');
  const appender = await source.appender('sides');
  for (let item = 0; item < sides.length; item++) {
    appender.appendBigInt(BigInt(item));
    appender.appendTinyInt(sides[item]!);
    appender.endRow();
  }
  appender.closeSync();
}
