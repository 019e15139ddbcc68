/** Finding a unit by its spelling, and converting between units of one dimension. */
import { type Dimension, SPELLINGS, UNITS, type Unit } from './unit-table.ts';

/**
 * The units that a spelling may mean, the likeliest first; empty when it is none. The case is respected where it
 * tells units apart ("mW", "MW") and ignored otherwise ("CM", "Watts").
 * @param dimension - only units of this dimension
 */
export function findUnits(spelling: string, dimension?: Dimension): readonly Unit[] {
  const text = spelling.normalize('NFKC').trim().replace(/\s+/g, ' ').replace(/\.$/, '');
  const fits = (units: readonly Unit[] | undefined) =>
    (units ?? []).filter((unit) => dimension === undefined || unit.dimension === dimension);
  const exact = fits(SPELLINGS.exact.get(text));
  return exact.length > 0 ? exact : fits(SPELLINGS.folded.get(text.toLowerCase()));
}

/** The unit with this symbol, as the config names it. */
export function unitOf(symbol: string): Unit | undefined {
  return UNITS.find((unit) => unit.symbol === symbol);
}

/**
 * A value in another unit of the same dimension, to 12 significant digits (2.54 cm are 1 in, not 0.9999999999999999).
 * @example convert(1, inch, millimetre) // 25.4
 */
export function convert(value: number, from: Unit, to: Unit): number {
  if (from === to) return value;
  const base = value * from.factor + from.offset;
  return Number(((base - to.offset) / to.factor).toPrecision(12));
}
