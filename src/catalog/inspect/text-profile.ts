/** Scripts and languages of texts, and whether a value stands literally in a text. */

const SCRIPTS = [
  'Latin',
  'Han',
  'Hiragana',
  'Katakana',
  'Hangul',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Thai',
] as const;
const SCRIPT_PATTERNS = SCRIPTS.map((script) => [script, new RegExp(`\\p{Script=${script}}`, 'gu')] as const);

/** Script -> share of all letters, the largest first; shares below half a per cent are left out. */
export function scriptShares(texts: Iterable<string>): readonly { script: string; share: number }[] {
  const counts = new Map<string, number>();
  let letters = 0;
  for (const text of texts) {
    const all = text.match(/\p{L}/gu)?.length ?? 0;
    letters += all;
    let known = 0;
    for (const [script, pattern] of SCRIPT_PATTERNS) {
      if (known >= all) break;
      const found = text.match(pattern)?.length ?? 0;
      if (found === 0) continue;
      known += found;
      counts.set(script, (counts.get(script) ?? 0) + found);
    }
    if (all > known) counts.set('other', (counts.get('other') ?? 0) + all - known);
  }
  return sharesOf(counts, letters).map(([script, share]) => ({ script, share }));
}

/** The commonest words of each language that the others do not share. */
const STOP_WORDS: Readonly<Record<string, readonly string[]>> = {
  English: ['the', 'and', 'with', 'for', 'of', 'is', 'this', 'to', 'you', 'it', 'your', 'are', 'from'],
  German: [
    'und',
    'mit',
    'für',
    'der',
    'die',
    'das',
    'ist',
    'aus',
    'ein',
    'eine',
    'von',
    'nicht',
    'auf',
    'sie',
  ],
  French: ['et', 'avec', 'pour', 'le', 'les', 'des', 'une', 'du', 'est', 'vous', 'dans', 'sur', 'au'],
  Spanish: ['y', 'con', 'para', 'el', 'los', 'las', 'una', 'del', 'es', 'por', 'su', 'más'],
  Italian: ['e', 'con', 'per', 'il', 'gli', 'della', 'una', 'di', 'è', 'che', 'sono', 'nel'],
  Dutch: ['en', 'met', 'voor', 'het', 'een', 'van', 'is', 'niet', 'de', 'op', 'zijn'],
  Portuguese: ['e', 'com', 'para', 'os', 'uma', 'do', 'da', 'não', 'você', 'em', 'são'],
};
const LANGUAGE_OF_WORD = new Map<string, string[]>();
for (const [language, words] of Object.entries(STOP_WORDS)) {
  for (const word of words) LANGUAGE_OF_WORD.set(word, [...(LANGUAGE_OF_WORD.get(word) ?? []), language]);
}

/** The likely language of one text by its script and small words; undefined when they do not tell. */
export function languageOf(text: string): string | undefined {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'Japanese';
  if (/\p{Script=Hangul}/u.test(text)) return 'Korean';
  if (/\p{Script=Han}/u.test(text)) return 'Chinese';
  if (/\p{Script=Thai}/u.test(text)) return 'Thai';
  const scores = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
    for (const language of LANGUAGE_OF_WORD.get(word) ?? [])
      scores.set(language, (scores.get(language) ?? 0) + 1);
  }
  const [first, second] = [...scores].sort((a, b) => b[1] - a[1]);
  if (first === undefined || first[1] < 2 || first[1] === second?.[1]) return undefined;
  return first[0];
}

/** Told of fewer texts than this share, languages are a guess that is better not made. */
const LEAST_TOLD = 0.05;

/** Language -> share of the texts whose language could be told, the largest first. */
export function languageShares(texts: readonly string[]): readonly { language: string; share: number }[] {
  const counts = new Map<string, number>();
  let told = 0;
  for (const text of texts) {
    const language = languageOf(text);
    if (language === undefined) continue;
    told++;
    counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  if (told < texts.length * LEAST_TOLD) return [];
  return sharesOf(counts, told, 0.02).map(([language, share]) => ({ language, share }));
}

function sharesOf(
  counts: ReadonlyMap<string, number>,
  total: number,
  least = 0.005,
): readonly [string, number][] {
  return [...counts]
    .map(([name, count]): [string, number] => [name, count / Math.max(1, total)])
    .filter(([, share]) => share >= least)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

/** Whether scripts without spaces between words make up a good part: a character is about a token there. */
export function isDense(scripts: readonly { readonly script: string; readonly share: number }[]): boolean {
  const dense = new Set(['Han', 'Hiragana', 'Katakana', 'Thai']);
  return scripts.reduce((sum, { script, share }) => sum + (dense.has(script) ? share : 0), 0) > 0.3;
}

/** A text in the form in which `standsIn` compares. */
export function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}

/**
 * Whether a value stands literally in a text, as whole words ("red" is not in "bored"; where a script has no spaces,
 * anywhere). Both are `comparable`.
 */
export function standsIn(text: string, value: string): boolean {
  if (value === '') return false;
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1)) {
    const before = text[at - 1];
    const after = text[at + value.length];
    if (!joins(before, value[0]) && !joins(value.at(-1), after)) return true;
  }
  return false;
}

/** Whether two neighbouring characters belong to one word. */
function joins(left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  const [a, b] = [wordClass(left), wordClass(right)];
  return a !== undefined && a === b;
}

function wordClass(character: string): string | undefined {
  if (/\p{Nd}/u.test(character)) return 'digit';
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(character))
    return undefined;
  return /[\p{L}\p{M}]/u.test(character) ? 'letter' : undefined;
}
