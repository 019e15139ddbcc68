/** The wide part as named tensors, for a safetensors file, and back. Its choices are the model's own and stand with it. */
import type { ChoiceSpec } from '../attribute/spec.ts';
import type { TensorSource } from '../checkpoint/safetensors.ts';
import { modelError } from '../errors.ts';
import { BUCKET_BITS } from './ngrams.ts';
import { columnCount, WideModel } from './wide-model.ts';

const NAMES = {
  buckets: 'wide.buckets',
  idf: 'wide.idf',
  weights: 'wide.weights',
  bias: 'wide.bias',
  logPriors: 'wide.logPriors',
  mentions: 'wide.mentions',
} as const;

/** Buckets are below 2^24, so float32 holds them exactly. */
export function toTensors({ choices, parameters }: WideModel): readonly TensorSource[] {
  const { space, weights, bias, logPriors, mentions } = parameters;
  const features = space.buckets.length;
  const tensor = (name: string, shape: readonly number[], data: Float32Array): TensorSource => ({
    name,
    shape,
    dtype: 'F32',
    read: () => data,
  });
  return [
    tensor(NAMES.buckets, [features], Float32Array.from(space.buckets)),
    tensor(NAMES.idf, [features], space.idf),
    tensor(NAMES.weights, [features, bias.length], weights),
    tensor(NAMES.bias, [bias.length], bias),
    tensor(NAMES.logPriors, [bias.length], logPriors),
    tensor(NAMES.mentions, [choices.length, mentions.length / Math.max(1, choices.length)], mentions),
  ];
}

/**
 * @param read - a tensor by name, as `openSafetensors` and `openWeights` give them
 * @throws models/tensor-shape when the sizes do not fit each other or the choices
 * @throws models/value-out-of-range when a bucket is none, or they do not ascend
 */
export async function fromTensors(
  choices: readonly ChoiceSpec[],
  read: (name: string) => Promise<Float32Array>,
): Promise<WideModel> {
  const buckets = Int32Array.from(await read(NAMES.buckets));
  const idf = await read(NAMES.idf);
  const weights = await read(NAMES.weights);
  const bias = await read(NAMES.bias);
  const logPriors = await read(NAMES.logPriors);
  const mentions = await read(NAMES.mentions);
  const width = columnCount(choices);
  requireLength(NAMES.idf, idf, buckets.length);
  requireLength(NAMES.weights, weights, buckets.length * width);
  requireLength(NAMES.bias, bias, width);
  requireLength(NAMES.logPriors, logPriors, width);
  requireLength(
    NAMES.mentions,
    mentions,
    choices.length * Math.floor(mentions.length / Math.max(1, choices.length)),
  );
  let before = -1;
  for (const bucket of buckets) {
    if (bucket <= before || bucket >= 1 << BUCKET_BITS) {
      throw modelError(
        'models/value-out-of-range',
        `Tensor "${NAMES.buckets}" holds ${bucket} after ${before}; its numbers ascend and stay below ${1 << BUCKET_BITS}.`,
      );
    }
    before = bucket;
  }
  return new WideModel(choices, { space: { buckets, idf }, weights, bias, logPriors, mentions });
}

function requireLength(name: string, data: Float32Array, expected: number): void {
  if (data.length === expected) return;
  throw modelError(
    'models/tensor-shape',
    `Tensor "${name}" has ${data.length} numbers, expected ${expected} for the attributes of this model.`,
  );
}
