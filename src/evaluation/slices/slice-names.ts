/** Names of slices that every catalog has: how long the text is, in which script, how often the value was trained on. */

const LENGTH_LIMITS = [20, 50, 100, 200, 500, 2000] as const;

/** "no text", "1-20 characters", ... "over 2,000 characters", counting code points. */
export function textLengthSlice(text: string): string {
  let length = 0;
  for (const _ of text) length++;
  if (length === 0) return 'no text';
  let from = 1;
  for (const limit of LENGTH_LIMITS) {
    if (length <= limit) return `${from}-${limit} characters`;
    from = limit + 1;
  }
  return 'over 2,000 characters';
}

const SCRIPTS: readonly (readonly [name: string, letters: RegExp])[] = [
  ['Latin', /\p{Script=Latin}/u],
  ['Chinese characters', /\p{Script=Han}/u],
  ['Japanese', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['Korean', /\p{Script=Hangul}/u],
  ['Cyrillic', /\p{Script=Cyrillic}/u],
  ['Arabic', /\p{Script=Arabic}/u],
  ['Hebrew', /\p{Script=Hebrew}/u],
  ['Greek', /\p{Script=Greek}/u],
  ['Devanagari', /\p{Script=Devanagari}/u],
  ['Thai', /\p{Script=Thai}/u],
];

/**
 * The script of most letters of a text: "Latin", "Japanese", "Chinese characters", "Cyrillic" ..., "other script", or
 * "no letters". Chinese characters beside any kana are Japanese. The first 2,000 characters decide.
 */
export function scriptSlice(text: string): string {
  const counts = new Map<string, number>();
  for (const character of text.slice(0, 2000)) {
    if (!/\p{L}/u.test(character)) continue;
    const script = SCRIPTS.find(([, letters]) => letters.test(character))?.[0] ?? 'other script';
    counts.set(script, (counts.get(script) ?? 0) + 1);
  }
  const kana = counts.get('Japanese');
  if (kana !== undefined) {
    counts.set('Japanese', kana + (counts.get('Chinese characters') ?? 0));
    counts.delete('Chinese characters');
  }
  let best = 'no letters';
  let most = 0;
  for (const [script, count] of counts) {
    if (count > most) [best, most] = [script, count];
  }
  return best;
}

export type Frequency = 'head' | 'tail' | 'unseen';

/**
 * How often a value was trained on. `head`: the most frequent values, as few as hold 80 % of the training labels;
 * `tail`: the other trained values; `unseen`: never trained.
 *
 * @param trainingCounts - value -> number of training labels
 */
export function frequencySlices(trainingCounts: ReadonlyMap<string, number>): (value: string) => Frequency {
  const sorted = [...trainingCounts].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const head = new Set<string>();
  let held = 0;
  for (const [value, count] of sorted) {
    if (held >= 0.8 * total) break;
    head.add(value);
    held += count;
  }
  return (value) => (head.has(value) ? 'head' : (trainingCounts.get(value) ?? 0) > 0 ? 'tail' : 'unseen');
}
