import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { type HidingOptions, hideWords, type TokenRow } from './masked-tokens.ts';

const [PAD, CLS, SEP, MASK, VOCABULARY] = [0, 2, 3, 4, 1000];
const OPTIONS: HidingOptions = {
  share: 0.15,
  special: new Set([PAD, CLS, SEP, MASK]),
  mask: MASK,
  pad: PAD,
  vocabulary: VOCABULARY,
};

/** A row of `words` words of 1 to 3 tokens, between the special ones. */
function row(words: number, random: Random): TokenRow {
  const ids = [CLS];
  const continues = [0];
  for (let word = 0; word < words; word++) {
    const pieces = 1 + random.below(3);
    for (let piece = 0; piece < pieces; piece++) {
      ids.push(5 + random.below(VOCABULARY - 5));
      continues.push(piece === 0 ? 0 : 1);
    }
  }
  return { ids: Int32Array.from([...ids, SEP]), continues: Uint8Array.from([...continues, 0]) };
}

const numbers = (batch: ReturnType<typeof hideWords>, name: string) => [
  ...(batch.values[name]!.data as Int32Array),
];

describe('hideWords', () => {
  const random = new Random(7);
  const rows = Array.from({ length: 200 }, () => row(20 + random.below(20), random));
  const batch = hideWords(rows, OPTIONS, new Random(1));
  const tokens = batch.values.ids!.dims[1]!;
  const guessed = numbers(batch, 'guessed');
  const original = rows.flatMap(({ ids }) => [...ids, ...new Array<number>(tokens - ids.length).fill(PAD)]);

  it('asks for a share of the tokens, as they were, and none of the special ones', () => {
    expect(batch.weight).toBe(guessed.length);
    expect(numbers(batch, 'answers')).toEqual(guessed.map((place) => original[place]));
    expect(numbers(batch, 'answers').some((id) => OPTIONS.special.has(id))).toBe(false);
    const ordinary = original.filter((id) => !OPTIONS.special.has(id)).length;
    expect(guessed.length / ordinary).toBeGreaterThan(0.14);
    expect(guessed.length / ordinary).toBeLessThan(0.16);
  });

  it('asks for whole words', () => {
    const asked = new Set(guessed);
    for (const [r, { continues }] of rows.entries())
      for (let i = 1; i < continues!.length; i++)
        if (continues![i] === 1) expect(asked.has(r * tokens + i)).toBe(asked.has(r * tokens + i - 1));
  });

  it('hides 8 in 10 of them, puts another token for 1 in 10, and touches nothing else', () => {
    const ids = numbers(batch, 'ids');
    const share = (is: (place: number) => boolean) => guessed.filter(is).length / guessed.length;
    expect(share((place) => ids[place] === MASK)).toBeCloseTo(0.8, 1);
    expect(share((place) => ids[place] === original[place])).toBeCloseTo(0.1, 1);
    const asked = new Set(guessed);
    expect(ids.filter((id, place) => !asked.has(place) && id !== original[place])).toEqual([]);
    expect(
      numbers(batch, 'mask').filter((each, place) => (each === 1) !== (original[place] !== PAD)),
    ).toEqual([]);
  });

  it('is a function of the random numbers', () => {
    expect(hideWords(rows, OPTIONS, new Random(1))).toEqual(batch);
    expect(numbers(hideWords(rows, OPTIONS, new Random(2)), 'guessed')).not.toEqual(guessed);
  });

  it('asks for one token of a row that is one long word, and for nothing where there is none', () => {
    const long = { ids: Int32Array.of(CLS, 9, 9, 9, 9, SEP), continues: Uint8Array.of(0, 0, 1, 1, 1, 0) };
    expect(hideWords([long], OPTIONS, new Random(1)).weight).toBe(1);
    expect(hideWords([{ ids: Int32Array.of(CLS, SEP) }], OPTIONS, new Random(1)).weight).toBe(0);
  });
});
