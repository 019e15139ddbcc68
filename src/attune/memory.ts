/** How much memory a training run will take, told before it starts, and what to set where that is too much. */
import { availableMemory } from 'node:process';
import { adaptedParameters, attributeModelParameters } from '../models/attribute/attribute-model.ts';
import { asTrained, freezes } from '../models/attribute/frozen.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { type ParameterSpec, parameterSize } from '../models/layers/parameters.ts';
import type { ModelConfig, TrainingConfig } from '../training/config.ts';
import { trainingError } from '../training/errors.ts';
import { longestInput, productFloats } from './activations.ts';
import { fusionsTried } from './fusions-tried.ts';
import { gigabytes } from './gigabytes.ts';

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

/** Bytes of a number. */
export const FLOAT = 4;
/** Node, the database and the runtime themselves. */
export const BASE = 350e6;
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
  const activations = FLOAT * products * productFloats(spec, length, training.pretrainEpochs > 0);
  return { weights, gradients, activations, total: BASE + weights + gradients + activations };
}

const sizeOf = (parameters: readonly ParameterSpec[]) =>
  parameters.reduce((total, each) => total + parameterSize(each), 0);

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
