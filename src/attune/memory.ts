/** How much memory a training run will take, told before it starts, and what to set where that is too much. */
import { availableMemory } from 'node:process';
import {
  adaptedParameters,
  attributeModelParameters,
  encoderOf,
} from '../models/attribute/attribute-model.ts';
import { asTrained, freezes } from '../models/attribute/frozen.ts';
import { FEATURES } from '../models/attribute/lexicon.ts';
import { mediaEncoderOf } from '../models/attribute/media-vectors.ts';
import { type AttributeModelSpec, choiceColumns } from '../models/attribute/spec.ts';
import { type ParameterSpec, parameterSize } from '../models/layers/parameters.ts';
import type { ModelConfig, TrainingConfig } from '../training/config.ts';
import { trainingError } from '../training/errors.ts';
import { fusionsTried } from './fusions-tried.ts';

/** Bytes by what they are for. */
export type MemoryEstimate = {
  /**
   * Parameters, what the optimiser keeps beside them, and the parameters once more while they move to where they are trained; those of
   * models that are trained already.
   */
  readonly weights: number;
  readonly gradients: number;
  /** Of the largest micro-batch: what the backward pass needs of the forward pass, and the span candidates. */
  readonly activations: number;
  readonly total: number;
};

type Config = Readonly<Record<string, unknown>>;

export type MemorySettings = {
  readonly spec: AttributeModelSpec;
  readonly model: Pick<ModelConfig, 'freezeEmbeddings' | 'fusion'>;
  readonly training: Pick<
    TrainingConfig,
    | 'optimizer'
    | 'momentum'
    | 'averageDecay'
    | 'batchSize'
    | 'maxTokensPerMicroBatch'
    | 'pretrainEpochs'
    | 'ensemble'
  >;
};

const FLOAT = 4;
/** Node, the database and the runtime themselves. */
const BASE = 350e6;
/** Arrays of the encoder's width, and of its inner width, that a layer keeps for each token; measured. */
const KEPT_WIDTHS = 14;
const KEPT_INNER = 4;
/** Score matrices that a layer keeps for each head. */
const KEPT_SCORES = 3;
/** Arrays as wide as the hidden layer of the lexicon's scores, for each candidate and attribute. */
const KEPT_LEXICON = 4 * 16;
/** Numbers that the small image encoder keeps for each pixel: five for each that its layers give, by their sizes. */
const KEPT_PIXEL = 160;
/** Arrays of its size that a convolution of a wave keeps. */
const KEPT_CONVOLUTION = 4;
/** Arrays of the model's width that cross-attention keeps for each token and patch. */
const KEPT_LOOKED = 12;
/** Side of a patch of a vision transformer that does not say it. */
const USUAL_PATCH = 16;
const WORDS_PER_TOKEN = 0.8;
/** Share of the tokens that masked-language training guesses, and arrays as wide as the vocabulary for each. */
const GUESSED = 0.15;
const KEPT_GUESSES = 5;

/** Upper bounds: texts that are shorter than their budgets need less. Of several ways to join modalities, what the costliest takes. */
export function estimateMemory(settings: MemorySettings): MemoryEstimate {
  const { spec, model } = settings;
  const tried = fusionsTried(model, spec).map((fusion) =>
    estimateOne({ ...settings, spec: { ...spec, fusion } }, 1),
  );
  return tried.length === 0
    ? estimateOne(settings, 0)
    : tried.reduce((most, each) => (each.total > most.total ? each : most));
}

