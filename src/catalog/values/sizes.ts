/**
 * Size systems: letters (XS to 5XL), shoe sizes of the EU, US and UK, children's heights ("98/104") and ages ("2-3
 * years"), waist and length ("W32 L34"), bras ("75B"), one size.
 *
 * A reading says which system a text is in and its canonical spelling. A bare "42" does not say its system: a hint
 * (the category's usual one) decides, or the reading is `number`.
 */
import { parseNumber, plainDigits } from './numbers.ts';

const SIZE_SYSTEMS = [
  'letter',
  'shoe-eu',
  'shoe-us',
  'shoe-uk',
  'height-cm',
  'age-months',
  'waist-length',
  'bra',
  'one-size',
  'number',
] as const;
export type SizeSystem = (typeof SIZE_SYSTEMS)[number];
export type ShoeSystem = Extract<SizeSystem, `shoe-${string}`>;

/** US sizes of men and women differ; EU and UK sizes do not. */
export type Wearer = 'women' | 'men' | 'children';

export type Size =
  | {
      readonly ok: true;
      readonly system: SizeSystem;
      /** How Attune writes it, the same for all spellings: "XXL", "EU 42.5", "98/104", "24-36 months", "W32 L34". */
      readonly canonical: string;
      /** A number to order sizes of one system by; a range gives its ends. */
      readonly low: number;
      readonly high: number;
    }
  | { readonly ok: false; readonly reason: string };

const LETTERS = [
  '5XS',
  '4XS',
  'XXXS',
  'XXS',
  'XS',
  'S',
  'M',
  'L',
  'XL',
  'XXL',
  'XXXL',
  '4XL',
  '5XL',
  '6XL',
] as const;
const WORDS: Readonly<Record<string, (typeof LETTERS)[number]>> = {
  'extra extra small': 'XXS',
  'extra small': 'XS',
  small: 'S',
  sml: 'S',
  klein: 'S',
  petit: 'S',
  medium: 'M',
  med: 'M',
  mittel: 'M',
  moyen: 'M',
  large: 'L',
  lge: 'L',
  groß: 'L',
  grand: 'L',
  'extra large': 'XL',
  'x large': 'XL',
  'x small': 'XS',
  'xx large': 'XXL',
  'xx small': 'XXS',
  'xxx large': 'XXXL',
  'extra extra large': 'XXL',
};
const ONE_SIZE =
  /^(?:one[ -]?size(?: fits (?:all|most))?|os|o\/s|osfa|free ?size|einheitsgröße|taille unique|tu|unica|uni)$/i;

/**
 * Reads a size.
 * @param hint - the system of a bare number, where the catalog knows it
 * @example parseSize('xx-large') // { ok: true, system: 'letter', canonical: 'XXL', low: 9, high: 9 }
 */
export function parseSize(text: string, hint: SizeSystem = 'number'): Size {
  const plain = plainDigits(text)
    .trim()
    .replace(/^(?:size|größe|gr\.?|taille)[ :]+(?=\S)/i, '');
  if (plain === '') return { ok: false, reason: 'the cell is empty' };
  return (
    oneSize(plain) ??
    letter(plain) ??
    shoe(plain) ??
    age(plain) ??
    waistLength(plain) ??
    bra(plain) ??
    height(plain, hint) ??
    bareNumber(plain, hint) ?? { ok: false, reason: `${JSON.stringify(text)} is no size that Attune knows` }
  );
}

const size = (system: SizeSystem, canonical: string, low: number, high = low): Size => ({
  ok: true,
  system,
  canonical,
  low,
  high,
});

function oneSize(text: string): Size | undefined {
  return ONE_SIZE.test(text) ? size('one-size', 'one size', 0) : undefined;
}

function letter(text: string): Size | undefined {
  const parts = text.split(/\s*(?:\/|–| - |(?<=[smlx])-(?=[smlx\d]))\s*/i);
  const whole = rank(text);
  if (whole !== undefined) return size('letter', LETTERS[whole]!, whole);
  if (parts.length !== 2) return undefined;
  const [low, high] = parts.map(rank);
  if (low === undefined || high === undefined || low >= high) return undefined;
  return size('letter', `${LETTERS[low]}/${LETTERS[high]}`, low, high);
}

/** Place among the letters: "3XL" and "XXXL" are one, "2X" is XXL. */
function rank(text: string): number | undefined {
  const lower = text
    .trim()
    .toLowerCase()
    .replace(/[-_ ]+/g, ' ')
    .replace(/\.$/, '');
  const word = WORDS[lower];
  if (word !== undefined) return LETTERS.indexOf(word);
  const match = /^(?:(x{1,6})|([1-6])\s?x)?\s?([sml])?$/.exec(lower);
  if (match === null || lower === '') return undefined;
  const times = match[1]?.length ?? Number(match[2] ?? 0);
  const base = match[3] ?? (times > 1 ? 'l' : undefined);
  if (base === undefined) return undefined;
  if (base === 'm') return times === 0 ? LETTERS.indexOf('M') : undefined;
  const place = base === 's' ? LETTERS.indexOf('S') - times : LETTERS.indexOf('L') + times;
  return place >= 0 && place < LETTERS.length ? place : undefined;
}

