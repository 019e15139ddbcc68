/** What a training run will do, once its data and its start are known and before anything is trained. */
import type { Catalog } from '../catalog/catalog.ts';
import { soundInput } from '../features/audio/sound-input.ts';
import { openArchitecture } from '../models/architectures/registry.ts';
import { adaptedParameters, attributeModelParameters } from '../models/attribute/attribute-model.ts';
import { asTrained, isOnnxFile } from '../models/attribute/frozen.ts';
import { readsText } from '../models/attribute/fusion.ts';
import { mediaEncoderOf, mediaWidth } from '../models/attribute/media-vectors.ts';
import type { AttributeModelSpec, BehaviourSpec, FusionKind, MediaSpec } from '../models/attribute/spec.ts';
import { type ParameterSpec, parameterSize } from '../models/layers/parameters.ts';
import type { Survey } from '../training/survey.ts';
import type { AttuneConfig } from './config.ts';
import { fusionsTried } from './fusions-tried.ts';
import type { MemoryEstimate } from './memory.ts';
import type { Prepared } from './prepare.ts';
import type { Start } from './start.ts';

export type TrainPlan = {
  readonly products: Readonly<Record<'train' | 'dev' | 'test', number>>;
  readonly labelledProducts: number;
  readonly rejected: number;
  readonly start: string;
  /** Of all encoders and heads. */
  readonly parameters: number;
  /** Of those, what training changes: all but frozen encoders and what an adapter stands beside. */
  readonly trained: number;
  readonly wordRows: number | undefined;
  /** Bytes that the run takes at most, by estimate. */
  readonly memory: number;
  /** Of all models: each way to join modalities that is tried, each member of an ensemble. */
  readonly steps: number;
  /** What writes texts; undefined where none are written. */
  readonly decoder:
    | { readonly start: string; readonly parameters: number; readonly steps: number }
    | undefined;
  readonly attributes: readonly {
    readonly name: string;
    readonly kind: string;
    readonly labelled: number;
    readonly values: number;
  }[];
  readonly warnings: readonly string[];
};

export function planOf(
  catalog: Catalog,
  config: AttuneConfig,
  { spec, survey, start, decoder }: Prepared,
  memory: MemoryEstimate,
  warnings: readonly string[],
): TrainPlan {
  const whole = { ...spec, vocabulary: undefined };
  const all = [...attributeModelParameters(whole), ...outsideParameters(whole)];
  const tried = fusionsTried(config.model, spec);
  const models = Math.max(1, tried.length) + config.training.ensemble - 1;
  const still = new Set([...adaptedParameters(whole), ...outsideParameters(whole)].map(({ name }) => name));
  return {
    products: catalog.counts,
    labelledProducts: Math.max(
      survey.labelledProducts,
      ...survey.attributes.filter(({ schema }) => schema.kind === 'generate').map(({ labelled }) => labelled),
    ),
    rejected: Object.values(catalog.rejectCounts).reduce((a: number, b) => a + (b ?? 0), 0),
    start: startOf(spec, start, tried),
    parameters: sizeOf(all),
    trained: sizeOf(all.filter(({ name }) => !still.has(name))),
    wordRows: spec.vocabulary?.length,
    memory: memory.total,
    steps: Math.ceil(survey.labelledProducts / config.training.batchSize) * config.training.epochs * models,
    decoder: decoder && {
      start: decoder.description,
      parameters: sizeOf(openArchitecture(decoder.spec.decoder).parameters),
      steps:
        Math.ceil(decoder.texts / config.training.batchSize) *
        (config.training.decoderEpochs ?? config.training.epochs),
    },
    attributes: survey.attributes.map(({ schema, labelled }) => ({
      name: schema.name,
      kind: schema.kind,
      labelled,
      values: schema.values.length,
    })),
    warnings: [...catalog.warnings, ...warnings, ...nothingToLearn(survey)],
  };
}

/** Of frozen encoders. */
function outsideParameters(spec: AttributeModelSpec): readonly ParameterSpec[] {
  const inside = new Set(attributeModelParameters(spec).map(({ name }) => name));
  return attributeModelParameters(asTrained(spec)).filter(({ name }) => !inside.has(name));
}

const sizeOf = (specs: readonly ParameterSpec[]) =>
  specs.reduce((total, parameter) => total + parameterSize(parameter), 0);

/** What the encoders start from, in words. */
function startOf(
  {
    fields,
    categoryContext,
    frozenText = false,
    media = [],
    tableInputs = [],
    behaviour,
    fusion,
  }: AttributeModelSpec,
  { description }: Start,
  tried: readonly FusionKind[],
): string {
  const files = media.map((field) => {
    if (isOnnxFile(field)) return `${field.field}: an ONNX file, frozen, ${mediaWidth(field)} wide`;
    const { modelType, width, height, imageWidth } = mediaEncoderOf(field);
    const start = field.fresh
      ? 'small (a residual network from random weights'
      : `${modelType} (${field.frozen ? 'a frozen' : 'from a'} checkpoint`;
    return `${field.field}: ${start}, ${sizeOfFiles(field, height, imageWidth)}, ${width} wide)`;
  });
  const table = tableInputs.map(({ field }) => field);
  const parts = [
    ...(readsText({ fields, categoryContext }) ? [`${description}${frozenText ? ', frozen' : ''}`] : []),
    ...files,
    ...(behaviour === undefined ? [] : [behaviourOf(behaviour)]),
    ...(table.length === 0 ? [] : [`table: ${table.join(', ')}`]),
  ];
  const joined = tried.length > 0 ? `the best of ${tried.join(', ')}` : fusion;
  return parts.length === 1 ? parts[0]! : `${parts.join('; ')}; joined by ${joined}`;
}

function sizeOfFiles(field: MediaSpec, height: number, width: number): string {
  if (field.kind === 'image') return `${width} x ${height} pixels`;
  return soundInput(field.sound).spectrogram ? `${height} x ${width} bands and frames` : `${width} samples`;
}

function behaviourOf({ field, encoding: { mean, known } }: BehaviourSpec): string {
  const products = new Set([...known.viewed, ...known.bought]).size;
  return `${field}: ${mean.length} figures of the event log, ${products} neighbours, ${known.words.length} words of queries`;
}

/** Attributes that are asked for and that no label says anything of. */
function nothingToLearn({ attributes }: Survey): string[] {
  return attributes.flatMap(({ schema, labelled }) => {
    if (labelled === 0)
      return [
        `No training product has a label for ${schema.name}; it is not learned, and always sent to review.`,
      ];
    const closed = schema.kind === 'choice' || schema.kind === 'multi';
    if (closed && schema.values.length === 1)
      return [`${schema.name} has one value only (${schema.values[0]}); there is nothing to tell apart.`];
    return [];
  });
}
