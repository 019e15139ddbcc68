/** Samples of unit vectors as bytes, and back. */
import type { DenseRows } from '../statistics/logistic.ts';
import type { VectorSample } from './field.ts';
import type { Sample } from './reservoir.ts';

const SCALE = 127;

/** @param width - of each vector, whose elements are in [−1, 1] */
export function packVectors({ ids, values }: Sample<Float32Array>, width: number): VectorSample {
  const bytes = new Int8Array(values.length * width);
  for (const [row, vector] of values.entries())
    for (let i = 0; i < width; i++) bytes[row * width + i] = Math.round(vector[i]! * SCALE);
  return { ids, width, data: Buffer.from(bytes.buffer).toString('base64') };
}

export function unpackVectors({ ids, width, data }: VectorSample): DenseRows {
  const bytes = new Int8Array(Buffer.from(data, 'base64'));
  return { data: Float32Array.from(bytes, (byte) => byte / SCALE), rows: ids.length, width };
}
