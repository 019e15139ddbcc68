/**
 * Values that stand in the text: every run of words is scored for every attribute, beside "no value". A score is how
 * well the span's vector fits the attribute's, plus what the lexicon says of the string.
 *
 * Letters: B products, L tokens, D width, S candidate spans, A attributes of a product, F features, d meeting width.
 */
import {
  add,
  concat,
  expandDims,
  gather,
  gelu,
  linear,
  matmul,
  multiply,
  reshape,
  scalar,
  scale,
  slice,
  sum,
} from '../../graph/builder.ts';
import { type Dim, product } from '../../graph/dimensions.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { dense } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { type Initial, linearParameters, type ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import { FEATURES } from './lexicon.ts';
import type { SpanSpec } from './spec.ts';

const LEXICON_WIDTH = 16;
/** Score of "no value" before anything is learned. */
const NONE_SCORE = 3;
/** Vectors meet at this scale, so that scores of a fresh head are of the size of logits. */
const SHARPNESS = 4;
const DROPOUT = 0.1;

/** Inputs of the head; built by span-batch.ts. */
export type SpanInputs = {
  /** `[B, S]` int32: row of the span's first and last token in the flattened `[B*L, D]` hidden states. */
  readonly starts: Tensor;
  readonly ends: Tensor;
  /** `[B, S]` int32: words of the span less one, below maxWords. */
  readonly lengths: Tensor;
  /** `[B, S]` float32: 0 on spans, -1e4 on padding. */
  readonly closed: Tensor;
  /** `[B, S, A, F]` float32 from the lexicon. */
  readonly features: Tensor;
  /** `[B, A]` int32: the learned vector of each (category, attribute); pairs that training never saw share the last. */
  readonly pairs: Tensor;
  /** `[B, A, D]` float32: vectors of the attributes' names. */
  readonly names: Tensor;
};

export function spanHeadParameters(spec: SpanSpec, width: number, depth: number): ParameterSpec[] {
  const initial: Initial = { kind: 'normal', std: 1 / Math.sqrt(width) };
  const small: Initial = { kind: 'normal', std: 0.02 };
  const zeros: Initial = { kind: 'zeros' };
  const plan = { depth, initial };
  const pairs = spec.pairs.length + 1;
  const lexicon: Initial = { kind: 'normal', std: 1 / Math.sqrt(FEATURES) };
  return [
    ...linearParameters('span.start', width, width, plan),
    ...linearParameters('span.end', width, width, plan),
    { name: 'span.lengths', shape: [spec.maxWords, width], role: 'embedding', depth, initial: small },
    ...linearParameters('span.span', width, spec.width, plan),
    ...linearParameters('span.none', width, spec.width, plan),
    ...linearParameters('span.name', width, spec.width, plan),
    { name: 'span.pairs', shape: [pairs, spec.width], role: 'embedding', depth, initial: small },
    { name: 'span.noneBias', shape: [pairs], role: 'bias', depth, initial: zeros },
    { name: 'span.trust', shape: [pairs], role: 'bias', depth, initial: zeros },
    ...linearParameters('span.lexicon.inner', FEATURES, LEXICON_WIDTH, { depth, initial: lexicon }),
    ...linearParameters('span.lexicon.outer', LEXICON_WIDTH, 1, { depth, initial: lexicon }),
    { name: 'span.lexicon.direct', shape: [1, FEATURES], role: 'weight', depth, initial: zeros },
  ];
}

/**
 * @param hidden - `[B, L, D]`
 * @returns logits `[B, 1 + S, A]`: "no value" first, then the candidates
 */
export function spanLogits(
  spec: SpanSpec,
  parameters: Scope,
  hidden: Tensor,
  inputs: SpanInputs,
  dropout: Dropout,
): Tensor {
  const scope = parameters.within('span');
  const [batch, , width] = hidden.shape as readonly [Dim, Dim, number];
  const [, spans, attributes] = inputs.features.shape as readonly [Dim, Dim, Dim, number];
  const tokens = dropout(hidden, DROPOUT);
  const flat = reshape(tokens, [product(tokens.shape.slice(0, 2)), width]);
  const ends = add(
    gather(dense(flat, scope.within('start')), inputs.starts),
    gather(dense(flat, scope.within('end')), inputs.ends),
  );
  const joined = gelu(add(ends, gather(scope.get('lengths'), inputs.lengths)));
  const spanVectors = dense(dropout(joined, DROPOUT), scope.within('span'));
  const attributeVectors = add(
    gather(scope.get('pairs'), inputs.pairs),
    dense(inputs.names, scope.within('name')),
  );
  const sharpness = SHARPNESS / Math.sqrt(spec.width);
  const fit = matmul(spanVectors, attributeVectors, { transposeB: true, alpha: sharpness });
  const trust = add(reshape(gather(scope.get('trust'), inputs.pairs), [batch, 1, attributes]), scalar(1));
  const prior = multiply(
    lexiconScores(scope.within('lexicon'), inputs.features, [batch, spans, attributes]),
    trust,
  );
  const scores = add(add(fit, prior), expandDims(inputs.closed, 2));
  const first = dense(reshape(slice(tokens, 1, 0, 1), [batch, width]), scope.within('none'));
  const none = scale(sum(multiply(expandDims(first, 1), attributeVectors), [2]), sharpness);
  const noneScores = add(add(none, gather(scope.get('noneBias'), inputs.pairs)), scalar(NONE_SCORE));
  return concat([expandDims(noneScores, 1), scores], 1);
}

/** A small network over the features, beside a linear path. */
function lexiconScores(scope: Scope, features: Tensor, shape: readonly Dim[]): Tensor {
  const rows = reshape(features, [product(shape), FEATURES]);
  const inner = gelu(dense(rows, scope.within('inner')));
  return reshape(add(dense(inner, scope.within('outer')), linear(rows, scope.get('direct'))), shape);
}
