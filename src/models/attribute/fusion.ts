/**
 * One vector of a product out of those of its modalities (its text, each of its picture and sound fields, the table of its numbers, categories and dates, its behaviour). A modality that is missing
 * has a learned vector in its place.
 *
 * `concat` projects the vectors side by side; `gated` weighs them number by number, by weights that sum to 1 over the
 * modalities (gated multimodal units, Arevalo et al. 2017, https://arxiv.org/abs/1702.01992, with a softmax for several);
 * `attention` lets their mean look at tokens and patches (attention-fusion.ts). `late` joins no vectors but what heads of each
 * modality say (late-fusion.ts).
 */

import {
  add,
  concat,
  gelu,
  input,
  multiply,
  reshape,
  scalar,
  slice,
  softmax,
  subtract,
  sum,
} from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { dense, norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { type Initial, linearParameters, normParameters, type ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import { attentionFusion, attentionParameters } from './attention-fusion.ts';
import { behaviourScope } from './behaviour-vectors.ts';
import type { ModalityStates } from './modality-states.ts';
import type { AttributeModelSpec, FusionKind } from './spec.ts';
import { readsTable, TABLE } from './table-inputs.ts';

const SMALL: Initial = { kind: 'normal', std: 0.02 };
const EPSILON = 1e-6;
/** The modality of the texts and the category. */
export const TEXT = 'text';

/** Whether the model reads any text of a product. */
export function readsText({
  fields,
  categoryContext,
}: Pick<AttributeModelSpec, 'fields' | 'categoryContext'>): boolean {
  return fields.length > 0 || categoryContext;
}

/** Whether a model reads more than text, so that vectors of modalities are joined. */
export function isFused(spec: AttributeModelSpec): boolean {
  return (spec.media ?? []).length > 0 || readsTable(spec) || spec.behaviour !== undefined;
}

/** Name of each modality, in the order of `fusion.present`; a model that reads text alone fuses nothing. */
export function modalitiesOf(spec: AttributeModelSpec): readonly string[] {
  return [
    ...(readsText(spec) ? [TEXT] : []),
    ...(spec.media ?? []).map(({ field }) => `media.${field}`),
    ...(readsTable(spec) ? [TABLE] : []),
    ...(spec.behaviour ? [behaviourScope(spec.behaviour)] : []),
  ];
}

/** As a merchant knows it: `text`, the name of a picture, sound or behaviour field, `table`. */
export function modalityName(modality: string): string {
  return modality.replace(/^(media|behaviour)\./, '');
}

/** @param widths - of each modality's vector, in the order of `modalitiesOf`; @param width - D of the result; @param withTokens - modalities that have states of tokens */
export function fusionParameters(
  kind: FusionKind,
  modalities: readonly string[],
  widths: readonly number[],
  width: number,
  depth: number,
  withTokens: readonly string[] = [],
): ParameterSpec[] {
  const plan = { depth, initial: SMALL };
  const own = modalities.flatMap((name, i): ParameterSpec[] => [
    ...linearParameters(`fusion.${name}.projection`, widths[i]!, width, {
      depth,
      initial: { kind: 'normal', std: 1 / Math.sqrt(widths[i]!) },
    }),
    ...normParameters(`fusion.${name}.norm`, width, depth),
    ...(kind === 'late'
      ? []
      : [{ name: `fusion.${name}.missing`, shape: [width], role: 'embedding' as const, ...plan }]),
  ]);
  const all = modalities.length * width;
  const joined = kind !== 'concat' ? [] : linearParameters('fusion.joined', all, width, plan);
  const gates = kind === 'gated' ? linearParameters('fusion.gates', all, all, plan) : [];
  const states = new Map(withTokens.map((name) => [name, widths[modalities.indexOf(name)]!]));
  const attention = kind === 'attention' ? attentionParameters(states, width, plan) : [];
  return [...own, ...joined, ...gates, ...attention];
}

/** One `[B, D]` of each modality, normalised; it means nothing where the modality is missing. */
export function projectedVectors(
  parameters: Scope,
  modalities: readonly string[],
  states: readonly ModalityStates[],
): readonly Tensor[] {
  return modalities.map((name, i) => {
    const own = parameters.within('fusion').within(name);
    return norm(dense(states[i]!.vector, own.within('projection')), own.within('norm'), EPSILON);
  });
}

/**
 * @param states - of each modality, in the order of `modalitiesOf`
 * @param present - float32 `[B, M]`, 1 where the product has the modality and 0 where it is missing
 * @returns `[B, D]`
 */
export function fuse(
  kind: Exclude<FusionKind, 'late'>,
  parameters: Scope,
  modalities: readonly string[],
  states: readonly ModalityStates[],
  present: Tensor,
  dropout: Dropout,
): Tensor {
  const scope = parameters.within('fusion');
  const projected = projectedVectors(parameters, modalities, states).map((vector, i) => {
    const there = slice(present, 1, i, i + 1);
    const missing = scope.within(modalities[i]!).get('missing');
    return add(multiply(vector, there), multiply(missing, subtract(scalar(1), there)));
  });
  if (kind === 'attention') return attentionFusion(scope, modalities, states, projected, present, dropout);
  const all = projected.length === 1 ? projected[0]! : concat(projected, 1);
  if (kind === 'concat') return gelu(dense(all, scope.within('joined')));
  const [batch, width] = projected[0]!.shape;
  const split = [batch!, modalities.length, width!] as const;
  const gates = softmax(reshape(dense(all, scope.within('gates')), split), 1);
  return sum(multiply(gates, reshape(all, split)), [1]);
}

/** The leaf of `fuse`'s `present`, which batch.ts fills. */
export function presentInput(modalities: number): Tensor {
  return input('fusion.present', 'float32', ['batch', modalities]);
}
