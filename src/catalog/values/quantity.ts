/**
 * Quantities as suppliers write them, in the unit that the catalog uses: "10-12 cm" in mm is 110, between 100 and 120.
 *
 * Reads ranges ("10 to 12", "10 bis 12", "10 à 12", "220/240 V"), tolerances ("10 ± 1"), bounds ("up to 5 kg", "ab 3"),
 * compounds ("5 lb 3 oz", "5'11\"", "1 h 30 min"), packs ("6 x 330 ml") and a second unit in brackets ("12 cm (4.7
 * in)"). What cannot be read is a result with a reason, never an exception.
 */
import { type DecimalMark, parseNumber, plainDigits } from './numbers.ts';
import type { Unit } from './unit-table.ts';
import { convert, findUnits, unitOf } from './units.ts';

type QuantityBound = 'exact' | 'about' | 'at-most' | 'at-least';

export type Quantity =
  | {
      readonly ok: true;
      /** The middle of the range, in the target unit. */
      readonly value: number;
      readonly low: number;
      readonly high: number;
      /** Symbol of the target unit; where none was asked for, of the unit in the text, if there is one. */
      readonly unit: string | undefined;
      /** The text names no unit: the target unit was taken. */
      readonly unitAssumed: boolean;
      readonly bound: QuantityBound;
      /** A decimal point or comma could be meant: the number depends on `decimal`. */
      readonly ambiguous: boolean;
    }
  | { readonly ok: false; readonly reason: string };

