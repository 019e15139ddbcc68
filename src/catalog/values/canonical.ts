/**
 * One value written in many ways: "navy blue", "Navy-Blue", "NAVY BLUES".
 *
 * Values are compared by a key that ignores case, accents, plurals, spaces and punctuation between words, but keeps
 * what tells values apart: digits and the marks between them ("5.5", "1/2", "98/104"), signs ("A+", "C#", "-5").
 */

/** The canonical values of an attribute and what else they are called. */
export type ValueNames = {
  readonly values: readonly string[];
  readonly synonyms: Readonly<Record<string, readonly string[]>>;
};

export type Canonical =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false /** The raw text, trimmed; to be reported. */; readonly unknown: string };

/**
 * The key under which spellings of one value meet. Accents are dropped from Latin and Greek letters only: elsewhere
 * marks are letters of their own (Japanese が is not か).
 * @example spellingKey('Navy-Blue') === spellingKey('NAVY  blue') // 'navyblue'
 */
export function spellingKey(text: string): string {
  const words = text
    .normalize('NFKD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu, '$1')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replace(/[‐‑‒–—−]/g, '-')
    .replace(/['’ʼ`´]/g, '')
    .replace(/\s*&\s*/g, ' and ')
    // A mark between digits, or a sign before the first digit, is part of a number.
    .replace(/(?<!\d)-(?=\.?\d)(?<![^\s]-)/g, '\ue001')
    .replace(/(?<=\d)\s*([./,:×x*-])\s*(?=\d)/g, '\ue000$1\ue000')
    .replace(/[^\p{L}\p{N}\p{M}\p{Sc}\p{So}+#%°<>=\ue000\ue001]+(?!\ue000)/gu, ' ')
    .trim();
  // Spaces count between digits only ("2 10" is not "210"), and between a word and a signed number ("a -3" is not "a-3").
  const joined = words
    .replace(/(?<=\d) (?=\ue001)|(?<!\d) (?!\ue001)| (?![\d\ue001])/g, '')
    .replaceAll('\ue000', '')
    .replaceAll('\ue001', '-');
  // A value of punctuation only ("-", "/") is itself.
  return joined === '' ? text.trim() : joined;
}

/** The spelling key without an English plural ending: "dresses" and "dress", "berries" and "berry". */
export function pluralKey(text: string): string {
  const key = spellingKey(text);
  if (key.length < 4 || !/^[a-z]+$/.test(key.slice(-4))) return key;
  if (/(?:ss|us|is)$/.test(key)) return key;
  if (/[^aeiou]ies$/.test(key)) return `${key.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|zz)es$/.test(key)) return key.slice(0, -2);
  return key.endsWith('s') ? key.slice(0, -1) : key;
}

/**
 * Maps raw strings to canonical values: first as written, then by spelling, then without plural. A synonym never
 * takes what is itself a canonical value, and a key that two values claim is left to neither.
 */
export function canonicaliser(names: ValueNames): (raw: string) => Canonical {
  const exact = new Map<string, string>();
  const levels: Map<string, string | undefined>[] = [];
  for (const value of names.values) exact.set(value, value);
  const entries: (readonly [string, string])[] = names.values.map((value) => [value, value]);
  for (const [value, others] of Object.entries(names.synonyms)) {
    for (const other of others) {
      if (!exact.has(other)) exact.set(other, value);
      entries.push([other, value]);
    }
  }
  for (const key of [spellingKey, pluralKey]) {
    const level = new Map<string, string | undefined>();
    for (const [text, value] of entries.slice(0, names.values.length)) claim(level, key(text), value);
    const own = new Set(level.keys());
    for (const [text, value] of entries.slice(names.values.length)) {
      if (!own.has(key(text))) claim(level, key(text), value);
    }
    levels.push(level);
  }
  return (raw) => {
    const text = raw.trim();
    const value = exact.get(text) ?? levels[0]!.get(spellingKey(text)) ?? levels[1]!.get(pluralKey(text));
    return value === undefined ? { ok: false, unknown: text } : { ok: true, value };
  };
}

function claim(level: Map<string, string | undefined>, key: string, value: string): void {
  level.set(key, level.has(key) && level.get(key) !== value ? undefined : value);
}

/** Spellings found in the data that are taken for one value. */
export type LearnedForm = {
  /** The commonest spelling. */
  readonly canonical: string;
  readonly count: number;
  /** Every spelling with its count, the commonest first; one entry where the data agree. */
  readonly variants: readonly { readonly text: string; readonly count: number }[];
};

/**
 * Groups spelling variants found in the data, the commonest spelling as the canonical one. A plural joins its singular
 * unless both are well used: then they are likely two things ("Glass", "Glasses"). To be shown to the user: a wrong
 * group is undone by listing `values`.
 * @param counts - how often each raw text occurs
 * @returns the commonest value first; ties in the order of the texts
 */
export function learnCanonicalForms(counts: Iterable<readonly [string, number]>): readonly LearnedForm[] {
  const spellings = new Map<string, Map<string, number>>();
  for (const [raw, count] of counts) {
    const text = raw.trim();
    if (text === '' || count <= 0) continue;
    const key = spellingKey(text);
    const group = spellings.get(key) ?? new Map<string, number>();
    group.set(text, (group.get(text) ?? 0) + count);
    spellings.set(key, group);
  }
  const plurals = new Map<string, LearnedForm[]>();
  for (const group of spellings.values()) {
    const learned = form(group);
    const key = pluralKey(learned.canonical);
    plurals.set(key, [...(plurals.get(key) ?? []), learned]);
  }
  return [...plurals.values()]
    .flatMap(joinPlurals)
    .sort((a, b) => b.count - a.count || compare(a.canonical, b.canonical));
}

/** Rarer than this beside its plural (or singular), a spelling is taken for a variant of it. */
const RARE_COUNT = 10;
const RARE_SHARE = 0.2;

function joinPlurals(forms: readonly LearnedForm[]): readonly LearnedForm[] {
  const [largest, ...rest] = [...forms].sort(
    (a, b) => b.count - a.count || compare(a.canonical, b.canonical),
  );
  const rare = (other: LearnedForm) => other.count < RARE_COUNT || other.count < largest!.count * RARE_SHARE;
  const joined = [largest!, ...rest.filter(rare)];
  const texts = new Map(
    joined.flatMap((each) => each.variants.map(({ text, count }) => [text, count] as const)),
  );
  return [form(texts), ...rest.filter((other) => !rare(other))];
}

function form(group: ReadonlyMap<string, number>): LearnedForm {
  const variants = [...group]
    .map(([text, count]) => ({ text, count }))
    .sort((a, b) => b.count - a.count || compare(a.text, b.text));
  const count = variants.reduce((sum, variant) => sum + variant.count, 0);
  return { canonical: variants[0]!.text, count, variants };
}

/** The learned forms as the values and synonyms of an attribute, in the same order. */
export function namesOfForms(forms: readonly LearnedForm[]): ValueNames {
  const synonyms: Record<string, readonly string[]> = {};
  for (const { canonical, variants } of forms) {
    if (variants.length > 1) synonyms[canonical] = variants.slice(1).map(({ text }) => text);
  }
  return { values: forms.map(({ canonical }) => canonical), synonyms };
}

/** The parts of a cell that holds several values, trimmed, without empty and repeated ones. */
export function splitValues(cell: string, separator: string | undefined): readonly string[] {
  const parts =
    separator === undefined ? [cell] : cell.split(separator.trim() === '' ? separator : separator.trim());
  return [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))];
}

/** Code-unit order: the same on every machine, whatever its locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
