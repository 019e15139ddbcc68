/**
 * The attribute model as a graph: text, pictures, sounds and numbers of a product to their encoders, to one vector, to one set of outputs a
 * kind of attribute. What it reads at each run is made by batch.ts under the same input names.
 */
import { gather, input } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { firstStates, hiddenStates, type TextEncoder } from '../architectures/encoder.ts';
import { openArchitecture } from '../architectures/registry.ts';
import type { Carried } from '../layers/batch-norm.ts';
import type { Dropout } from '../layers/dropout.ts';
import { loraParameters, loraScope } from '../layers/lora.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import { pool } from '../layers/pooling.ts';
import type { Scope } from '../layers/scope.ts';
import { behaviourParameters, behaviourVector, behaviourWidth } from './behaviour-vectors.ts';
import { choiceHeadParameters, choiceLogits } from './choice-head.ts';
import {
  fuse,
  fusionParameters,
  isFused,
  modalitiesOf,
  presentInput,
  projectedVectors,
  readsText,
  TEXT,
} from './fusion.ts';
import { lateFusion, lateParameters, type ModalityAnswer } from './late-fusion.ts';
import { FEATURES } from './lexicon.ts';
import { mediaParameters, mediaScope, mediaStates, mediaWidth } from './media-vectors.ts';
import type { ModalityStates } from './modality-states.ts';
import { nameVectors } from './name-vectors.ts';
import { numberHeadParameters, numberValues } from './number-head.ts';
import { type SpanOutputs, spanHeadParameters, spanScores } from './span-head.ts';
import { type AttributeModelSpec, choiceColumns } from './spec.ts';
import { readsTable, tableParameters, tableVector, tableWidth } from './table-inputs.ts';
import { SHAPE_FEATURES } from './words.ts';

const POOLED_DROPOUT = 0.1;

/** Results of a forward pass; an output is there when the model has attributes of its kind. */
export type AttributeOutputs = {
  /** Logits `[B, V]`, the values of all choice and multi attributes side by side (`choiceColumns`). */
  readonly choice?: Tensor;
  /** Standardised numbers `[B, N]`. */
  readonly number?: Tensor;
  readonly span?: SpanOutputs;
  /** With late fusion: what each modality says by itself, which is what its own loss is taken of. */
  readonly parts?: readonly ModalityAnswer[];
  /** In training: parameters that a step moves without a gradient. */
  readonly carried?: readonly Carried[];
};

export function encoderOf(spec: AttributeModelSpec): TextEncoder {
  const config =
    spec.vocabulary === undefined ? spec.encoder : { ...spec.encoder, vocab_size: spec.vocabulary.length };
  return openArchitecture(config);
}

/** Every parameter of the model: the text encoder's under its checkpoint names, then those of pictures, fusion and heads. */
export function attributeModelParameters(spec: AttributeModelSpec): readonly ParameterSpec[] {
  const encoder = encoderOf(spec);
  const depth = encoder.layers + 1;
  const values = choiceColumns(spec.choices).reduce((total, { size }) => total + size, 0);
  return [
    ...textParameters(spec, encoder),
    ...fusedParameters(spec, encoder.width, depth),
    ...(isLate(spec) ? lateParameters(spec, modalitiesOf(spec), encoder.width, depth) : []),
    ...(values > 0 && !isLate(spec) ? choiceHeadParameters(values, encoder.width, depth) : []),
    ...(spec.numbers.length > 0 && !isLate(spec)
      ? numberHeadParameters(spec.numbers.length, encoder.width, depth)
      : []),
    ...(spec.spans ? spanHeadParameters(spec.spans, encoder.width, depth) : []),
    ...(spec.adapter ? loraParameters(adaptedParameters(spec), spec.adapter) : []),
  ];
}

