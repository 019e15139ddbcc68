/**
 * Numbers as people write them: "1.234,56", "1,234.56", "1 234", "1'234", "½", "3 1/2", "1,00,000", "1.5e3".
 *
 * A text that can only be read one way is read that way whatever the locale. One separator before three digits
 * ("1,234") can be read two ways: the caller's decimal mark decides, and the reading says that it was ambiguous.
 */
export type DecimalMark = 'point' | 'comma';

export type NumberReading =
  | {
      readonly ok: true;
      readonly value: number;
      /** Whether another locale reads another number. */
      readonly ambiguous: boolean;
      /** The decimal mark that the text itself proves; undefined when it would do in both. */
      readonly mark: DecimalMark | undefined;
    }
  | { readonly ok: false; readonly reason: string };

const SPACES = /[\s\u00a0\u2007\u2009\u202f]/gu;
const VULGAR = /[¼-¾⅐-⅞↉]/gu;

/** Digits of any script, full-width signs and vulgar fractions in ASCII: "３½" is "3 1/2". */
export function plainDigits(text: string): string {
  return text
    .replace(VULGAR, (fraction) => ` ${fraction.normalize('NFKC').replace('⁄', '/')}`)
    .normalize('NFKC')
    .replace(SPACES, ' ')
    .replace(/\p{Nd}/gu, (digit) => digitValue(digit))
    .replace(/[−‐‑–](?=\s*[\d.,])/gu, '-')
    .replaceAll('٫', '.')
    .replaceAll('٬', ',')
    .replace(/[’ʼ`´](?=\d{3})/gu, "'")
    .replace(/⁄/g, '/');
}

/** Decimal digits stand in blocks of ten in Unicode, each block starting with its zero. */
function digitValue(digit: string): string {
  const code = digit.codePointAt(0)!;
  if (code < 0x80) return digit;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String(code - zero);
}

/**
 * Reads a cell that is one number and nothing else.
 * @param decimal - the mark that decides where the text can be read two ways; `point` by default
 * @example parseNumber('1.234,56') // { ok: true, value: 1234.56, ambiguous: false, mark: 'comma' }
 */
export function parseNumber(text: string, decimal: DecimalMark = 'point'): NumberReading {
  const plain = plainDigits(text).trim();
  const match = /^([+-]?)\s*(.+)$/.exec(plain);
  if (match === null) return { ok: false, reason: 'the cell is empty' };
  const sign = match[1] === '-' ? -1 : 1;
  const reading = parseFraction(match[2]!) ?? parseDecimal(match[2]!, decimal);
  return reading.ok
    ? { ...reading, value: sign * reading.value + 0 }
    : { ok: false, reason: `${quoted(text)} ${reading.reason}` };
}

/** "1/2", "3 1/2", "3-1/2". */
function parseFraction(text: string): NumberReading | undefined {
  const match = /^(?:(\d+)[ -]+)?(\d+) ?\/ ?(\d+)$/.exec(text);
  if (match === null) return undefined;
  const [, whole, numerator, denominator] = match.map(Number);
  if (denominator === 0) return { ok: false, reason: 'divides by zero' };
  const mixed = match[1] !== undefined;
  if (mixed && numerator! >= denominator!) return { ok: false, reason: 'is no mixed fraction' };
  return {
    ok: true,
    value: (mixed ? whole! : 0) + numerator! / denominator!,
    ambiguous: false,
    mark: undefined,
  };
}

function parseDecimal(text: string, decimal: DecimalMark): NumberReading {
  const match = /^((?:\d+(?:[.,' ]\d+)*[.,]?)|(?:[.,]\d+))(?:e([+-]?\d{1,3}))?$/i.exec(text);
  if (match === null) return { ok: false, reason: 'is not a number' };
  const digits = match[1]!;
  const exponent = match[2] === undefined ? 1 : 10 ** Number(match[2]);
  const used = ['.', ',', "'", ' '].filter((mark) => digits.includes(mark));
  const done = (
    whole: string,
    part: string,
    mark: DecimalMark | undefined,
    ambiguous = false,
  ): NumberReading => {
    const value = Number(`${whole || '0'}.${part || '0'}`) * exponent;
    return Number.isFinite(value)
      ? { ok: true, value, ambiguous, mark }
      : { ok: false, reason: 'is too large' };
  };
  if (used.length === 0) return done(digits, '', undefined);

  const last = digits[Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','))];
  const places = last === undefined ? [] : digits.split(last);
  const decimalLast = last !== undefined && places.length === 2;
  const mark: DecimalMark = last === ',' ? 'comma' : 'point';

  if (used.length === 1) {
    const only = used[0]!;
    if (only === "'" || only === ' ') {
      return grouped(digits, only) ? done(digits.replaceAll(only, ''), '', undefined) : badGroups;
    }
    if (!decimalLast)
      return grouped(digits, only) ? done(digits.replaceAll(only, ''), '', other(mark)) : badGroups;
    const [whole, part] = places as [string, string];
    const eitherWay = part.length === 3 && whole.length >= 1 && whole.length <= 3 && !whole.startsWith('0');
    if (!eitherWay) return done(whole, part, mark);
    return decimal === mark ? done(whole, part, undefined, true) : done(whole + part, '', undefined, true);
  }
  // Several kinds of separator: the last one is the decimal mark, the other groups the digits before it.
  if (!decimalLast || used.length > 2) return badGroups;
  const [whole, part] = places as [string, string];
  const grouping = used.find((separator) => separator !== last)!;
  if (part.includes(grouping) || !grouped(whole, grouping)) return badGroups;
  return done(whole.replaceAll(grouping, ''), part, mark);
}

const badGroups: NumberReading = { ok: false, reason: 'groups its digits in a way no locale does' };

/** Groups of three, or of two before a last three (1,00,000). */
function grouped(digits: string, separator: string): boolean {
  const groups = digits.split(separator);
  const [first, ...rest] = groups.map((group) => group.length);
  if (rest.length === 0) return true;
  if (first! < 1 || first! > 3 || rest.at(-1) !== 3) return false;
  return (
    rest.every((size) => size === 3) ||
    (separator === ',' && first! <= 2 && rest.slice(0, -1).every((size) => size === 2))
  );
}

const other = (mark: DecimalMark): DecimalMark => (mark === 'point' ? 'comma' : 'point');
const quoted = (text: string) => JSON.stringify(text.length > 40 ? `${text.slice(0, 37)}...` : text);

export type DecimalEvidence = {
  /** The mark to read ambiguous cells with: the commoner of those that cells prove, `point` when none does. */
  readonly mark: DecimalMark;
  /** Cells that prove a decimal point, a decimal comma, and those that either would read, differently. */
  readonly point: number;
  readonly comma: number;
  readonly ambiguous: number;
};

/** Which decimal mark a column uses, told from the cells that can be read one way only. */
export function detectDecimal(readings: Iterable<NumberReading>): DecimalEvidence {
  let point = 0;
  let comma = 0;
  let ambiguous = 0;
  for (const reading of readings) {
    if (!reading.ok) continue;
    if (reading.ambiguous) ambiguous++;
    else if (reading.mark === 'point') point++;
    else if (reading.mark === 'comma') comma++;
  }
  return { mark: comma > point ? 'comma' : 'point', point, comma, ambiguous };
}
