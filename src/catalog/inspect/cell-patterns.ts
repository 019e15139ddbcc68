/** What the cells of a column look like: numbers, quantities, dates, addresses, codes, lists, objects. Pure. */
import { mediaKindOf, parseReference, splitReferences } from '../media-reference.ts';
import { type DecimalEvidence, detectDecimal, type NumberReading, parseNumber } from '../values/numbers.ts';
import { normaliseQuantity } from '../values/quantity.ts';
import { unitOf } from '../values/units.ts';
import { currencyIn, WrittenUnits } from '../values/written-units.ts';

export type CellPatterns = {
  readonly cells: number;
  /** Shares of the cells, 0 to 1. */
  readonly numeric: number;
  readonly integer: number;
  /** A number and a unit of measure, nothing else of weight. */
  readonly quantity: number;
  readonly url: number;
  /** Cells all of whose references end as pictures do, and those of sounds. */
  readonly image: number;
  readonly audio: number;
  /** Cells with an http(s) address among their references. */
  readonly address: number;
  /** The most references in one cell. */
  readonly mostReferences: number;
  readonly date: number;
  readonly object: number;
  readonly list: number;
  /** One word with a digit in it: a code, a part number. */
  readonly code: number;
  /** "Apparel > Shoes". */
  readonly path: number;
  readonly meanWords: number;
  /** The commonest unit symbol among the quantities, and the share of them it converts. */
  readonly unit: string | undefined;
  readonly unitShare: number;
  readonly decimal: DecimalEvidence;
  /** Numbers read, sorted; in `unit` where there is one. */
  readonly numbers: readonly number[];
  /** Share of the cells that are a number with a currency. */
  readonly money: number;
  /** Currencies and units that do not convert, with counts and examples, where numbers name several. */
  readonly mixed: string | undefined;
  /** Cells that have a digit and yet are neither number nor quantity, while most are. */
  readonly unreadable: readonly string[];
};

const URL_CELL = /^(?:https?:\/\/|www\.)\S+$/i;
const HOST_CELL = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:\/\S*)?$/i;
const DATE_CELL =
  /^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2}))(?:[T ]\d{1,2}:\d{2}.*)?$/;