function shoe(text: string): Size | undefined {
  const match =
    /^(eu|eur|it|fr|us|usa|uk|gb)[ .:-]*(\d+(?:[.,]\d+| ?1\/2| \d\/\d)?)$/i.exec(text) ??
    swapped(/^(\d+(?:[.,]\d+| ?1\/2| \d\/\d)?) ?(eu|eur|us|usa|uk|gb)$/i.exec(text));
  if (match === null || match === undefined) return undefined;
  const value = parseNumber(match[2]!.replace(/(\d) ?(\d\/\d)$/, '$1 $2'));
  if (!value.ok) return undefined;
  const place = match[1]!.toLowerCase();
  const system: ShoeSystem = place.startsWith('us')
    ? 'shoe-us'
    : place === 'uk' || place === 'gb'
      ? 'shoe-uk'
      : 'shoe-eu';
  return size(system, `${system.slice(5).toUpperCase()} ${value.value}`, value.value);
}

function swapped(match: RegExpExecArray | null): readonly (string | undefined)[] | undefined {
  return match === null ? undefined : [match[0], match[2], match[1]];
}

/** Ages in months, so that "18-24 months" and "2 years" can be ordered; written in the unit they came in. */
function age(text: string): Size | undefined {
  const match =
    /^(\d+)(?: ?(?:m|y|yrs?|months?|years?)?\.? ?(?:-|to|\/|bis|à) ?(\d+))? ?(m|mo|mos|mths?|months?|monate?|mois|y|yr|yrs|years?|jahre?|ans?|t)\.?$/i.exec(
      text.replace(/^age[sd]? /i, ''),
    );
  if (match === null) return undefined;
  const months = /^m/i.test(match[3]!);
  const [low, high] = [Number(match[1]), Number(match[2] ?? match[1])];
  if (low > high || high > (months ? 48 : 18)) return undefined;
  const scale = months ? 1 : 12;
  const span = low === high ? `${low}` : `${low}-${high}`;
  return size('age-months', `${span} ${months ? 'months' : 'years'}`, low * scale, high * scale);
}

function waistLength(text: string): Size | undefined {
  const match =
    /^w ?(\d{2})(?:"| )?[ /x-]*l ?(\d{2})"?$/i.exec(text) ?? /^(\d{2}) ?w ?[ /x-]? ?(\d{2}) ?l$/i.exec(text);
  if (match === null) return undefined;
  const [waist, length] = [Number(match[1]), Number(match[2])];
  return size('waist-length', `W${waist} L${length}`, waist + length / 100);
}

function bra(text: string): Size | undefined {
  const match = /^(\d{2,3}) ?-?([a-k]{1,3})$/i.exec(text);
  if (match === null) return undefined;
  const band = Number(match[1]);
  const cup = match[2]!.toUpperCase();
  if (band < 28 || band > 130 || !/^(AA|[A-K]|DD|DDD|FF|GG|HH|JJ)$/.test(cup)) return undefined;
  return size('bra', `${band}${cup}`, band + (cup.charCodeAt(0) - 64) / 100 + (cup.length - 1) / 1000);
}

/** Body heights go up in steps of six centimetres from 44; "98/104" spans two of them. */
function height(text: string, hint: SizeSystem): Size | undefined {
  const match = /^(\d{2,3})(?: ?[/-] ?(\d{2,3}))? ?(cm)?$/i.exec(text);
  if (match === null) return undefined;
  const [low, high] = [Number(match[1]), Number(match[2] ?? match[1])];
  const steps = [low, high].every((value) => value >= 44 && value <= 188 && (value - 44) % 6 === 0);
  const meant =
    match[3] !== undefined || hint === 'height-cm' || (match[2] !== undefined && high - low === 6);
  if (!steps || !meant || high < low) return undefined;
  return size('height-cm', low === high ? `${low}` : `${low}/${high}`, low, high);
}

function bareNumber(text: string, hint: SizeSystem): Size | undefined {
  const range = /^(\d+(?:[.,]\d+)?) ?(?:[/-]|to) ?(\d+(?:[.,]\d+)?)$/.exec(text);
  const ends = (range === null ? [text] : [range[1]!, range[2]!]).map((part) => parseNumber(part));
  const values = ends.flatMap((end) => (end.ok ? [end.value] : []));
  if (values.length !== ends.length || values.length === 0) return undefined;
  const [low, high] = [values[0]!, values.at(-1)!];
  if (low > high) return undefined;
  const system = hint.startsWith('shoe-') ? hint : 'number';
  const written = low === high ? `${low}` : `${low}/${high}`;
  return size(
    system,
    system === 'number' ? written : `${system.slice(5).toUpperCase()} ${written}`,
    low,
    high,
  );
}

/**
 * Converts a shoe size between systems by the length of the last: EU sizes are 2/3 cm each, UK and US sizes a third of
 * an inch; UK = 3 x inches - 25 for adults; US men = UK + 1, US women = UK + 2; children's sizes start 13 earlier.
 * Brands differ by half a size.
 * @returns the nearest half size
 * @see ISO 9407 and ISO/TS 19407 on footwear sizing
 * @example convertShoe(42, 'shoe-eu', 'shoe-uk', 'men') // 8
 */
export function convertShoe(value: number, from: ShoeSystem, to: ShoeSystem, wearer: Wearer): number {
  if (from === to) return value;
  const inches = lastLengthInches(value, from, wearer);
  const exact = to === 'shoe-eu' ? inches * 2.54 * 1.5 : 3 * inches - offsetOf(to, wearer);
  return Math.round(exact * 2) / 2;
}

function lastLengthInches(value: number, system: ShoeSystem, wearer: Wearer): number {
  return system === 'shoe-eu' ? value / (2.54 * 1.5) : (value + offsetOf(system, wearer)) / 3;
}

function offsetOf(system: ShoeSystem, wearer: Wearer): number {
  const uk = wearer === 'children' ? 12 : 25;
  if (system === 'shoe-uk') return uk;
  return wearer === 'women' ? uk - 2 : uk - 1;
}