/** @param others - models that are held while another trains, an ensemble's aside */
function estimateOne({ spec, model, training }: MemorySettings, others: number): MemoryEstimate {
  const parameters = attributeModelParameters(spec);
  const adapted = new Set(adaptedParameters(spec).map(({ name }) => name));
  let trained = 0;
  let frozen = 0;
  let largest = 0;
  for (const { name, shape, depth } of parameters) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (adapted.has(name) || (model.freezeEmbeddings && depth === 0)) frozen += size;
    else {
      trained += size;
      largest = Math.max(largest, size);
    }
  }
  const moments = training.optimizer === 'sgd' ? (training.momentum > 0 ? 1 : 0) : 2;
  const kept = 1 + moments + (training.averageDecay === null ? 0 : 1);
  const length = longestInput(spec);
  const products = Math.max(
    1,
    Math.min(training.batchSize, Math.floor(training.maxTokensPerMicroBatch / length)),
  );
  // Of a frozen encoder nothing but its weights, in its session and as it is made.
  const outside = freezes(spec) ? sizeOf(attributeModelParameters(asTrained(spec))) - sizeOf(parameters) : 0;
  const severalParts = training.batchSize * length > training.maxTokensPerMicroBatch;
  const held = Math.max(training.ensemble - 1, others) * (frozen + trained);
  const weights = FLOAT * (frozen + 2 * outside + trained * (kept + 1) + held);
  // The largest table's gradient is made beside its place.
  const gradients = FLOAT * (trained * (severalParts ? 3 : 1) + largest);
  const heads = Math.max(
    spanFloats(spec, length),
    training.pretrainEpochs > 0 ? guessFloats(spec, length) : 0,
  );
  const activations =
    FLOAT * products * (encoderFloats(spec, length) + mediaFloats(spec) + lookedFloats(spec, length) + heads);
  return { weights, gradients, activations, total: BASE + weights + gradients + activations };
}

const sizeOf = (parameters: readonly ParameterSpec[]) =>
  parameters.reduce((total, each) => total + parameterSize(each), 0);

/** Tokens of the longest product, as far as budgets say. */
function longestInput({ fields, maxTokens, categoryContext }: AttributeModelSpec): number {
  const budgets = fields.reduce((total, field) => total + field.maxTokens + 1, 1);
  return Math.min(maxTokens, budgets + (categoryContext ? 17 : 0));
}

function encoderFloats(spec: AttributeModelSpec, length: number): number {
  const { layers, width } = encoderOf(spec);
  const config = spec.encoder;
  const heads = Number(config.num_attention_heads ?? config.n_heads ?? config.n_head ?? 1);
  const inner = Number(config.intermediate_size ?? config.hidden_dim ?? config.n_inner ?? 4 * width);
  const layer = KEPT_WIDTHS * width + KEPT_INNER * inner + KEPT_SCORES * heads * length;
  const values = choiceColumns(spec.choices).reduce((total, { size }) => total + size, 0);
  return (spec.frozenText ? 0 : length * layers * layer) + 4 * values;
}

/** Of the pictures and sounds of a product. */
function mediaFloats({ media = [] }: AttributeModelSpec): number {
  return media.reduce((total, field) => {
    if (field.frozen) return total;
    const { height, imageWidth, layers, width } = mediaEncoderOf(field);
    const pixels = height * imageWidth;
    if (field.fresh) return total + field.most * pixels * KEPT_PIXEL;
    // As of a transformer: of a convolutional network it is more than enough.
    const tokens = tokensOf(field.encoder, pixels);
    const layer =
      tokens * (width * (KEPT_WIDTHS + 4 * KEPT_INNER) + KEPT_SCORES * headsOf(field.encoder) * tokens);
    return total + field.most * (layers * layer + waveFloats(field.encoder));
  }, 0);
}

/** Of the tokens and patches that cross-attention looks at. */
function lookedFloats(spec: AttributeModelSpec, length: number): number {
  const { fusion, media = [] } = spec;
  if (fusion !== 'attention') return 0;
  const patches = media.reduce((total, field) => {
    if (field.frozen) return total;
    const { height, imageWidth } = mediaEncoderOf(field);
    return total + tokensOf(field.encoder, height * imageWidth);
  }, 0);
  return KEPT_LOOKED * (length + patches) * encoderOf(spec).width;
}

/** Patches of a picture, places in time of a sound. */
function tokensOf(encoder: Config, pixels: number): number {
  if (encoder.model_type === 'whisper') return Number(encoder.max_source_positions ?? 1500);
  if (encoder.model_type === 'wav2vec2')
    return Number(encoder.clip_samples) / stridesOf(encoder).reduce((a, b) => a * b, 1);
  return pixels / Number(encoder.patch_size ?? USUAL_PATCH) ** 2;
}

const headsOf = (encoder: Config) =>
  Number(encoder.num_attention_heads ?? encoder.encoder_attention_heads ?? 0);
const stridesOf = ({ conv_stride }: Config) => (conv_stride ?? [5, 2, 2, 2, 2, 2, 2]) as readonly number[];

