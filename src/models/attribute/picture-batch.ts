/** The pictures of a batch as arrays, under the input names of picture-vectors.ts and fusion.ts. */
import type { Picture } from '../../features/image/picture.ts';
import { pixelValues } from '../../features/image/processor.ts';
import type { Value } from '../../graph/session.ts';
import type { Example } from './example.ts';
import { modalitiesOf } from './fusion.ts';
import { pictureEncoderOf, pictureScope } from './picture-vectors.ts';
import type { AttributeModelSpec, PictureSpec } from './spec.ts';

/** Nothing where the model reads no pictures. */
export function pictureArrays(
  spec: AttributeModelSpec,
  examples: readonly Pick<Example, 'pictures' | 'present'>[],
): Record<string, Value> {
  const { pictures = [] } = spec;
  if (pictures.length === 0) return {};
  const modalities = modalitiesOf(spec).length;
  const present = new Float32Array(examples.length * modalities);
  for (const [b, example] of examples.entries())
    for (const [m, there] of example.present.entries()) present[b * modalities + m] = there ? 1 : 0;
  return Object.assign(
    { 'fusion.present': { dtype: 'float32', dims: [examples.length, modalities], data: present } as Value },
    ...pictures.map((picture, field) =>
      fieldArrays(
        picture,
        examples.map((example) => example.pictures[field] ?? []),
      ),
    ),
  );
}

/** @param own - pictures of each product */
function fieldArrays(spec: PictureSpec, own: readonly (readonly Picture[])[]): Record<string, Value> {
  const { height, imageWidth } = pictureEncoderOf(spec);
  const all = own.flat();
  // A batch without any picture computes a black one that counts for no product.
  const count = Math.max(1, all.length);
  const size = 3 * height * imageWidth;
  const pixels = new Float32Array(count * size);
  for (const [p, picture] of all.entries()) pixels.set(pixelValues(spec.processor, picture).values, p * size);
  const shares = new Float32Array(own.length * count);
  let at = 0;
  for (const [b, { length }] of own.entries()) {
    shares.fill(1 / length, b * count + at, b * count + at + length);
    at += length;
  }
  const scope = pictureScope(spec.field);
  return {
    [`${scope}.pixels`]: { dtype: 'float32', dims: [count, 3, height, imageWidth], data: pixels },
    [`${scope}.shares`]: { dtype: 'float32', dims: [own.length, count], data: shares },
  };
}
