import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  abs,
  add,
  divide,
  exp,
  input,
  multiply,
  negate,
  parameter,
  power,
  scalar,
  sqrt,
  subtract,
} from '../builder.ts';
import { evaluate } from '../reference.ts';
import type { Tensor } from '../tensor.ts';
import { ElementwiseLoop } from './elementwise-loop.ts';
import { allocateGroups } from './float-heap.ts';

const a = parameter('a', [1]);
const b = input('b', 'float32', [1]);
const factor = input('factor', 'float32', []);
/** Sums, differences, products, quotients, roots, signs; a scalar computed by an operation that the loop itself lacks. */
const NEXT: Readonly<Record<string, Tensor>> = {
  a: subtract(multiply(a, power(factor, scalar(3))), divide(b, add(sqrt(abs(b)), scalar(0.5)))),
  b: negate(add(a, multiply(b, factor))),
};

describe('ElementwiseLoop', () => {
  it('computes what the graph means, in place, for arrays of any length, in a memory or not', () => {
    const loop = new ElementwiseLoop(NEXT);
    const lengths = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(16_383, 16_385, 40_001));
    fc.assert(
      fc.property(
        lengths,
        fc.boolean(),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (length, placed, by) => {
          const [first, second] = placed
            ? allocateGroups([[length, length]])[0]!
            : [new Float32Array(length), new Float32Array(length)];
          const arrays = { a: first!, b: second! };
          for (let i = 0; i < length; i++) {
            arrays.a[i] = Math.sin(i);
            arrays.b[i] = Math.cos(3 * i) * 2;
          }
          const values = Object.fromEntries(
            Object.entries(arrays).map(([name, data]) => [
              name,
              { shape: [length], data: Float64Array.from(data) },
            ]),
          );
          const wanted = evaluate(whole(length), {
            ...values,
            factor: { shape: [], data: Float64Array.of(by) },
          });
          loop.run({ factor: by }, arrays);
          for (const [i, array] of Object.values(arrays).entries()) {
            const most = wanted[i]!.data.reduce(
              (worst, value, j) => Math.max(worst, Math.abs(value - array[j]!)),
              0,
            );
            expect(most).toBeLessThan(1e-4);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves alone what is only read', () => {
    const gradient = Float32Array.of(1, 2, 3);
    const value = Float32Array.of(10, 20, 30);
    new ElementwiseLoop({ a: add(a, b) }).run({}, { a: value, b: gradient });
    expect([...value]).toEqual([11, 22, 33]);
    expect([...gradient]).toEqual([1, 2, 3]);
  });

  it('heeds every change of a scalar', () => {
    const loop = new ElementwiseLoop({ a: add(multiply(a, factor), b) });
    const arrays = { a: Float32Array.of(1), b: Float32Array.of(1) };
    for (const by of [2, 2, 3]) loop.run({ factor: by }, arrays);
    expect(arrays.a[0]).toBe(((1 * 2 + 1) * 2 + 1) * 3 + 1);
  });

  it('refuses graphs that are not elementwise, and runs without an array', () => {
    expect(() => new ElementwiseLoop({ a: exp(a) })).toThrow(/"exp" is not among its operations/);
    expect(() => new ElementwiseLoop({ c: add(a, b) })).toThrow(/"c" is no array/);
    expect(() => new ElementwiseLoop({ a: add(a, input('c', 'float32', [3, 1])) })).toThrow(/shapes/);
    const loop = new ElementwiseLoop({ a: multiply(add(a, b), factor) });
    const one = Float32Array.of(1);
    expect(() => loop.run({ factor: 1 }, { a: one })).toThrow(/needs "b"/);
    expect(() => loop.run({}, { a: one, b: one })).toThrow(/factor/);
    expect(() => loop.run({ factor: 1 }, { a: one, b: Float32Array.of(1, 2) })).toThrow(/one length/);
  });
});

/** The same graph over whole arrays. */
function whole(length: number): Tensor[] {
  const [x, y] = [parameter('a', [length]), input('b', 'float32', [length])];
  return [
    subtract(multiply(x, power(factor, scalar(3))), divide(y, add(sqrt(abs(y)), scalar(0.5)))),
    negate(add(x, multiply(y, factor))),
  ];
}