const NUMBER =
  /[+-]?(?:\d+[ -]+\d+ ?\/ ?(?:2|3|4|5|6|8|16|32|64)(?!\d)|\d+ ?\/ ?(?:2|3|4|5|6|8|16|32|64)(?![\d.,])|\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+|'\d{3}(?!\d))*(?:e[+-]?\d+(?![\p{L}\d]))?|[.,]\d+)/iuy;
const UNIT_WORD = /[\p{L}\p{M}°µ%#"'″′”“’²³][\p{L}\p{M}°²³/.]*(?:[23](?!\d))?(?:-pack)?/uy;
const RANGE = /\s*(?:-|—|~|to|bis|à|until|through|\.{2,3}|\/)\s*(?=[.,\d])/iy;
const TIMES = /\s*(?:x|×|\*|by)\s*(?=[.,\d])/iy;
const TOLERANCE = /\s*(?:±|\+\/-|\+-)\s*(?=[.,\d])/y;
const JOIN = /\s*(?:,|and|und|et|&)?\s*(?=[.,\d])/iy;

const BOUNDS: readonly (readonly [RegExp, QuantityBound])[] = [
  [/(?:\bup to|\bmax(?:imum|imal)?\b\.?|\bbis(?: zu)?|\bjusqu'?à|\bunder|\bless than|<=?|≤)\s*$/i, 'at-most'],
  [/(?:\bat least|\bmin(?:imum|destens)?\b\.?|\bfrom|\bab|\bdès|\bover|\bmore than|>=?|≥)\s*$/i, 'at-least'],
  [/(?:\bapprox(?:imately|\.)?|\bca\.?|\bcirca|\babout|\betwa|\benviron|\bnominal|~|≈)\s*$/i, 'about'],
];

/** Dimensions in which a pack's parts add up: six cans of 330 ml are 1,980 ml; two sides of 50 cm are no metre. */
const ADDS_UP: ReadonlySet<string> = new Set(['mass', 'volume', 'count', 'data', 'energy']);

type Item = { readonly value: number; readonly unit: Unit | undefined; readonly ambiguous: boolean };

/**
 * @param unit - symbol of the target unit (see `UNIT_SYMBOLS`); undefined leaves the number in the unit it stands in
 * @param decimal - how "1,234" is read; see `parseNumber`
 */
export function normaliseQuantity(
  text: string,
  unit: string | undefined,
  decimal: DecimalMark = 'point',
): Quantity {
  const target = unit === undefined ? undefined : unitOf(unit);
  if (unit !== undefined && target === undefined) return failure(text, `asks for the unknown unit "${unit}"`);
  const plain = plainDigits(text.replace(/\+\/-/g, '±')).replace(/\s+/g, ' ').trim();
  const start = plain.search(/[+-]?[.,]?\d/);
  if (start < 0) return failure(text, 'holds no number');
  const glued = /[\p{L}\d]-$/u.test(plain.slice(0, start + 1));
  const reader = new Reader(plain, glued ? start + 1 : start, target, decimal);
  const first = reader.item();
  if (first === undefined) return failure(text, 'holds no number that can be read');
  const bound = BOUNDS.find(([pattern]) => pattern.test(plain.slice(0, start)))?.[1] ?? 'exact';

  let low: Item = first;
  let high: Item = first;
  if (reader.skip(TOLERANCE)) {
    const tolerance = reader.item();
    if (tolerance === undefined) return failure(text, 'has a tolerance that cannot be read');
    const unitOfAll = first.unit ?? tolerance.unit;
    const offBy = inUnit(tolerance, unitOfAll);
    if (offBy === undefined) return failure(text, 'mixes units that do not convert');
    low = { ...first, unit: unitOfAll, value: first.value - offBy };
    high = { ...first, unit: unitOfAll, value: first.value + offBy };
  } else if (reader.skip(TIMES)) {
    const each = reader.item();
    if (each === undefined || reader.skip(TIMES)) return failure(text, 'gives several dimensions');
    const counts = first.unit === undefined || first.unit.dimension === 'count';
    if (!counts || each.unit === undefined || !ADDS_UP.has(each.unit.dimension))
      return failure(text, 'gives several dimensions');
    low = high = { ...each, value: first.value * each.value };
  } else if (reader.skip(RANGE)) {
    const second = reader.item();
    if (second === undefined) return failure(text, 'has a range that cannot be read');
    low = { ...first, unit: first.unit ?? second.unit };
    high = { ...second, unit: second.unit ?? first.unit };
  } else {
    const sum = reader.compound(first);
    low = high = sum;
  }
  if (reader.unknownUnit !== undefined && (low.unit ?? high.unit) === undefined)
    return failure(text, `is in "${reader.unknownUnit}", which is no unit that Attune knows`);
  if (reader.leftover()) return failure(text, 'holds more numbers than one quantity');
  return result(text, low, high, target, bound);
}

function result(
  text: string,
  low: Item,
  high: Item,
  target: Unit | undefined,
  bound: QuantityBound,
): Quantity {
  const found = low.unit ?? high.unit;
  const unitOfAll = target ?? found;
  const ends = [inUnit(low, unitOfAll), inUnit(high, unitOfAll)];
  if (ends[0] === undefined || ends[1] === undefined)
    return failure(text, `is in ${found?.symbol}, which does not convert to ${unitOfAll?.symbol}`);
  const [lowest, highest] = [Math.min(ends[0], ends[1]), Math.max(ends[0], ends[1])];
  return {
    ok: true,
    value: lowest === highest ? lowest : Number(((lowest + highest) / 2).toPrecision(12)),
    low: lowest,
    high: highest,
    unit: unitOfAll?.symbol,
    unitAssumed: target !== undefined && found === undefined,
    bound,
    ambiguous: low.ambiguous || high.ambiguous,
  };
}

function inUnit(item: Item, unit: Unit | undefined): number | undefined {
  if (item.unit === undefined || unit === undefined) return item.value;
  return item.unit.dimension === unit.dimension ? convert(item.value, item.unit, unit) : undefined;
}

function failure(text: string, reason: string): Quantity {
  return {
    ok: false,
    reason: `${JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text)} ${reason}`,
  };
}

/** Walks through the text of one cell; owns nothing but its place in it. */
class Reader {
  readonly #text: string;
  readonly #target: Unit | undefined;
  readonly #decimal: DecimalMark;
  #at: number;
  /** The first word that stands where a unit would and is none. */
  unknownUnit: string | undefined;

  constructor(text: string, at: number, target: Unit | undefined, decimal: DecimalMark) {
    this.#text = text;
    this.#at = at;
    this.#target = target;
    this.#decimal = decimal;
  }

  skip(pattern: RegExp): boolean {
    return this.#take(pattern) !== undefined;
  }

  /** A number and the unit behind it. */
  item(): Item | undefined {
    const digits = this.#take(NUMBER);
    if (digits === undefined) return undefined;
    const reading = parseNumber(digits, this.#decimal);
    if (!reading.ok) return undefined;
    const unit = this.#connects() ? undefined : this.#unit();
    if (unit === undefined) this.#noteUnknownWord();
    return { value: reading.value, unit, ambiguous: reading.ambiguous };
  }

  /** "5 lb 3 oz": adds what follows while it is in a smaller unit of the same dimension. */
  compound(first: Item): Item {
    let sum = first;
    let smallest = first.unit;
    while (smallest !== undefined) {
      const before = this.#at;
      const next = this.skip(JOIN) ? this.item() : undefined;
      const part =
        next?.unit !== undefined && next.unit.factor < smallest.factor ? inUnit(next, first.unit) : undefined;
      if (part === undefined) {
        this.#at = before;
        return sum;
      }
      sum = { ...sum, value: Number((sum.value + part).toPrecision(12)) };
      smallest = next?.unit;
    }
    return sum;
  }

  /** Whether a number is left outside brackets. */
  leftover(): boolean {
    return /\d/.test(this.#text.slice(this.#at).replace(/\([^)]*\)|\[[^\]]*\]/g, ''));
  }

  /** The longest run of up to three words that is a unit, preferring one of the target's dimension. */
  #unit(): Unit | undefined {
    const before = this.#at;
    this.#take(/-(?=\p{L})/uy);
    const start = this.#at;
    const ends: number[] = [];
    for (let words = 0; words < 3; words++) {
      if (words > 0 || /\s/.test(this.#text[this.#at] ?? '')) this.#take(/[ -]/y);
      if (this.#take(UNIT_WORD) === undefined) break;
      ends.push(this.#at);
    }
    for (const end of ends.reverse()) {
      const spelling = this.#text.slice(start, end);
      const units = findUnits(spelling, this.#target?.dimension);
      const unit = units[0] ?? findUnits(spelling)[0];
      if (unit !== undefined) {
        this.#at = end;
        return unit;
      }
    }
    this.#at = before;
    return undefined;
  }

  /** Whether a word of a range or a pack is next: "to" between two numbers is no terabyte, "x" no unit of count. */
  #connects(): boolean {
    return [RANGE, TIMES, JOIN].some((pattern) => {
      pattern.lastIndex = this.#at;
      return pattern.test(this.#text);
    });
  }

  /** "10 Zentner": a word behind a number may be a unit that the table lacks; of a count it is what is counted. */
  #noteUnknownWord(): void {
    if (this.#target === undefined || this.#target.dimension === 'count' || this.#connects()) return;
    const word = /^[ -]?[\p{L}°%"'″′][\p{L}\p{M}./]*/u.exec(this.#text.slice(this.#at))?.[0];
    if (word !== undefined) this.unknownUnit ??= word.replace(/^[ -]/, '');
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }
}
