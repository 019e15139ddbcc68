/**
 * What ViT, DeiT and AST share: patches as tokens behind learned ones, pre-norm layers, a norm at the end, under the names
 * that the checkpoints of transformers have.
 */
import { add } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { convolutionParameters } from '../layers/convolution.ts';
import { norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { type Initial, normParameters, type ParameterSpec } from '../layers/parameters.ts';
import { patchTokens, withTokensBefore } from '../layers/patches.ts';
import { type PreNormNames, type PreNormShape, preNormLayer, preNormParameters } from '../layers/pre-norm.ts';
import type { Rows } from '../layers/rows.ts';
import type { Scope } from '../layers/scope.ts';

const LAYER: PreNormNames = {
  normBefore: 'layernorm_before',
  query: 'attention.attention.query',
  key: 'attention.attention.key',
  value: 'attention.attention.value',
  output: 'attention.output.dense',
  normAfter: 'layernorm_after',
  inner: 'intermediate.dense',
  outer: 'output.dense',
};

export type VitPlan = {
  readonly layer: PreNormShape;
  readonly layers: number;
  readonly channels: number;
  /** Height and width of a patch, and how far it is to the next. */
  readonly patch: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly patches: number;
  /** Learned tokens before the patches, the class token first. */
  readonly tokens: readonly string[];
  readonly std: number;
};

export function vitParameters({
  layer,
  layers,
  channels,
  patch,
  patches,
  tokens,
  std,
}: VitPlan): ParameterSpec[] {
  const { width } = layer;
  const initial: Initial = { kind: 'truncated-normal', std, cutoff: 2 };
  const embedding = (name: string, rows: number): ParameterSpec => ({
    name: `embeddings.${name}`,
    shape: [1, rows, width],
    role: 'embedding',
    depth: 0,
    initial,
  });
  return [
    ...tokens.map((name) => embedding(name, 1)),
    embedding('position_embeddings', tokens.length + patches),
    ...convolutionParameters('embeddings.patch_embeddings.projection', [width, channels, ...patch], {
      depth: 0,
      initial,
    }),
    ...Array.from({ length: layers }, (_, i) =>
      preNormParameters(`encoder.layer.${i}`, layer, LAYER, { depth: i + 1, initial }),
    ).flat(),
    ...normParameters('layernorm', width, layers),
  ];
}

/** All layers but the last: [batch, tokens and patches, width]. */
export function belowLast(plan: VitPlan, parameters: Scope, pixels: Tensor, dropout: Dropout): Tensor {
  const embeddings = parameters.within('embeddings');
  const patches = patchTokens(pixels, embeddings.within('patch_embeddings.projection'), plan);
  const learned = plan.tokens.map((name) => embeddings.get(name));
  const placed = add(withTokensBefore(learned, patches), embeddings.get('position_embeddings'));
  let hidden = dropout(placed, plan.layer.hiddenDropout);
  for (let i = 0; i < plan.layers - 1; i++) {
    hidden = preNormLayer(hidden, parameters.within(`encoder.layer.${i}`), plan.layer, LAYER, { dropout });
  }
  return hidden;
}

/** The last layer and the norm after it, of all rows or the class token's alone. */
export function lastLayer(
  plan: VitPlan,
  parameters: Scope,
  below: Tensor,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const scope = parameters.within(`encoder.layer.${plan.layers - 1}`);
  const hidden = preNormLayer(below, scope, plan.layer, LAYER, { dropout, rows });
  return norm(hidden, parameters.within('layernorm'), plan.layer.epsilon);
}
