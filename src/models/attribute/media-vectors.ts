/** What a product's pictures or sounds in one field say: each of them through the field's encoder, and their mean. */
import { input, less, matmul, reshape, scalar, sum, where } from '../../graph/builder.ts';
import type { Dim } from '../../graph/dimensions.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ImageEncoder, ImageStates } from '../architectures/encoder.ts';
import { openImageArchitecture } from '../architectures/registry.ts';
import { batchStatistics, type Carried, keptStatistics } from '../layers/batch-norm.ts';
import type { Dropout } from '../layers/dropout.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import type { ProductMedia } from './example.ts';
import { isOnnxFile } from './frozen.ts';
import type { ModalityStates } from './modality-states.ts';
import type { AttributeModelSpec, MediaSpec } from './spec.ts';

/** What a spec's encoder is stands in its config; asked for each product, it is read once. */
const opened = new WeakMap<MediaSpec['encoder'], ImageEncoder>();

export function mediaEncoderOf({ encoder }: Pick<MediaSpec, 'encoder'>): ImageEncoder {
  const known = opened.get(encoder);
  if (known) return known;
  const architecture = openImageArchitecture(encoder);
  opened.set(encoder, architecture);
  return architecture;
}

/** Numbers in a vector of the field's encoder. */
export function mediaWidth(spec: MediaSpec): number {
  return isOnnxFile(spec) ? Number(spec.encoder.width) : mediaEncoderOf(spec).width;
}

/** Where the encoder's parameters and the inputs of a field stand. */
export const mediaScope = (field: string) => `media.${field}`;

/** @param top - depth of the heads: an encoder that starts from nothing has a rate of its own, see training */
export function mediaParameters(spec: MediaSpec, top: number): readonly ParameterSpec[] {
  if (spec.frozen) return [];
  return mediaEncoderOf(spec).parameters.map((parameter) => ({
    ...parameter,
    name: `${mediaScope(spec.field)}.${parameter.name}`,
    depth: spec.fresh ? top : Math.min(parameter.depth + 1, top - 1),
  }));
}

/**
 * Inputs are leaves of the graph: `media.<field>.values` float32 `[files, channels, height, width]` of all products, and
 * `media.<field>.shares` float32 `[B, files]`, each file's share in the mean of each product (0 for others'). Of a frozen encoder
 * `media.<field>.vectors` `[files, width]` stand in place of the values.
 * @returns the mean of a product's files, zeros where it has none; in training, the averages to carry of an encoder that started
 *   from nothing: a pretrained one keeps those that it came with
 */
export function mediaStates(
  spec: MediaSpec,
  parameters: Scope,
  dropout: Dropout,
  use: 'training' | 'prediction',
): ModalityStates & { readonly carried: readonly Carried[] } {
  const scope = mediaScope(spec.field);
  const files = `${spec.field} files`;
  const shares = input(`${scope}.shares`, 'float32', ['batch', files]);
  if (spec.frozen) {
    const made = input(`${scope}.vectors`, 'float32', [files, mediaWidth(spec)]);
    return { vector: matmul(shares, made), carried: [] };
  }
  const { encode, channels, height, imageWidth } = mediaEncoderOf(spec);
  const values = input(`${scope}.values`, 'float32', [files, channels, height, imageWidth]);
  const own = parameters.within(scope);
  if (use === 'prediction' || !spec.fresh) {
    return { ...meansOf(shares, encode(own, values, dropout, keptStatistics)), carried: [] };
  }
  // One picture says nothing of how pictures differ.
  const few = less(sum(shares), scalar(1.5));
  const { norm, carried } = batchStatistics(where(few, scalar(0), scalar(1)));
  return { ...meansOf(shares, encode(own, values, dropout, norm)), carried };
}

/** Of several files of a product, the vectors are averaged, and the states of patches place by place. */
function meansOf(shares: Tensor, { pooled, tokens }: ImageStates): ModalityStates {
  const [files, patches, width] = tokens.shape as readonly [Dim, number, number];
  const flat = matmul(shares, reshape(tokens, [files, patches * width]));
  return { vector: matmul(shares, pooled), tokens: reshape(flat, [shares.shape[0]!, patches, width]) };
}

/** Pixels that cost about what a token costs: a patch of 8 x 8. */
const PIXELS_PER_TOKEN = 64;

/** What a product's pictures and sounds cost, in tokens, by how many there may be. */
export function mediaTokens({ media = [] }: AttributeModelSpec, own: ProductMedia | undefined): number {
  if (own === undefined) return 0;
  return media.reduce((total, spec, field) => {
    const count = Math.min(spec.most, own.cells[field]?.length ?? 0);
    if (spec.frozen) return total + count;
    const { height, imageWidth } = mediaEncoderOf(spec);
    return total + count * Math.ceil((height * imageWidth) / PIXELS_PER_TOKEN);
  }, 0);
}
