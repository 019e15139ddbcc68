/**
 * Values that stand in the text: every run of words is scored for every attribute, beside "no value". A score is how
 * well the span's vector fits the attribute's, plus what the lexicon says of the string, plus how much its tokens look
 * like the attribute's, for which attributes compete.
 *
 * Letters: B products, L tokens, D width, S candidate spans, A attributes of a product, F features, d meeting width.
 */
import {
  add,
  cast,
  cumulativeSum,
  divide,
  expandDims,
  gather,
  gelu,
  linear,
  matmul,
  maximum,
  minimum,
  multiply,
  reshape,
  scalar,
  scale,
  slice,
  sqrt,
  subtract,
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
import { SHAPE_FEATURES } from './words.ts';

const LEXICON_WIDTH = 16;
/** Score of "no value", and of a token outside all values, before anything is learned. */
const NONE_SCORE = 3;
const OUTSIDE_SCORE = 2;
/** Vectors meet at this scale, so that scores of a fresh head are of the size of logits. */
const SHARPNESS = 4;
const DROPOUT = 0.1;
/** One token speaks for or against an attribute with at most this many nats. */
const MOST_EVIDENCE = 8;
const FIRST_TRUST_IN_TOKENS = 0.3;

/** Inputs of the head; built by batch.ts. */
export type SpanInputs = {
  /** `[B, S]` int32: row of the span's first and last token in the flattened `[B*L, D]` hidden states. */
  readonly starts: Tensor;
  readonly ends: Tensor;
  /** `[B, S]` int32: words of the span less one, below maxWords. */
  readonly lengths: Tensor;
  /** `[B, S]` float32: 0 on spans, -1e4 on padding. */
  readonly closed: Tensor;
  /** `[B, A]` float32: 0 on attributes, -1e4 on padding. */
  readonly closedAttributes: Tensor;
  /** `[B, L]` int32: 1 on tokens, 0 on padding. */
  readonly mask: Tensor;
  /** `[B, S, A, F]` float32 from the lexicon. */
  readonly features: Tensor;
  /** `[B, S, SHAPE_FEATURES]` float32: how each span looks. */
  readonly shapes: Tensor;
  /** `[B, A]` int32: the learned vector of each (category, attribute); pairs that training never saw share the last. */
  readonly pairs: Tensor;
  /** `[B, A, D]` float32: vectors of the attributes' names. */
  readonly names: Tensor;
};

/** What the head says; each a tensor of logits. */
export type SpanOutputs = {
  /** `[B, S, A]`: of each candidate. */
  readonly spans: Tensor;
  /** `[B, A]`: of "no value". */
  readonly none: Tensor;
  /** `[B, L, A]`: of each token belonging to a value of the attribute. */
  readonly tokens: Tensor;
  /** `[B, L, 1]`: of each token belonging to none. */
  readonly outside: Tensor;
};

export function spanHeadParameters(spec: SpanSpec, width: number, depth: number): ParameterSpec[] {
  const initial: Initial = { kind: 'normal', std: 1 / Math.sqrt(3 * width) };
  const small: Initial = { kind: 'normal', std: 0.02 };
  const zeros: Initial = { kind: 'zeros' };
  const plan = { depth, initial };
  const pairs = spec.pairs.length + 1;
  const lexicon: Initial = { kind: 'normal', std: 1 / Math.sqrt(3 * FEATURES) };
  return [
    ...linearParameters('span.start', width, width, plan),
    ...linearParameters('span.end', width, width, plan),
    { name: 'span.lengths', shape: [spec.maxWords, width], role: 'embedding', depth, initial: small },
    ...linearParameters(
      'span.shape',
      SHAPE_FEATURES,
      width,
      { depth, initial: { kind: 'normal', std: 0.02 } },
      { bias: false },
    ),
    ...linearParameters('span.span', width, spec.width, plan),
    ...linearParameters('span.none', width, spec.width, plan),
    ...linearParameters('span.name', width, spec.width, plan),
    ...linearParameters('span.token', width, spec.width, plan),
    ...linearParameters('span.outside', width, 1, plan),
    { name: 'span.trustInTokens', shape: [1], role: 'bias', depth, initial: zeros },
    { name: 'span.pairs', shape: [pairs, spec.width], role: 'embedding', depth, initial: small },
    { name: 'span.noneBias', shape: [pairs], role: 'bias', depth, initial: zeros },
    { name: 'span.trust', shape: [pairs], role: 'bias', depth, initial: zeros },
    ...linearParameters('span.lexicon.inner', FEATURES, LEXICON_WIDTH, { depth, initial: lexicon }),
    ...linearParameters('span.lexicon.outer', LEXICON_WIDTH, 1, { depth, initial: lexicon }),
    { name: 'span.lexicon.direct', shape: [1, FEATURES], role: 'weight', depth, initial: zeros },
  ];
}

/** @param hidden - `[B, L, D]` */
export function spanScores(
  spec: SpanSpec,
  parameters: Scope,
  hidden: Tensor,
  inputs: SpanInputs,
  dropout: Dropout,
): SpanOutputs {
  const scope = parameters.within('span');
  const [batch, , width] = hidden.shape as readonly [Dim, Dim, number];
  const [, spans, attributes] = inputs.features.shape as readonly [Dim, Dim, Dim, number];
  const sharpness = SHARPNESS / Math.sqrt(spec.width);
  const states = dropout(hidden, DROPOUT);
  const named = dense(ofLength(inputs.names, Math.sqrt(width) / 4), scope.within('name'));
  const attributeVectors = add(gather(scope.get('pairs'), inputs.pairs), named);

  const starts = gather(flatten(dense(states, scope.within('start'))), inputs.starts);
  const ends = gather(flatten(dense(states, scope.within('end'))), inputs.ends);
  const looks = add(
    gather(scope.get('lengths'), inputs.lengths),
    dense(inputs.shapes, scope.within('shape'), { bias: false }),
  );
  const joined = gelu(add(add(starts, ends), looks));
  const spanVectors = dense(dropout(joined, DROPOUT), scope.within('span'));
  const fit = matmul(spanVectors, attributeVectors, { transposeB: true, alpha: sharpness });

  const tokenVectors = dense(states, scope.within('token'));
  const fits = matmul(tokenVectors, attributeVectors, { transposeB: true, alpha: sharpness });
  const tokens = add(fits, expandDims(inputs.closedAttributes, 1));
  const outside = add(dense(states, scope.within('outside')), scalar(OUTSIDE_SCORE));
  const trustInTokens = add(scope.get('trustInTokens'), scalar(FIRST_TRUST_IN_TOKENS));
  const inside = multiply(evidenceInside(tokens, outside, inputs), trustInTokens);

  const trust = add(reshape(gather(scope.get('trust'), inputs.pairs), [batch, 1, attributes]), scalar(1));
  const prior = multiply(
    lexiconScores(scope.within('lexicon'), inputs.features, [batch, spans, attributes]),
    trust,
  );

  const first = dense(reshape(slice(states, 1, 0, 1), [batch, width]), scope.within('none'));
  const fitNone = scale(sum(multiply(expandDims(first, 1), attributeVectors), [2]), sharpness);
  return {
    spans: add(add(add(fit, inside), prior), expandDims(inputs.closed, 2)),
    none: add(add(fitNone, gather(scope.get('noneBias'), inputs.pairs)), scalar(NONE_SCORE)),
    tokens,
    outside,
  };
}

/** `[B, L, X]` as `[B*L, X]`, the rows that starts and ends point to. */
function flatten(x: Tensor): Tensor {
  return reshape(x, [product(x.shape.slice(0, 2)), x.shape[2]!]);
}

/** Vectors along the last axis, scaled to a length. */
function ofLength(x: Tensor, length: number): Tensor {
  const norm = sqrt(add(sum(multiply(x, x), [x.shape.length - 1], true), scalar(1e-12)));
  return scale(divide(x, norm), length);
}

/** How far the tokens of each span speak for each attribute rather than for none, summed: `[B, S, A]`. */
function evidenceInside(tokens: Tensor, outside: Tensor, { starts, ends, mask }: SpanInputs): Tensor {
  const odds = minimum(maximum(subtract(tokens, outside), scalar(-MOST_EVIDENCE)), scalar(MOST_EVIDENCE));
  const present = multiply(odds, expandDims(cast(mask, 'float32'), 2));
  const upTo = cumulativeSum(present, 1);
  const before = subtract(upTo, present);
  return subtract(gather(flatten(upTo), ends), gather(flatten(before), starts));
}

/** A small network over the features, beside a linear path. */
function lexiconScores(scope: Scope, features: Tensor, shape: readonly Dim[]): Tensor {
  const rows = reshape(features, [product(shape), FEATURES]);
  const inner = gelu(dense(rows, scope.within('inner')));
  return reshape(add(dense(inner, scope.within('outer')), linear(rows, scope.get('direct'))), shape);
}
