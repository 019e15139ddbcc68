/**
 * The n-grams of a product's texts as hashed buckets: words and pairs of words of each field, character n-grams inside
 * words (as scikit-learn's `char_wb`), and the category. N-grams are hashed in place; no string of one is ever made.
 */
import { hash32, hashString } from '../../base/random.ts';
import { BoundedMemo } from '../../features/text/bounded-memo.ts';
import { wordsOf } from '../attribute/words.ts';

/** What the wide part reads of a product. */
export type WideText = {
  /** In the order of the model's fields. */
  readonly texts: readonly string[];
  readonly category?: string | undefined;
};

/** Buckets are in [0, 2^22): exact as float32, and few n-grams of a catalog meet in one. */
export const BUCKET_BITS = 22;
const MASK = (1 << BUCKET_BITS) - 1;

/** N-grams of one group are normalised together, so that the many of one do not drown the few of another. */
export const GROUPS = ['words', 'characters', 'category'] as const;
export type Group = (typeof GROUPS)[number];

/** Lengths of the character n-grams, the spaces around a word included. */
const SHORTEST = 3;
const LONGEST = 5;

/** Only so much of a field is read, so that a description of 10 MB costs what its head costs. */
const CHARACTERS_PER_FIELD = 16_384;
const LONGEST_WORD = 64;
const WORDS_REMEMBERED = 20_000;

/** An n-gram's kind is part of its hash. */
const ONE_WORD = 0x101;
const TWO_WORDS = 0x202;
const CHARACTERS = 0x303;
const CATEGORY = 0x404;

type Word = { readonly hash: number /** Of its character n-grams. */; readonly columns: Int32Array };

export class NgramReader {
  readonly #columnOf: (bucket: number) => number;
  readonly #words = new BoundedMemo<Word>(WORDS_REMEMBERED);

  /** @param columnOf - what a bucket is called by the reader's caller; below 0 where it is of no interest */
  constructor(columnOf: (bucket: number) => number) {
    this.#columnOf = columnOf;
  }

  /**
   * Calls `visit` for each n-gram, as often as it occurs, group after group in the order of `GROUPS`. Case and
   * compatibility forms (full-width letters, ligatures) do not matter.
   */
  read(
    { texts, category }: WideText,
    visit: (column: number) => void,
    endGroup: (group: Group) => void,
  ): void {
    const fields = texts.map((text) => lowerWords(text).map((word) => this.#word(word)));
    const visitBucket = (bucket: number) => {
      const column = this.#columnOf(bucket);
      if (column >= 0) visit(column);
    };
    for (const [field, words] of fields.entries()) {
      let before = 0;
      for (let i = 0; i < words.length; i++) {
        const { hash } = words[i]!;
        visitBucket(hash32(ONE_WORD, field, hash) & MASK);
        if (i > 0) visitBucket(hash32(TWO_WORDS, field, before, hash) & MASK);
        before = hash;
      }
    }
    endGroup('words');
    for (const words of fields) {
      for (const { columns } of words) for (let i = 0; i < columns.length; i++) visit(columns[i]!);
    }
    endGroup('characters');
    if (category !== undefined && category !== '') visitBucket(hashString(category, CATEGORY) & MASK);
    endGroup('category');
  }

  #word(text: string): Word {
    const known = this.#words.get(text);
    if (known) return known;
    const columns = characterBuckets(text)
      .map(this.#columnOf)
      .filter((column) => column >= 0);
    const word = { hash: hashString(text), columns: Int32Array.from(columns) };
    this.#words.set(text, word);
    return word;
  }
}

function lowerWords(text: string): readonly string[] {
  const lower = text.slice(0, CHARACTERS_PER_FIELD).normalize('NFKC').toLowerCase();
  return wordsOf(lower, CHARACTERS_PER_FIELD).map(({ start, end }) => lower.slice(start, end));
}

const SPACE = 0x20;

/** Of the word between two spaces. */
function characterBuckets(word: string): number[] {
  const length = Math.min(word.length, LONGEST_WORD) + 2;
  const unit = (i: number) => (i === 0 || i === length - 1 ? SPACE : word.charCodeAt(i - 1));
  const buckets: number[] = [];
  for (let start = 0; start + SHORTEST <= length; start++) {
    let hash = CHARACTERS;
    const end = Math.min(length, start + LONGEST);
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ unit(i), 0x01000193);
      if (i - start + 1 >= SHORTEST) buckets.push(hash32(hash) & MASK);
    }
  }
  return buckets;
}
