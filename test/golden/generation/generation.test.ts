/** Decoding with a cache against transformers' `generate`, from the same small random checkpoint (generate.py). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { State } from '../../../src/graph/state.ts';
import type { RawConfig } from '../../../src/models/architectures/config.ts';
import { CausalSession } from '../../../src/models/generation/causal-session.ts';
import { type DecodingOptions, decodeTexts } from '../../../src/models/generation/decoding.ts';
import { readFixture, readJson } from '../fixture.ts';

type Case = {
  readonly arguments: {
    readonly num_beams: number;
    readonly max_new_tokens: number;
    readonly length_penalty?: number;
    readonly early_stopping?: boolean | 'never';
    readonly no_repeat_ngram_size?: number;
  };
  readonly texts: readonly (readonly number[])[];
  readonly scores?: readonly number[];
};

const folder = new URL('./fixtures/', import.meta.url);
const expected = readJson<{
  readonly end: number;
  readonly prompts: readonly (readonly number[])[];
  readonly logProbabilities: readonly (readonly number[])[];
  readonly cases: readonly Case[];
}>(new URL('expected.json', folder));
const prompts = expected.prompts.map((prompt) => Int32Array.from(prompt));

const optionsOf = ({ arguments: given }: Case): DecodingOptions => ({
  beams: given.num_beams,
  maxNewTokens: given.max_new_tokens,
  end: expected.end,
  lengthPenalty: given.length_penalty ?? 1,
  earlyStopping: given.early_stopping ?? false,
  noRepeatNgrams: given.no_repeat_ngram_size ?? 0,
  noRepeatOfPrompt: true,
});

describe('a GPT-2 with a cache of keys and values', () => {
  let model: CausalSession;
  beforeAll(async () => {
    const state = new State();
    for (const [name, { dims, data }] of Object.entries(readFixture(new URL('model.safetensors', folder))))
      state.set(name.replace(/^transformer\./, ''), dims, data as Float32Array);
    model = await CausalSession.open(readJson<RawConfig>(new URL('config.json', folder)), state, {
      threads: 1,
    });
  });
  afterAll(() => model.close());

  const row = (scores: { data: Float32Array; vocabulary: number }, i: number) =>
    scores.data.subarray(i * scores.vocabulary, (i + 1) * scores.vocabulary);
  const farthest = (a: Float32Array, b: ArrayLike<number>) =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

  it('scores the next token as PyTorch does without padding, prompts of all lengths at once', async () => {
    const { scores } = await model.start(prompts);
    for (const [i, wanted] of expected.logProbabilities.entries())
      expect(farthest(row(scores, i), wanted)).toBeLessThan(2e-5);
  });

  it('gives the same scores token by token as for the whole text at once', async () => {
    const whole = prompts.map((prompt) => Int32Array.from([...prompt, 7, 31, 12]));
    let now = await model.start(prompts);
    for (const token of [7, 31, 12])
      now = await now.next(
        prompts.map((_, i) => i),
        prompts.map(() => token),
      );
    const { scores } = await model.start(whole);
    expect(farthest(now.scores.data, scores.data)).toBeLessThan(2e-5);
  });

  it('goes on from any rows in any order', async () => {
    const first = await model.start(prompts);
    const { scores } = await first.next([5, 1, 1], [9, 9, 4]);
    const alone = await model.start([
      Int32Array.from([...prompts[5]!, 9]),
      Int32Array.from([...prompts[1]!, 9]),
      Int32Array.from([...prompts[1]!, 4]),
    ]);
    expect(farthest(scores.data, alone.scores.data)).toBeLessThan(2e-5);
  });

  it.each(expected.cases.map((each) => [JSON.stringify(each.arguments), each] as const))(
    'writes what transformers writes: %s',
    async (_, each) => {
      const decoded = await decodeTexts(model, prompts, optionsOf(each));
      expect(decoded.map(({ tokens }) => tokens)).toEqual(each.texts);
      const penalty = each.arguments.length_penalty ?? 1;
      for (const [i, score] of (each.scores ?? []).entries())
        expect(decoded[i]!.logProbability / decoded[i]!.length ** penalty).toBeCloseTo(score, 4);
    },
  );

  it('writes the same for a prompt whatever is decoded beside it', async () => {
    const options = optionsOf(expected.cases[3]!);
    const together = await decodeTexts(model, prompts, options);
    for (const [i, prompt] of prompts.entries()) {
      const [alone] = await decodeTexts(model, [prompt], options);
      expect(alone!.tokens).toEqual(together[i]!.tokens);
    }
  });
});
