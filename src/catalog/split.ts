/**
 * Which side of the split each component of products is on. Pure: arrays in, arrays out.
 */
import { hash32 } from '../base/random.ts';
import { SPLIT_SIDES } from './product.ts';

/** Index in `SPLIT_SIDES`, or this for an item that is on no side. */
export const NO_SIDE = -1;
const [TRAIN, DEV, TEST] = [0, 1, 2] as const;

export type Shares = { readonly dev: number; readonly test: number };

/**
 * Deals components by a hash of one of their members' keys, so that a product keeps its side when others come or go.
 * A side with a share above 0 that got nothing takes the component nearest to it, from three components on.
 *
 * @param roots - for each item its component, as `joinComponents` gives it; `NO_SIDE` leaves the item out
 * @param keys - two 32-bit hashes for each item's key (its group, else its id)
 * @returns for each item an index in `SPLIT_SIDES`, or `NO_SIDE`
 */
export function splitByHash(
  roots: Int32Array,
  keys: { readonly a: Uint32Array; readonly b: Uint32Array },
  shares: Shares,
  seed: number,
): Int8Array {
  const speakers = new Int32Array(roots.length).fill(-1);
  for (let item = 0; item < roots.length; item++) {
    const root = roots[item]!;
    if (root < 0) continue;
    const speaker = speakers[root]!;
    if (speaker < 0 || isBefore(keys, item, speaker)) speakers[root] = item;
  }
  const draws = new Float64Array(roots.length).fill(Number.NaN);
  for (let root = 0; root < roots.length; root++) {
    const speaker = speakers[root]!;
    if (speaker >= 0) draws[root] = hash32(seed, keys.a[speaker]!, keys.b[speaker]!) / 0x1_0000_0000;
  }
  return spread(roots, draws, shares, (draw) =>
    draw < shares.test ? TEST : draw < shares.test + shares.dev ? DEV : TRAIN,
  );
}

/** Whether the key hash of `a` comes before that of `b`: an order that has nothing to do with sides. */
function isBefore(keys: { readonly a: Uint32Array; readonly b: Uint32Array }, a: number, b: number): boolean {
  return keys.a[a]! < keys.a[b]! || (keys.a[a] === keys.a[b] && keys.b[a]! < keys.b[b]!);
}

/** Deals by draw and fills sides that stayed empty; draws are numbers for the roots and NaN elsewhere. */
function spread(
  roots: Int32Array,
  draws: Float64Array,
  shares: Shares,
  sideOf: (draw: number) => number,
): Int8Array {
  const sideOfRoot = new Int8Array(roots.length).fill(NO_SIDE);
  const counts = [0, 0, 0];
  let components = 0;
  for (let root = 0; root < roots.length; root++) {
    if (Number.isNaN(draws[root])) continue;
    sideOfRoot[root] = sideOf(draws[root]!);
    counts[sideOfRoot[root]!]!++;
    components++;
  }
  const wanted = [TRAIN, DEV, TEST].filter(
    (side) => side === TRAIN || (side === DEV ? shares.dev : shares.test) > 0,
  );
  if (components >= wanted.length) {
    for (const side of wanted) {
      if (counts[side]! > 0) continue;
      const from = counts.indexOf(Math.max(...counts));
      const root = lowestDraw(draws, sideOfRoot, from);
      sideOfRoot[root] = side;
      counts[from]!--;
      counts[side]!++;
    }
  }
  return Int8Array.from(roots, (root) => (root < 0 ? NO_SIDE : sideOfRoot[root]!));
}

function lowestDraw(draws: Float64Array, sideOfRoot: Int8Array, side: number): number {
  let best = -1;
  for (let root = 0; root < draws.length; root++) {
    if (sideOfRoot[root] === side && (best < 0 || draws[root]! < draws[best]!)) best = root;
  }
  return best;
}

/**
 * The latest products are test, the ones before them dev. A component counts by its earliest member: a product that
 * is listed again is not new. Items without a time are train.
 *
 * @param times - for each item any number that grows with time, or NaN
 */
export function splitByTime(roots: Int32Array, times: Float64Array, shares: Shares): Int8Array {
  const earliest = new Float64Array(roots.length).fill(Number.NaN);
  const sizes = new Int32Array(roots.length);
  let total = 0;
  for (let item = 0; item < roots.length; item++) {
    const root = roots[item]!;
    if (root < 0) continue;
    sizes[root]!++;
    total++;
    const time = times[item]!;
    if (!Number.isNaN(time) && !(earliest[root]! <= time)) earliest[root] = time;
  }
  const dated = Array.from(sizes.keys()).filter((root) => sizes[root]! > 0 && !Number.isNaN(earliest[root]!));
  dated.sort((a, b) => earliest[b]! - earliest[a]! || a - b);
  const sideOfRoot = new Int8Array(roots.length).fill(TRAIN);
  let dealt = 0;
  for (const root of dated) {
    // By where its first product falls, so that a share above 0 always gets one component.
    sideOfRoot[root] =
      dealt < shares.test * total ? TEST : dealt < (shares.test + shares.dev) * total ? DEV : TRAIN;
    dealt += sizes[root]!;
  }
  return Int8Array.from(roots, (root) => (root < 0 ? NO_SIDE : sideOfRoot[root]!));
}

/**
 * Sides as given, but a component that is on several stays only on the last of them (test before dev before train):
 * what was set aside for measuring stays whole, and its copies do not train.
 *
 * @param given - for each item its side, or `NO_SIDE` where none is given
 * @returns sides, where an item that is a copy of one on a later side has `NO_SIDE`; those are in `copies`
 */
export function splitAsGiven(roots: Int32Array, given: Int8Array): { sides: Int8Array; copies: number[] } {
  const last = new Int8Array(roots.length).fill(NO_SIDE);
  for (let item = 0; item < roots.length; item++) {
    const root = roots[item]!;
    if (root >= 0 && given[item]! > last[root]!) last[root] = given[item]!;
  }
  const copies: number[] = [];
  const sides = Int8Array.from(roots, (root, item) => {
    if (root < 0 || given[item] === NO_SIDE) return NO_SIDE;
    if (given[item] === last[root]) return given[item]!;
    copies.push(item);
    return NO_SIDE;
  });
  return { sides, copies };
}

/** The side that a cell names, as an index in `SPLIT_SIDES`; `NO_SIDE` when it names none. */
export function sideNamed(cell: string): number {
  const name = cell.trim().toLowerCase();
  if (/^(dev|val|valid|validation|eval|evaluation)$/.test(name)) return DEV;
  if (/^(train|training)$/.test(name)) return TRAIN;
  return /^(test|testing|holdout)$/.test(name) ? TEST : NO_SIDE;
}

/** How many items are on each side. */
export function countSides(sides: Int8Array): Record<(typeof SPLIT_SIDES)[number], number> {
  const counts = { train: 0, dev: 0, test: 0 };
  for (const side of sides) if (side >= 0) counts[SPLIT_SIDES[side]!]++;
  return counts;
}
