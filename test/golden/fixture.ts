/** Reads fixtures and says how far arrays are from what they should be. */
import { readFileSync } from 'node:fs';
import type { Value, Values } from '../../src/graph/session.ts';

/** A whole safetensors file of float32 and int32 tensors, by name; batch norms' counters of batches (int64) are left out. */
export function readFixture(url: URL): Values {
  const bytes = readFileSync(url);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const values: Record<string, Value> = {};
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__' || name.endsWith('num_batches_tracked')) continue;
    // A copy, because the file does not align its tensors to their elements.
    const [start, end] = data_offsets;
    const content = bytes.buffer.slice(
      bytes.byteOffset + 8 + headerLength + start,
      bytes.byteOffset + 8 + headerLength + end,
    );
    if (dtype === 'F32') values[name] = { dtype: 'float32', dims: shape, data: new Float32Array(content) };
    else if (dtype === 'I32') values[name] = { dtype: 'int32', dims: shape, data: new Int32Array(content) };
    else throw new Error(`${url.pathname}: ${name} is ${dtype}; fixtures hold F32 and I32.`);
  }
  return values;
}

export function readJson<T>(url: URL): T {
  return JSON.parse(readFileSync(url, 'utf8')) as T;
}

/** The largest difference of two arrays, relative to the largest number that was expected (at least `floor`). */
export function relativeError(actual: Value, expected: Value, floor = 1e-6): number {
  if (actual.dims.join() !== expected.dims.join()) {
    throw new Error(`Expected the shape [${expected.dims}], got [${actual.dims}].`);
  }
  let difference = 0;
  let size = floor;
  for (let i = 0; i < expected.data.length; i++) {
    const wrong = Math.abs(actual.data[i]! - expected.data[i]!);
    if (Number.isNaN(wrong)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, wrong);
    size = Math.max(size, Math.abs(expected.data[i]!));
  }
  return difference / size;
}