const PLACEHOLDER =
  /^(?:null|nil|none|nan|na|#n\/a|n\/a|undefined|unknown|unbekannt|inconnu|tbd|tba|-+|\.|\?+|\(none\)|not available|not specified)$/i;
/** Placeholders that say "there is none" rather than "nobody typed it in"; the reader knows them. */
const NOT_APPLICABLE = /^(?:n\/a|not applicable)$/i;
const CELLS = 2000;
const NOT_A_NUMBER: NumberReading = { ok: false, reason: 'is a text' };

/** Long cells and those without a digit are texts; no need to try. */
function mayBeNumber(cell: string): boolean {
  return cell.length <= 40 && /[\p{Nd}¼-¾⅐-⅞]/u.test(cell);
}

/** "null", "nan", "-": a word that holds a place where an empty cell is meant. */
export function isPlaceholder(cell: string): boolean {
  return PLACEHOLDER.test(cell.trim()) && !NOT_APPLICABLE.test(cell.trim());
}

export function cellPatterns(all: readonly string[]): CellPatterns {
  const step = Math.max(1, all.length / CELLS);
  const cells: string[] = [];
  for (let i = 0; i < all.length; i += step) cells.push(all[Math.floor(i)]!.trim());
  const share = (test: (cell: string) => boolean) => cells.filter(test).length / Math.max(1, cells.length);
  const solid = cells.filter((cell) => !PLACEHOLDER.test(cell));
  const readings = solid.map((cell) => (mayBeNumber(cell) ? parseNumber(cell) : NOT_A_NUMBER));
  const decimal = detectDecimal(readings);
  const numeric = readings.filter((reading) => reading.ok).length / Math.max(1, solid.length);
  const quantities =
    numeric > 0.9
      ? []
      : solid.map((cell) =>
          mayBeNumber(cell) ? normaliseQuantity(cell, undefined, decimal.mark) : undefined,
        );
  const { unit, unitShare } = commonUnit(
    quantities.flatMap((quantity) => (quantity?.ok && quantity.unit ? [quantity.unit] : [])),
  );
  const withUnit = quantities.filter((quantity) => quantity?.ok && quantity.unit !== undefined).length;
  const quantity = withUnit / Math.max(1, solid.length);
  const numbers = solid
    .filter(mayBeNumber)
    .flatMap((cell) => {
      const read =
        unit === undefined ? parseNumber(cell, decimal.mark) : normaliseQuantity(cell, unit, decimal.mark);
      return read.ok ? [read.value] : [];
    })
    .sort((a, b) => a - b);
  const written = new WrittenUnits({ converted: true });
  for (const cell of solid) if (mayBeNumber(cell)) written.add(cell);
  const isMoney = (cell: string) =>
    mayBeNumber(cell) &&
    currencyIn(cell) !== undefined &&
    normaliseQuantity(cell, undefined, decimal.mark).ok;
  const readable = (cell: string) =>
    parseNumber(cell, decimal.mark).ok ||
    (unit !== undefined && normaliseQuantity(cell, unit, decimal.mark).ok);
  return {
    cells: cells.length,
    numeric,
    integer: solid.filter((cell) => /^[+-]?\d+$/.test(cell)).length / Math.max(1, solid.length),
    quantity,
    url: share((cell) => URL_CELL.test(cell) || HOST_CELL.test(cell)),
    ...referencePatterns(cells),
    date: share((cell) => DATE_CELL.test(cell)),
    object: share((cell) => cell.startsWith('{') && isJson(cell, 'object')),
    list: share((cell) => cell.startsWith('[') && isJson(cell, 'array')),
    code: share((cell) => /^[\w.:#+/-]{3,40}$/.test(cell) && /\d/.test(cell)),
    path: share((cell) => / [>›»] /.test(cell)),
    meanWords: cells.reduce((sum, cell) => sum + wordCount(cell), 0) / Math.max(1, cells.length),
    unit,
    unitShare,
    decimal,
    numbers,
    money: solid.filter(isMoney).length / Math.max(1, solid.length),
    mixed: written.mixed,
    unreadable: numeric + quantity > 0.5 ? solid.filter((cell) => !readable(cell)).slice(0, 5) : [],
  };
}

/** Lists that DuckDB wrote as text stand in brackets without quotes. */
function referencePatterns(
  cells: readonly string[],
): Pick<CellPatterns, 'image' | 'audio' | 'address' | 'mostReferences'> {
  const kinds = { image: 0, audio: 0 };
  let [address, mostReferences] = [0, 0];
  for (const cell of cells) {
    if (!/[.:]/.test(cell)) continue;
    const split = splitReferences(cell);
    const [only] = split;
    const references =
      split.length === 1 && only !== undefined && /^\[.*\]$/s.test(only)
        ? only.slice(1, -1).split(/,\s*/)
        : split;
    const [kind] = references.map(mediaKindOf);
    if (references.some((reference) => parseReference(reference).kind === 'url')) address++;
    if (kind === undefined || !references.every((reference) => mediaKindOf(reference) === kind)) continue;
    kinds[kind]++;
    mostReferences = Math.max(mostReferences, references.length);
  }
  const all = Math.max(1, cells.length);
  return { image: kinds.image / all, audio: kinds.audio / all, address: address / all, mostReferences };
}

/** Words between spaces; where a script has none, two characters count as one. */
function wordCount(cell: string): number {
  const dense =
    cell.match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu)?.length ?? 0;
  return cell.split(/\s+/).length + dense / 2;
}

/** The commonest symbol, and the share of the others that have its dimension. */
function commonUnit(symbols: readonly string[]): {
  readonly unit: string | undefined;
  readonly unitShare: number;
} {
  const counts = new Map<string, number>();
  for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  const unit = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
  if (unit === undefined) return { unit: undefined, unitShare: 0 };
  const dimension = unitOf(unit)?.dimension;
  const same = symbols.filter((symbol) => unitOf(symbol)?.dimension === dimension).length;
  return { unit, unitShare: same / symbols.length };
}

function isJson(cell: string, kind: 'object' | 'array'): boolean {
  try {
    const value: unknown = JSON.parse(cell);
    return typeof value === 'object' && value !== null && Array.isArray(value) === (kind === 'array');
  } catch {
    // Cut at the sample's limit: what opens like one is taken for one.
    return cell.length >= 4000;
  }
}

const SEPARATORS = [' | ', '|', ';', ',', ' / ', '/', '\n', '+'] as const;

/**
 * What stands between several values in the cells of one column; undefined where a cell is one value. A separator
 * counts when cells have it, their parts are short, and the parts come again in other cells.
 * @param counts - distinct cells with how often each occurs
 */
export function separatorOf(counts: readonly (readonly [string, number])[]): string | undefined {
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  for (const separator of SEPARATORS) {
    const bare = separator.trim() === '' ? separator : separator.trim();
    const joined = counts.filter(([cell]) => cell.includes(separator));
    const share = joined.reduce((sum, [, count]) => sum + count, 0) / Math.max(1, total);
    const strict = bare === '/' || bare === '+' || bare === ',';
    if (share < (strict ? 0.1 : 0.05)) continue;
    const parts = new Map<string, number>();
    let partCount = 0;
    let words = 0;
    for (const [cell] of joined) {
      for (const part of cell.split(bare).map((text) => text.trim())) {
        if (part === '') continue;
        parts.set(part, (parts.get(part) ?? 0) + 1);
        partCount++;
        words += part.split(/\s+/).length;
      }
    }
    const whole = new Set(counts.filter(([cell]) => !cell.includes(bare)).map(([cell]) => cell.trim()));
    const again = [...parts].filter(([part, count]) => count > 1 || whole.has(part));
    const reused = again.length / Math.max(1, parts.size);
    const short = words <= partCount * 3.5;
    const fewer = parts.size < Math.max(4, joined.length);
    const proper =
      !strict ||
      [...parts.keys()].filter((part) => whole.has(part)).length >= parts.size * 0.3 ||
      share > 0.5;
    if (short && reused >= 0.4 && proper && (fewer || reused > 0.7) && partCount > joined.length) {
      return separator === ' | ' ? ' | ' : bare;
    }
  }
  return undefined;
}