/** What convolutions keep of a wave, which is long at first. */
function waveFloats(encoder: Config): number {
  if (encoder.model_type !== 'wav2vec2') return 0;
  const widths = (encoder.conv_dim ?? [512, 512, 512, 512, 512, 512, 512]) as readonly number[];
  let steps = Number(encoder.clip_samples);
  return stridesOf(encoder).reduce((total, stride, i) => {
    steps /= stride;
    return total + KEPT_CONVOLUTION * steps * widths[i]!;
  }, 0);
}

/** Scores of every word for each token that masked-language training guesses, with their gradients. */
function guessFloats(spec: AttributeModelSpec, length: number): number {
  const { vocabulary, width } = encoderOf(spec);
  return Math.ceil(GUESSED * length) * KEPT_GUESSES * (vocabulary + width);
}

function spanFloats({ spans, encoder, fields }: AttributeModelSpec, length: number): number {
  if (spans === undefined) return 0;
  const width = Number(encoder.hidden_size ?? encoder.dim ?? encoder.n_embd);
  const attributes = mostAttributes(spans.pairs);
  const words = Math.min(
    length,
    fields.reduce((total, { maxTokens }) => total + maxTokens, 0),
  );
  const candidates = Math.ceil(words * WORDS_PER_TOKEN) * spans.maxWords;
  return candidates * (4 * width + 2 * spans.width + attributes * (FEATURES + KEPT_LEXICON + 6));
}

/** Attributes of the category that has most. */
function mostAttributes(pairs: readonly { readonly category: string }[]): number {
  const counts = new Map<string, number>();
  for (const { category } of pairs) counts.set(category, (counts.get(category) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

export type SmallerSetting = { readonly setting: string; readonly settings: MemorySettings };

/** Smaller settings, the least costly first; each keeps the ones before it. */
function smallerSettings(given: MemorySettings): SmallerSetting[] {
  const found: SmallerSetting[] = [];
  let { spec, model, training } = given;
  const add = (setting: string) => found.push({ setting, settings: { spec, model, training } });
  const least = Math.max(64, longestInput(spec));
  while (training.maxTokensPerMicroBatch > least) {
    const next = Math.max(least, Math.floor(training.maxTokensPerMicroBatch / 2));
    training = { ...training, maxTokensPerMicroBatch: next };
    add(`training.maxTokensPerMicroBatch=${next}`);
  }
  if (!model.freezeEmbeddings) {
    model = { ...model, freezeEmbeddings: true };
    add('model.freezeEmbeddings=true');
  }
  for (let tokens = 2 ** Math.floor(Math.log2(spec.maxTokens - 1)); tokens >= 32; tokens /= 2) {
    spec = { ...spec, maxTokens: tokens };
    training = { ...training, maxTokensPerMicroBatch: Math.max(64, tokens) };
    add(`model.maxTokens=${tokens}`);
  }
  return found;
}

/**
 * @param available - bytes that the process may still take
 * @throws training/too-large with the settings that would fit
 */
export function checkMemory(settings: MemorySettings, available: number = availableMemory()): MemoryEstimate {
  const estimate = estimateMemory(settings);
  if (estimate.total <= available) return estimate;
  const needed: string[] = [];
  let fits = false;
  for (const { setting, settings: smaller } of smallerSettings(settings)) {
    const name = setting.slice(0, setting.indexOf('='));
    if (needed.at(-1)?.startsWith(`${name}=`)) needed.pop();
    needed.push(setting);
    fits = estimateMemory(smaller).total <= available;
    if (fits) break;
  }
  throw trainingError(
    'training/too-large',
    `Training needs about ${gigabytes(estimate.total)} of memory (${gigabytes(estimate.weights)} for weights and the optimiser, ${gigabytes(estimate.gradients)} for gradients, ${gigabytes(estimate.activations)} for the largest micro-batch), and ${gigabytes(available)} are free. Nothing has been started.`,
    {
      hint: fits
        ? `It fits with ${needed.map((setting) => `--set ${setting}`).join(' ')}.`
        : 'No setting makes this encoder fit: choose a smaller one with model.text (or model.layers and model.width), or train on a machine with more memory.',
      details: { ...estimate, available },
    },
  );
}

export function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.max(1, Math.round(bytes / 1e6))} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
