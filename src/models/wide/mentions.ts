/**
 * Which values a product's texts name: by the value's own name, or by a synonym. What a mention is worth is learned once for
 * an attribute, not for each value, so that a value with few examples, or none, is found where the text says it.
 */
import type { ChoiceSpec } from '../attribute/spec.ts';
import { wordsOf } from '../attribute/words.ts';

/** For each field: that a value is named in it; that it is the first value named there. */
export const SLOTS_PER_FIELD = 2;

/** One attribute's mentions in one product: value `columns[i]`, counted from the attribute's first, is named as `slots[i]` says. */
export type Mentions = { readonly columns: number[]; readonly slots: number[] };

const WORDS_PER_FIELD = 512;
const CHARACTERS_PER_FIELD = 16_384;

/** A word in the forms in which it may stand elsewhere. */
type Forms = readonly string[];
type Name = { readonly words: readonly Forms[]; readonly problem: number; readonly column: number };

export class MentionReader {
  readonly #problems: number;
  /** Names by the forms of their first word, the longest first. */
  readonly #names = new Map<string, Name[]>();

  constructor(choices: readonly ChoiceSpec[]) {
    this.#problems = choices.length;
    for (const [problem, { values, synonyms }] of choices.entries()) {
      for (const [column, value] of values.entries()) {
        for (const name of [value, ...(synonyms?.[value] ?? [])]) this.#add(name, problem, column);
      }
    }
    for (const names of this.#names.values()) names.sort((a, b) => b.words.length - a.words.length);
  }

  /** The mentions of each attribute, in the order of the choices. Of names that begin at one word, the longest counts, and none begins inside it. */
  read(texts: readonly string[]): readonly Mentions[] {
    const found = Array.from({ length: this.#problems }, (): Mentions => ({ columns: [], slots: [] }));
    for (const [field, text] of texts.entries()) {
      const words = wordForms(text);
      const seen = Array.from({ length: this.#problems }, () => new Set<number>());
      const free = new Array<number>(this.#problems).fill(0);
      for (const i of words.keys()) {
        for (const { words: name, problem, column } of this.#namesFrom(words[i]!)) {
          if (free[problem]! > i || !name.every((part, j) => meet(part, words[i + j]))) continue;
          free[problem] = i + name.length;
          if (seen[problem]!.has(column)) continue;
          const first = seen[problem]!.size === 0;
          seen[problem]!.add(column);
          const { columns, slots } = found[problem]!;
          for (const slot of first ? [0, 1] : [0]) {
            columns.push(column);
            slots.push(field * SLOTS_PER_FIELD + slot);
          }
        }
      }
    }
    return found;
  }

  #namesFrom(forms: Forms): readonly Name[] {
    const found = forms.flatMap((form) => this.#names.get(form) ?? []);
    return forms.length === 1 || found.length < 2
      ? found
      : found.sort((a, b) => b.words.length - a.words.length);
  }

  #add(name: string, problem: number, column: number): void {
    const words = wordForms(name);
    for (const form of words[0] ?? []) {
      const names = this.#names.get(form) ?? [];
      names.push({ words, problem, column });
      this.#names.set(form, names);
    }
  }
}

/** Words in lower case and without accents, each as it is and without what plurals and cases of European languages add. */
function wordForms(text: string): Forms[] {
  const plain = text.slice(0, CHARACTERS_PER_FIELD).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return wordsOf(plain, WORDS_PER_FIELD).map(({ start, end }) => {
    const word = plain.slice(start, end);
    const shorter = ENDINGS.flatMap((ending) =>
      word.endsWith(ending) && word.length - ending.length >= SHORTEST_STEM
        ? [word.slice(0, -ending.length)]
        : [],
    );
    return [word, ...shorter];
  });
}

const ENDINGS = ['s', 'e', 'n', 'es', 'en', 'er', 'em'];
const SHORTEST_STEM = 4;

const meet = (a: Forms, b: Forms | undefined) => b !== undefined && a.some((form) => b.includes(form));

/** Adds what each mention is worth to the scores of the values of one attribute. */
export function addMentions(
  scores: Float32Array | Float64Array,
  { columns, slots }: Mentions,
  worth: Float32Array,
): void {
  for (const [i, column] of columns.entries()) scores[column]! += worth[slots[i]!]!;
}