/** What stays as it is beside an adapter: the encoders of texts, pictures and sounds that did not start from nothing. */
export function adaptedParameters(spec: AttributeModelSpec): readonly ParameterSpec[] {
  if (spec.adapter === undefined) return [];
  const encoder = encoderOf(spec);
  const pretrained = (spec.media ?? []).filter(({ fresh, frozen }) => !fresh && !frozen);
  return [
    ...(spec.adapter.freshText ? [] : textParameters(spec, encoder)),
    ...pretrained.flatMap((field) => mediaParameters(field, encoder.layers + 1)),
  ];
}

/** A model that reads no text, or whose text encoder is frozen, has the word table, which the values' names are made of. */
function textParameters(spec: AttributeModelSpec, encoder: TextEncoder): readonly ParameterSpec[] {
  if (readsText(spec) && !spec.frozenText) return encoder.parameters;
  return encoder.parameters.filter(({ name }) => name === encoder.wordTable);
}

function fusedParameters(spec: AttributeModelSpec, width: number, depth: number): readonly ParameterSpec[] {
  const { media = [], fusion = 'gated' } = spec;
  if (!isFused(spec)) return [];
  const table = tableWidth(spec);
  const widths = [
    ...(readsText(spec) ? [width] : []),
    ...media.map(mediaWidth),
    ...(table > 0 ? [table] : []),
    ...(spec.behaviour ? [behaviourWidth(spec.behaviour)] : []),
  ];
  return [
    ...media.flatMap((field) => mediaParameters(field, depth)),
    ...tableParameters(spec, depth),
    ...(spec.behaviour ? behaviourParameters(spec.behaviour, depth) : []),
    ...fusionParameters(fusion, modalitiesOf(spec), widths, width, depth, [
      ...(readsText(spec) && !spec.frozenText ? [TEXT] : []),
      ...media.filter(({ frozen }) => !frozen).map(({ field }) => mediaScope(field)),
    ]),
  ];
}

/** Token ids of the values' names and which of them are tokens: int32 `[V, T]`, as `BatchMaker` makes them. */
export type ValueNames = { readonly ids: Tensor; readonly mask: Tensor };

export type ForwardOptions = {
  /** The values' names where they are part of the graph, as in an export; read at each run when left out. */
  readonly names?: ValueNames | undefined;
  /** Whether batch norms of encoders that start from nothing use the batch's statistics; `prediction` when left out. */
  readonly use?: 'training' | 'prediction';
};

/** The forward pass. Inputs are leaves of the graph, named as `batch.ts` fills them. */
export function attributeOutputs(
  spec: AttributeModelSpec,
  stored: Scope,
  dropout: Dropout,
  { names, use = 'prediction' }: ForwardOptions = {},
): AttributeOutputs {
  const encoder = encoderOf(spec);
  const parameters = spec.adapter
    ? loraScope(stored, adaptedParameters(spec), spec.adapter, dropout)
    : stored;
  const text = readsText(spec) ? textOutputs(spec, encoder, parameters, dropout) : undefined;
  const media = (spec.media ?? []).map((field) => mediaStates(field, parameters, dropout, use));
  const words = parameters.get(encoder.wordTable);
  const valueNames = spec.choices.length > 0 ? valueVectors(spec, words, names) : undefined;
  const states = [
    ...(text ? [text] : []),
    ...media,
    ...(readsTable(spec) ? [{ vector: tableVector(spec, parameters) }] : []),
    ...(spec.behaviour ? [{ vector: behaviourVector(spec.behaviour, parameters) }] : []),
  ];
  return {
    carried: media.flatMap(({ carried }) => carried),
    ...productAnswers(spec, parameters, states, valueNames, dropout),
    ...(spec.spans && text?.tokens && text.mask
      ? { span: spans(spec, parameters, text.tokens, text.mask, words, dropout) }
      : {}),
  };
}

