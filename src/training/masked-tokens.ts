/**
 * The task of masked language models: tokens of a text are hidden, and guessed from the others. Devlin et al. 2019,
 * https://arxiv.org/abs/1810.04805; whole words at a time as its authors' later checkpoints.
 */
import type { Random } from '../base/random.ts';
import {
  gather,
  input,
  less,
  max,
  multiply,
  oneHot,
  parameter,
  reshape,
  scalar,
  sum,
  where,
} from '../graph/builder.ts';
import { product } from '../graph/dimensions.ts';
import type { Value } from '../graph/session.ts';
import type { Tensor } from '../graph/tensor.ts';
import { hiddenStates, type TextEncoder } from '../models/architectures/encoder.ts';
import { languageModelLogits, languageModelParameters } from '../models/heads/language-model.ts';
import type { Dropout } from '../models/layers/dropout.ts';
import type { ParameterSpec } from '../models/layers/parameters.ts';
import { scopeOf } from '../models/layers/scope.ts';
import { crossEntropy, type LossTerm } from './losses.ts';
import type { MicroBatch } from './step.ts';

/** A text, or several in a row, special tokens included. */
export type TokenRow = {
  readonly ids: Int32Array;
  /** 1 for a token that goes on with the word of the one before it; each token is a word of its own where it is left out. */
  readonly continues?: Uint8Array;
};

export type HidingOptions = {
  /** Share of a row's tokens that are guessed. */
  readonly share: number;
  /** Ids that are never guessed. */
  readonly special: ReadonlySet<number>;
  readonly mask: number;
  readonly pad: number;
  /** Ids that may stand in for a hidden one: all below this. */
  readonly vocabulary: number;
};

/** Of the tokens to be guessed 8 in 10 are hidden, 1 in 10 is another token, 1 stays. */
const HIDDEN = 0.8;
const REPLACED = 0.1;

/**
 * Rows with words hidden, as the inputs of `maskedGraph`; the weight is the number of guesses. Words are taken in random order until
 * the row's share is reached, at least one; one that would go beyond it is left out.
 */
export function hideWords(
  rows: readonly TokenRow[],
  { share, special, mask, pad, vocabulary }: HidingOptions,
  random: Random,
): MicroBatch {
  const tokens = Math.max(...rows.map(({ ids }) => ids.length));
  const ids = new Int32Array(rows.length * tokens).fill(pad);
  const present = new Int32Array(ids.length);
  const guessed: number[] = [];
  for (const [r, row] of rows.entries()) {
    const from = r * tokens;
    ids.set(row.ids, from);
    present.fill(1, from, from + row.ids.length);
    for (const place of guessedPlaces(row, special, share, random)) guessed.push(from + place);
  }
  const answers = guessed.map((place) => ids[place]!);
  for (const place of guessed) {
    const fate = random.uniform();
    if (fate < HIDDEN) ids[place] = mask;
    else if (fate < HIDDEN + REPLACED) ids[place] = random.below(vocabulary);
  }
  const weight = guessed.length;
  // A graph needs at least one row; one without weight teaches nothing.
  if (weight === 0) {
    guessed.push(0);
    answers.push(-1);
  }
  const int32 = (dims: readonly number[], data: Int32Array): Value => ({ dtype: 'int32', dims, data });
  const dims = [rows.length, tokens];
  return {
    weight,
    values: {
      ids: int32(dims, ids),
      mask: int32(dims, present),
      guessed: int32([guessed.length], Int32Array.from(guessed)),
      answers: int32([answers.length], Int32Array.from(answers)),
    },
  };
}

/** In ascending order. */
function guessedPlaces(
  { ids, continues }: TokenRow,
  special: ReadonlySet<number>,
  share: number,
  random: Random,
): readonly number[] {
  const words: number[][] = [];
  let open = false;
  let ordinary = 0;
  for (const [place, id] of ids.entries()) {
    if (special.has(id)) {
      open = false;
      continue;
    }
    ordinary++;
    if (open && continues?.[place] === 1) words.at(-1)!.push(place);
    else words.push([place]);
    open = true;
  }
  const wanted = Math.max(1, Math.round(share * ordinary));
  const places: number[] = [];
  for (const word of random.shuffled(words)) {
    if (places.length >= wanted) break;
    if (places.length + word.length <= wanted) places.push(...word);
  }
  // A row of one long word.
  if (places.length === 0 && words.length > 0) places.push(random.pick(words)[0]!);
  return places.sort((a, b) => a - b);
}

export type MaskedGraph = {
  readonly loss: LossTerm;
  /** Scores of the vocabulary, [guesses, vocabulary]. */
  readonly logits: Tensor;
  /** How many guesses are right, a tie with another word counting as right; a float32 scalar. */
  readonly hits: Tensor;
  /** Of the encoder and of the head that guesses. */
  readonly specs: readonly ParameterSpec[];
  readonly parameters: ReadonlyMap<string, Tensor>;
};

/**
 * From the inputs `ids` and `mask` [batch, tokens], `guessed` and `answers` [guesses] (int32; places in the rows one after the other)
 * to the loss of the guesses. Scores of the vocabulary, the dearest of the model, are computed for those places alone.
 */
export function maskedGraph(encoder: TextEncoder, dropout: Dropout): MaskedGraph {
  const specs = [...encoder.parameters, ...languageModelParameters(encoder)];
  const parameters = new Map(specs.map(({ name, shape }) => [name, parameter(name, shape)]));
  const scope = scopeOf((name) => parameters.get(name)!);
  const ids = input('ids', 'int32', ['batch', 'tokens']);
  const mask = input('mask', 'int32', ['batch', 'tokens']);
  const hidden = hiddenStates(encoder, scope, { ids, mask }, dropout);
  const rows = reshape(hidden, [product(['batch', 'tokens']), encoder.width]);
  const answers = input('answers', 'int32', ['guesses']);
  const logits = languageModelLogits(encoder, scope, gather(rows, input('guessed', 'int32', ['guesses'])));
  const own = sum(multiply(logits, oneHot(answers, encoder.vocabulary)), [1]);
  const missed = less(own, max(logits, [1]));
  return {
    loss: crossEntropy(logits, answers),
    logits,
    hits: sum(where(missed, scalar(0), scalar(1))),
    specs,
    parameters,
  };
}
