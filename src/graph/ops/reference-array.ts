/** Index arithmetic of the slow float64 reference: row-major arrays, NumPy's broadcasting. */
import type { ReferenceArray } from '../tensor.ts';

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((total, size) => total * size, 1);
}

/** Row-major strides in elements. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** A new array whose element at each index is `at(index)`. */
export function build(
  shape: readonly number[],
  at: (index: readonly number[], flat: number) => number,
): ReferenceArray {
  const data = new Float64Array(elementCount(shape));
  const index = new Array<number>(shape.length).fill(0);
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = at(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = index[axis]! + 1;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return { shape: [...shape], data };
}

/** The element at `index`, where axes of size 1 and missing leading axes repeat. */
export function read(x: ReferenceArray, index: readonly number[]): number {
  let flat = 0;
  let stride = 1;
  for (let axis = x.shape.length - 1; axis >= 0; axis--) {
    const size = x.shape[axis]!;
    const i = index[index.length - x.shape.length + axis]!;
    flat += (size === 1 ? 0 : i) * stride;
    stride *= size;
  }
  return x.data[flat]!;
}

export function broadcastShapes(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    return x === 1 ? y : x;
  });
}

/** Calls `visit` once for each line along `axis`, with the flat positions of its elements. */
export function lines(
  shape: readonly number[],
  axis: number,
  visit: (positions: readonly number[]) => void,
): void {
  const stride = stridesOf(shape)[axis]!;
  const length = shape[axis]!;
  const outer = shape.map((size, i) => (i === axis ? 1 : size));
  build(outer, (index) => {
    const strides = stridesOf(shape);
    const base = index.reduce((flat, i, a) => flat + i * strides[a]!, 0);
    visit(Array.from({ length }, (_, i) => base + i * stride));
    return 0;
  });
}