/** @returns a frozen encoder gives the vector alone, without tokens */
export function textOutputs(
  spec: AttributeModelSpec,
  encoder: TextEncoder,
  parameters: Scope,
  dropout: Dropout,
): ModalityStates {
  if (spec.frozenText) return { vector: input('text.pooled', 'float32', ['batch', encoder.width]) };
  const ids = input('ids', 'int32', ['batch', 'tokens']);
  const mask = input('mask', 'int32', ['batch', 'tokens']);
  const segments = encoder.segments > 1 ? input('segments', 'int32', ['batch', 'tokens']) : undefined;
  const readsAll = spec.pooling === 'mean' || spec.spans !== undefined || spec.fusion === 'attention';
  const states = readsAll ? hiddenStates : firstStates;
  const tokens = states(encoder, parameters, { ids, mask, ...(segments ? { segments } : {}) }, dropout);
  return { tokens, mask, vector: pool(tokens, mask, spec.pooling) };
}

const isLate = (spec: AttributeModelSpec) => isFused(spec) && spec.fusion === 'late';

/** What choice and number heads say of the product, whose text is all there is or joined with the rest. */
function productAnswers(
  spec: AttributeModelSpec,
  parameters: Scope,
  states: readonly ModalityStates[],
  names: Tensor | undefined,
  dropout: Dropout,
): Pick<AttributeOutputs, 'choice' | 'number' | 'parts'> {
  const { fusion = 'gated' } = spec;
  const modalities = modalitiesOf(spec);
  const fused = isFused(spec);
  if (fused && fusion === 'late') {
    const vectors = projectedVectors(parameters, modalities, states).map((vector) =>
      dropout(vector, POOLED_DROPOUT),
    );
    return lateFusion(spec, parameters, modalities, vectors, presentInput(modalities.length), names);
  }
  const product =
    fused && fusion !== 'late'
      ? fuse(fusion, parameters, modalities, states, presentInput(modalities.length), dropout)
      : states[0]!.vector;
  const pooled = dropout(product, POOLED_DROPOUT);
  return {
    ...(names ? { choice: choiceLogits(parameters, pooled, names) } : {}),
    ...(spec.numbers.length > 0 ? { number: numberValues(parameters, pooled) } : {}),
  };
}

/** `[V, D]`, of the values' names. */
function valueVectors(spec: AttributeModelSpec, words: Tensor, names: ValueNames | undefined): Tensor {
  const values = choiceColumns(spec.choices).reduce((total, { size }) => total + size, 0);
  const ids = names?.ids ?? input('choice.nameIds', 'int32', [values, 'valueTokens']);
  const mask = names?.mask ?? input('choice.nameMask', 'int32', [values, 'valueTokens']);
  return nameVectors(words, ids, mask);
}

function spans(
  spec: AttributeModelSpec,
  parameters: Scope,
  hidden: Tensor,
  mask: Tensor,
  words: Tensor,
  dropout: Dropout,
): SpanOutputs {
  const nameIds = input('spans.nameIds', 'int32', ['names', 'nameTokens']);
  const nameMask = input('spans.nameMask', 'int32', ['names', 'nameTokens']);
  const nameOf = input('spans.nameOf', 'int32', ['batch', 'attributes']);
  const inputs = {
    starts: input('spans.starts', 'int32', ['batch', 'spans']),
    ends: input('spans.ends', 'int32', ['batch', 'spans']),
    lengths: input('spans.lengths', 'int32', ['batch', 'spans']),
    closed: input('spans.closed', 'float32', ['batch', 'spans']),
    closedAttributes: input('spans.closedAttributes', 'float32', ['batch', 'attributes']),
    mask,
    features: input('spans.features', 'float32', ['batch', 'spans', 'attributes', FEATURES]),
    shapes: input('spans.shapes', 'float32', ['batch', 'spans', SHAPE_FEATURES]),
    pairs: input('spans.pairs', 'int32', ['batch', 'attributes']),
    names: gather(nameVectors(words, nameIds, nameMask), nameOf),
  };
  return spanScores(spec.spans!, parameters, hidden, inputs, dropout);
}

/** The outputs by name, as a session gives them back and decode.ts reads them. */
export function predictedOutputs({ choice, number, span }: AttributeOutputs): Record<string, Tensor> {
  return {
    ...(choice ? { choice } : {}),
    ...(number ? { number } : {}),
    ...(span ? { spans: span.spans, none: span.none } : {}),
  };
}
