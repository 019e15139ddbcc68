/** What a batch has beside text, as arrays under the input names of media-vectors.ts and fusion.ts. */
import { pixelValues } from '../../features/image/processor.ts';
import type { Value } from '../../graph/session.ts';
import { behaviourArrays } from './behaviour-vectors.ts';
import type { Example, LoadedFile } from './example.ts';
import { isFused, modalitiesOf } from './fusion.ts';
import { mediaEncoderOf, mediaScope, mediaWidth } from './media-vectors.ts';
import type { AttributeModelSpec, MediaSpec } from './spec.ts';
import { tableArrays } from './table-inputs.ts';

/** Nothing where the model reads text alone. */
export function modalityArrays(
  spec: AttributeModelSpec,
  examples: readonly Pick<Example, 'media' | 'table' | 'behaviour' | 'present'>[],
): Record<string, Value> {
  const { media = [] } = spec;
  if (!isFused(spec)) return {};
  const float32 = (dims: readonly number[], data: Float32Array): Value => ({ dtype: 'float32', dims, data });
  const batch = examples.length;
  const modalities = modalitiesOf(spec).length;
  const present = new Float32Array(batch * modalities);
  for (const [b, example] of examples.entries())
    for (const [m, there] of example.present.entries()) present[b * modalities + m] = there ? 1 : 0;
  const fields = media.map((field, i) =>
    fieldArrays(
      field,
      examples.map((example) => example.media[i] ?? []),
    ),
  );
  return Object.assign(
    { 'fusion.present': float32([batch, modalities], present) },
    tableArrays(
      spec,
      examples.map(({ table }) => table),
    ),
    spec.behaviour === undefined
      ? {}
      : behaviourArrays(
          spec.behaviour,
          examples.map(({ behaviour }) => behaviour),
        ),
    ...fields,
  );
}

/** What a batch has of one field. @param own - files of each product */
export function fieldArrays(spec: MediaSpec, own: readonly (readonly LoadedFile[])[]): Record<string, Value> {
  const [name, ...shape] = spec.frozen ? (['vectors', mediaWidth(spec)] as const) : valueShape(spec);
  const all = own.flat();
  // A batch without any file computes an empty one that counts for no product.
  const count = Math.max(1, all.length);
  const size = shape.reduce((a, b) => a * b, 1);
  const values = new Float32Array(count * size);
  for (const [f, file] of all.entries()) values.set(encoderValues(spec, file), f * size);
  const shares = new Float32Array(own.length * count);
  let at = 0;
  for (const [b, { length }] of own.entries()) {
    shares.fill(1 / length, b * count + at, b * count + at + length);
    at += length;
  }
  const scope = mediaScope(spec.field);
  return {
    [`${scope}.${name}`]: { dtype: 'float32', dims: [count, ...shape], data: values },
    [`${scope}.shares`]: { dtype: 'float32', dims: [own.length, count], data: shares },
  };
}

function valueShape(spec: MediaSpec): readonly ['values', number, number, number] {
  const { channels, height, imageWidth } = mediaEncoderOf(spec);
  return ['values', channels, height, imageWidth];
}

/** What an encoder reads of a file, [channels, height, width]; of a frozen encoder its vector. */
export function encoderValues(spec: MediaSpec, file: LoadedFile): Float32Array {
  if (file instanceof Float32Array || spec.kind === 'audio') return file as Float32Array;
  return pixelValues(spec.processor, file).values;
}
