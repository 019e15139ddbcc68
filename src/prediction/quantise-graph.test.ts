import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { gelu, input, layerNorm, linear, matmul, parameter } from '../graph/builder.ts';
import { leavesOf, topologicalOrder } from '../graph/order.ts';
import { Session, type Value } from '../graph/session.ts';
import type { Tensor } from '../graph/tensor.ts';
import { verify } from '../graph/verify.ts';
import { measureChannels } from './quantise-channels.ts';
import { quantiseGraph } from './quantise-graph.ts';

const WIDTH = 32;
const INNER = 64;
const THREADS = 1;

/** Two linear layers after a norm, a third product beside the first, a small head. */
function graph(): Record<string, Tensor> {
  const x = input('x', 'float32', ['batch', 'tokens', WIDTH]);
  const normal = layerNorm(x, parameter('gamma', [WIDTH]), parameter('beta', [WIDTH]), 1e-5);
  const inner = gelu(linear(normal, parameter('w1', [INNER, WIDTH]), parameter('b1', [INNER])));
  const y = linear(inner, parameter('w2', [INNER, WIDTH]), parameter('b2', [WIDTH]), 'in-out');
  return {
    y,
    side: linear(normal, parameter('w3', [INNER, WIDTH])),
    head: linear(y, parameter('h', [3, WIDTH])),
  };
}

/** @param loud - how much louder two channels are than the others */
function weightsOf(loud: number): Map<string, Float32Array> {
  const random = new Random(3, 1);
  const draw = (length: number, scale: number) =>
    Float32Array.from({ length }, () => random.normal() * scale);
  const gamma = draw(WIDTH, 0.1).map((v) => 1 + v);
  gamma[5] = loud;
  gamma[20] = -loud;
  return new Map([
    ['gamma', gamma],
    ['beta', draw(WIDTH, 0.1)],
    ['w1', draw(INNER * WIDTH, 0.15)],
    ['b1', draw(INNER, 0.1)],
    ['w2', draw(INNER * WIDTH, 0.15)],
    ['b2', draw(WIDTH, 0.1)],
    ['w3', draw(INNER * WIDTH, 0.15)],
    ['h', draw(3 * WIDTH, 0.2)],
  ]);
}

function texts(batch: number, tokens: number, seed: number): Value {
  const random = new Random(seed, 2);
  const data = Float32Array.from({ length: batch * tokens * WIDTH }, () => random.normal());
  return { dtype: 'float32', dims: [batch, tokens, WIDTH], data };
}

async function run(
  outputs: Record<string, Tensor>,
  weights: Map<string, Float32Array>,
  x: Value,
  standard = false,
) {
  const session = await Session.create(outputs, { weights, threads: THREADS, standard });
  const results = await session.run({ x });
  await session.close();
  return results;
}

/** |a - b| / |b| over all elements. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [apart, length] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    apart += (a[i]! - b[i]!) ** 2;
    length += b[i]! ** 2;
  }
  return Math.sqrt(apart / length);
}

const weights = weightsOf(1);
const eightBits = quantiseGraph(graph(), weights, { smallest: INNER * WIDTH });

describe('quantiseGraph', () => {
  it('answers nearly as the graph it was made of', async () => {
    const x = texts(3, 4, 11);
    const exact = await run(graph(), weights, x);
    const rounded = await run(eightBits, weights, x);
    for (const name of ['y', 'side', 'head']) {
      expect(rounded[name]!.dims).toEqual(exact[name]!.dims);
      const error = distance(rounded[name]!.data, exact[name]!.data);
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(0.02);
    }
  });

  it('is a legal graph without the weights it rounded, and with the small ones', () => {
    verify(Object.values(eightBits));
    const names = leavesOf(Object.values(eightBits), 'parameter').map(({ name }) => name);
    expect(names.sort()).toEqual(['b1', 'b2', 'beta', 'gamma', 'h']);
  });

  it('quantises a source once for all products that read it', () => {
    const kinds = topologicalOrder(Object.values(eightBits)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'quantisedLinear')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'quantiseRows')).toHaveLength(2);
  });

  it('gives a row the same bits whatever stands beside it', async () => {
    const one = texts(1, 4, 5);
    const loud = texts(6, 4, 6);
    const row = 4 * WIDTH;
    const data = (loud.data as Float32Array).map((v) => v * 50);
    data.set(one.data, 3 * row);
    const alone = (await run(eightBits, weights, one)).y!.data;
    const among = (await run(eightBits, weights, { ...loud, data })).y!.data;
    expect([...among.subarray(3 * row, 4 * row)]).toEqual([...alone]);
  });

  it('means the same in standard operators', async () => {
    const x = texts(2, 3, 7);
    const fused = (await run(eightBits, weights, x)).y!.data;
    const standard = (await run(eightBits, weights, x, true)).y!.data;
    expect(distance(standard, fused)).toBeLessThan(1e-6);
  });

  it('evens out loud channels where it was told how loud they are', async () => {
    const uneven = weightsOf(60);
    const smallest = INNER * WIDTH;
    const samples = [{ x: texts(4, 4, 21) }];
    const amplitudes = await measureChannels(graph(), uneven, samples, { smallest, threads: THREADS });
    expect(amplitudes.size).toBe(1);
    const [measured] = amplitudes.values();
    const quiet = measured!.filter((_, k) => k !== 5 && k !== 20);
    expect(Math.min(measured![5]!, measured![20]!)).toBeGreaterThan((20 * Math.max(...quiet)) / 2);

    // The quiet channels alone decide `side` when the loud ones have no weight there.
    const w3 = uneven.get('w3')!;
    for (let j = 0; j < INNER; j++)
      w3.fill(0, j * WIDTH + 5, j * WIDTH + 6).fill(0, j * WIDTH + 20, j * WIDTH + 21);
    const x = texts(3, 4, 22);
    const exact = (await run(graph(), uneven, x)).side!.data;
    const plain = (await run(quantiseGraph(graph(), uneven, { smallest }), uneven, x)).side!.data;
    const even = (await run(quantiseGraph(graph(), uneven, { smallest, amplitudes }), uneven, x)).side!.data;
    expect(distance(even, exact)).toBeLessThan(distance(plain, exact) / 3);
  });

  it('leaves products alone that have no stored weight', () => {
    const a = input('a', 'float32', ['rows', WIDTH]);
    const product = { y: matmul(a, input('b', 'float32', [WIDTH, INNER])) };
    expect(quantiseGraph(product, weights).y!.node).toBe(product.y.node);
  });
});
