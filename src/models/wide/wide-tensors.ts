/** The wide part as named tensors, for a safetensors file, and back. Its choices and numbers are the model's own and stand with it. */
import type { ChoiceSpec, NumberSpec } from '../attribute/spec.ts';
import type { TensorSource } from '../checkpoint/safetensors.ts';
import { modelError } from '../errors.ts';
import type { FeatureSpace } from './features.ts';
import { BUCKET_BITS } from './ngrams.ts';
import { WideNumberModel } from './number-model.ts';
import type { NumberLayers } from './number-network.ts';
import { columnCount, WideModel } from './wide-model.ts';

const NAMES = {
  buckets: 'wide.buckets',
  idf: 'wide.idf',
  weights: 'wide.weights',
  bias: 'wide.bias',
  logPriors: 'wide.logPriors',
  mentions: 'wide.mentions',
} as const;

const NUMBER_NAMES = {
  buckets: 'wide.numbers.buckets',
  idf: 'wide.numbers.idf',
} as const;

/** Name and shape of each layer's tensor; F features, H hidden units, N numbers. */
const layerShapes = (F: number, H: number, N: number) =>
  ({
    inner: [F, H],
    innerBias: [H],
    middle: [H, H],
    middleBias: [H],
    outer: [H, N],
    outerBias: [N],
  }) satisfies Record<keyof NumberLayers, readonly number[]>;

const layerName = (layer: string) => `wide.numbers.${layer}`;

/** Buckets are below 2^24, so float32 holds them exactly. */
export function toTensors({ choices, parameters }: WideModel): readonly TensorSource[] {
  const { space, weights, bias, logPriors, mentions } = parameters;
  const features = space.buckets.length;
  return [
    tensor(NAMES.buckets, [features], Float32Array.from(space.buckets)),
    tensor(NAMES.idf, [features], space.idf),
    tensor(NAMES.weights, [features, bias.length], weights),
    tensor(NAMES.bias, [bias.length], bias),
    tensor(NAMES.logPriors, [bias.length], logPriors),
    tensor(NAMES.mentions, [choices.length, mentions.length / Math.max(1, choices.length)], mentions),
  ];
}

/** Of the wide part of number attributes. */
export function numberTensors({ parameters }: WideNumberModel): readonly TensorSource[] {
  const { space, layers } = parameters;
  const features = space.buckets.length;
  const shapes = layerShapes(features, layers.innerBias.length, layers.outerBias.length);
  return [
    tensor(NUMBER_NAMES.buckets, [features], Float32Array.from(space.buckets)),
    tensor(NUMBER_NAMES.idf, [features], space.idf),
    ...(Object.keys(shapes) as (keyof NumberLayers)[]).map((layer) =>
      tensor(layerName(layer), shapes[layer], layers[layer]),
    ),
  ];
}

const tensor = (name: string, shape: readonly number[], data: Float32Array): TensorSource => ({
  name,
  shape,
  dtype: 'F32',
  read: () => data,
});

/**
 * @param read - a tensor by name, as `openSafetensors` and `openWeights` give them
 * @throws models/tensor-shape when the sizes do not fit each other or the choices
 * @throws models/value-out-of-range when a bucket is none, or they do not ascend
 */
export async function fromTensors(
  choices: readonly ChoiceSpec[],
  read: (name: string) => Promise<Float32Array>,
): Promise<WideModel> {
  const space = await readSpace(read, NAMES);
  const weights = await read(NAMES.weights);
  const bias = await read(NAMES.bias);
  const logPriors = await read(NAMES.logPriors);
  const mentions = await read(NAMES.mentions);
  const width = columnCount(choices);
  requireLength(NAMES.weights, weights, space.buckets.length * width);
  requireLength(NAMES.bias, bias, width);
  requireLength(NAMES.logPriors, logPriors, width);
  requireLength(
    NAMES.mentions,
    mentions,
    choices.length * Math.floor(mentions.length / Math.max(1, choices.length)),
  );
  return new WideModel(choices, { space, weights, bias, logPriors, mentions });
}

/** As `fromTensors`, of the wide part of number attributes. */
export async function numbersFromTensors(
  numbers: readonly NumberSpec[],
  read: (name: string) => Promise<Float32Array>,
): Promise<WideNumberModel> {
  const space = await readSpace(read, NUMBER_NAMES);
  const hidden = (await read(layerName('innerBias'))).length;
  const shapes = layerShapes(space.buckets.length, hidden, numbers.length);
  const layer = async (name: keyof NumberLayers) => {
    const data = await read(layerName(name));
    requireLength(
      layerName(name),
      data,
      shapes[name].reduce((product, size) => product * size, 1),
    );
    return data;
  };
  return new WideNumberModel(numbers, {
    space,
    layers: {
      inner: await layer('inner'),
      innerBias: await layer('innerBias'),
      middle: await layer('middle'),
      middleBias: await layer('middleBias'),
      outer: await layer('outer'),
      outerBias: await layer('outerBias'),
    },
  });
}

async function readSpace(
  read: (name: string) => Promise<Float32Array>,
  names: { readonly buckets: string; readonly idf: string },
): Promise<Pick<FeatureSpace, 'buckets' | 'idf'>> {
  const buckets = Int32Array.from(await read(names.buckets));
  const idf = await read(names.idf);
  requireLength(names.idf, idf, buckets.length);
  let before = -1;
  for (const bucket of buckets) {
    if (bucket <= before || bucket >= 1 << BUCKET_BITS) {
      throw modelError(
        'models/value-out-of-range',
        `Tensor "${names.buckets}" holds ${bucket} after ${before}; its numbers ascend and stay below ${1 << BUCKET_BITS}.`,
      );
    }
    before = bucket;
  }
  return { buckets, idf };
}

function requireLength(name: string, data: Float32Array, expected: number): void {
  if (data.length === expected) return;
  throw modelError(
    'models/tensor-shape',
    `Tensor "${name}" has ${data.length} numbers, expected ${expected} for the attributes of this model.`,
  );
}
