/** The vector of a product's pictures in one field: each picture through the image encoder, and their mean. */
import { input, matmul } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ImageEncoder } from '../architectures/encoder.ts';
import { openImageArchitecture } from '../architectures/registry.ts';
import type { Dropout } from '../layers/dropout.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';
import type { ProductPictures } from './example.ts';
import type { AttributeModelSpec, PictureSpec } from './spec.ts';

export function pictureEncoderOf({ encoder }: PictureSpec): ImageEncoder {
  return openImageArchitecture(encoder);
}

/** Where the encoder's parameters and the inputs of a field stand. */
export const pictureScope = (field: string) => `pictures.${field}`;

/** @param top - depth of the heads: an encoder that starts from nothing learns at their rate */
export function pictureParameters(spec: PictureSpec, top: number): readonly ParameterSpec[] {
  return pictureEncoderOf(spec).parameters.map((parameter) => ({
    ...parameter,
    name: `${pictureScope(spec.field)}.${parameter.name}`,
    depth: spec.fresh ? top : Math.min(parameter.depth + 1, top - 1),
  }));
}

/**
 * Inputs are leaves of the graph: `pictures.<field>.pixels` float32 `[pictures, 3, height, width]` of all products,
 * and `pictures.<field>.shares` float32 `[B, pictures]`, each product's share in the mean of each picture (0 for others').
 * @returns `[B, width of the image encoder]`, zeros where a product has no picture
 */
export function pictureVectors(spec: PictureSpec, parameters: Scope, dropout: Dropout): Tensor {
  const encoder = pictureEncoderOf(spec);
  const scope = pictureScope(spec.field);
  const count = `${spec.field} pictures`;
  const pixels = input(`${scope}.pixels`, 'float32', [count, 3, encoder.height, encoder.imageWidth]);
  const shares = input(`${scope}.shares`, 'float32', ['batch', count]);
  const { pooled } = encoder.encode(parameters.within(scope), pixels, dropout);
  return matmul(shares, pooled);
}

/** Pixels that cost about what a token costs: a patch of 8 x 8. */
const PIXELS_PER_TOKEN = 64;

/** What a product's pictures cost, in tokens, by how many there may be. */
export function pictureTokens(
  { pictures = [] }: AttributeModelSpec,
  own: ProductPictures | undefined,
): number {
  if (own === undefined) return 0;
  return pictures.reduce((total, spec, field) => {
    const { height, imageWidth } = pictureEncoderOf(spec);
    const count = Math.min(spec.most, own.cells[field]?.length ?? 0);
    return total + count * Math.ceil((height * imageWidth) / PIXELS_PER_TOKEN);
  }, 0);
}
