/**
 * Cross-attention over tokens and patches: the mean of the modalities' vectors asks, and the text's tokens, the pictures' patches and the
 * modalities' own vectors answer. One layer, the norms after its two halves; pooling by attention of Lee et al. 2019,
 * https://arxiv.org/abs/1810.00825, with the product as the seed.
 */
import {
  add,
  cast,
  divide,
  exp,
  expandDims,
  matmul,
  max,
  maximum,
  multiply,
  reshape,
  scalar,
  scale,
  slice,
  stopGradient,
  subtract,
  sum,
} from '../../graph/builder.ts';
import type { Dim } from '../../graph/dimensions.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { splitHeads } from '../layers/attention.ts';
import { dense, norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { feedForward } from '../layers/feed-forward.ts';
import {
  linearParameters,
  normParameters,
  type ParameterPlan,
  type ParameterSpec,
} from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import type { ModalityStates } from './modality-states.ts';

const EPSILON = 1e-6;
const ATTENTION_DROPOUT = 0.1;
/** Added to the score of what must not be looked at. */
const CLOSED = -1e4;
/** Narrower heads tell little apart. */
const HEAD = 32;

/** As many heads as fit, each of them at least `HEAD` wide. */
function headsOf(width: number): number {
  for (let heads = Math.floor(width / HEAD); heads > 1; heads--) if (width % heads === 0) return heads;
  return 1;
}

/** @param widths - of the states of each modality that has some, by name */
export function attentionParameters(
  widths: ReadonlyMap<string, number>,
  width: number,
  plan: ParameterPlan,
): ParameterSpec[] {
  const square = (name: string) => linearParameters(`fusion.${name}`, width, width, plan);
  return [
    ...[...widths].flatMap(([name, from]) => [
      ...linearParameters(`fusion.${name}.tokens`, from, width, plan),
      ...normParameters(`fusion.${name}.tokensNorm`, width, plan.depth),
    ]),
    ...['query', 'key', 'value', 'output'].flatMap(square),
    ...normParameters('fusion.attentionNorm', width, plan.depth),
    ...linearParameters('fusion.inner', width, 2 * width, plan),
    ...linearParameters('fusion.outer', 2 * width, width, plan),
    ...normParameters('fusion.outerNorm', width, plan.depth),
  ];
}

/**
 * @param scope - of `fusion`
 * @param vectors - `[B, D]` of each modality, the stand-in where it is missing
 * @param present - float32 `[B, M]`
 * @returns `[B, D]`
 */
export function attentionFusion(
  scope: Scope,
  modalities: readonly string[],
  states: readonly ModalityStates[],
  vectors: readonly Tensor[],
  present: Tensor,
  dropout: Dropout,
): Tensor {
  const [batch, width] = vectors[0]!.shape as readonly [Dim, number];
  const heads = headsOf(width);
  const seed = scale(vectors.reduce(add), 1 / vectors.length);
  const query = splitHeads(dense(expandDims(seed, 1), scope.within('query')), heads);
  const look = (keys: Tensor, bias?: Tensor): Looked => {
    const key = splitHeads(dense(keys, scope.within('key')), heads);
    const value = splitHeads(dense(keys, scope.within('value')), heads);
    const scores = matmul(query, key, { transposeB: true, alpha: 1 / Math.sqrt(width / heads) });
    return { scores: bias ? add(scores, bias) : scores, value };
  };
  const looked = vectors.map((vector) => look(expandDims(vector, 1)));
  for (const [i, name] of modalities.entries()) {
    const { tokens, mask } = states[i]!;
    if (tokens === undefined) continue;
    const own = scope.within(name);
    const keys = norm(dense(tokens, own.within('tokens')), own.within('tokensNorm'), EPSILON);
    const there = slice(present, 1, i, i + 1);
    const seen = mask === undefined ? there : multiply(cast(mask, 'float32'), there);
    const closed = scale(subtract(scalar(1), seen), CLOSED);
    looked.push(look(keys, reshape(closed, [batch, 1, 1, closed.shape[1]!])));
  }
  const answer = dense(reshape(contextOf(looked, dropout), [batch, width]), scope.within('output'));
  const attended = norm(add(seed, answer), scope.within('attentionNorm'), EPSILON);
  const deeper = feedForward(attended, scope.within('inner'), scope.within('outer'), 'gelu');
  return norm(add(attended, deeper), scope.within('outerNorm'), EPSILON);
}

/** Scores `[B, H, 1, T]` and values `[B, H, T, d]` of the tokens of one modality. */
type Looked = { readonly scores: Tensor; readonly value: Tensor };

/** One softmax over the tokens of all, whose numbers may differ from run to run, and the values weighed by it: `[B, H, 1, d]`. */
function contextOf(looked: readonly Looked[], dropout: Dropout): Tensor {
  const highest = looked.map(({ scores }) => max(scores, [3], true)).reduce(maximum);
  const parts = looked.map(({ scores, value }) => ({
    weights: exp(subtract(scores, stopGradient(highest))),
    value,
  }));
  const total = parts.map(({ weights }) => sum(weights, [3], true)).reduce(add);
  return parts
    .map(({ weights, value }) => matmul(dropout(divide(weights, total), ATTENTION_DROPOUT), value))
    .reduce(add);
}
