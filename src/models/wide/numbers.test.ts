import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../base/random.ts';
import { standardise } from '../attribute/number-head.ts';
import type { NumberSpec } from '../attribute/spec.ts';
import { openSafetensors, writeSafetensors } from '../checkpoint/safetensors.ts';
import { blendNumbers, type NumberBlendRow, numberBlendWeights } from './number-blend.ts';
import {
  Activations,
  addGradient,
  averaged,
  BatchGradient,
  forward,
  type NumberLayers,
} from './number-network.ts';
import { SparseRows } from './sparse-rows.ts';
import { trainWideNumbers, type WideNumberExample, type WideNumberOptions } from './train-numbers.ts';
import { numbersFromTensors, numberTensors } from './wide-tensors.ts';

/** A network of 6 features, 4 hidden units and 2 numbers. */
function network(seed: number): NumberLayers {
  const random = new Random(seed);
  const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
  return {
    inner: normal(24),
    innerBias: normal(4),
    middle: normal(16),
    middleBias: normal(4),
    outer: normal(8),
    outerBias: normal(2),
  };
}

describe('the network of numbers', () => {
  const HUBER = 0.7;
  const vectors = [
    { columns: Int32Array.of(0, 3, 5), values: Float32Array.of(0.6, -0.4, 1.1), length: 3 },
    { columns: Int32Array.of(3, 1, 0), values: Float32Array.of(0.9, 0.2, 9), length: 2 },
  ];
  const targets = [
    [0.3, -0.8],
    [Number.NaN, 0.1],
  ];

  /** Written anew from the definition. */
  function loss({ inner, innerBias, middle, middleBias, outer, outerBias }: NumberLayers): number {
    const dense = (x: number[], weights: Float32Array, bias: Float32Array) =>
      [...bias].map((b, o) => x.reduce((sum, value, i) => sum + value * weights[i * bias.length + o]!, b));
    const rectified = (x: number[]) => x.map((value) => Math.max(0, value));
    return vectors.reduce((sum, { columns, values, length }, row) => {
      const x = Array.from({ length: 6 }, (_, f) => {
        const place = columns.subarray(0, length).indexOf(f);
        return place < 0 ? 0 : values[place]!;
      });
      const hidden = rectified(dense(rectified(dense(x, inner, innerBias)), middle, middleBias));
      const errors = dense(hidden, outer, outerBias).map((said, n) => Math.abs(said - targets[row]![n]!));
      const losses = errors.map((e) => (e <= HUBER ? (e * e) / (2 * HUBER) : e - HUBER / 2));
      return sum + losses.reduce((total, each) => total + (Number.isNaN(each) ? 0 : each), 0);
    }, 0);
  }

  test('the mean of several is one network', () => {
    const networks = [network(1), network(2), network(3)];
    const answers = (layers: NumberLayers, vector: (typeof vectors)[number]) => {
      const room = new Activations(layers);
      forward(layers, vector, room);
      return [...room.out];
    };
    for (const vector of vectors) {
      const each = networks.map((one) => answers(one, vector));
      for (const [n, said] of answers(averaged(networks), vector).entries())
        expect(said).toBeCloseTo(
          each.reduce((sum, one) => sum + one[n]! / networks.length, 0),
          5,
        );
    }
  });

  test('its gradients are those of central differences', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (seed) => {
        const layers = network(seed);
        const gradient = new BatchGradient(layers);
        const room = new Activations(layers);
        for (const [row, vector] of vectors.entries())
          addGradient(layers, vector, targets[row]!, HUBER, { gradient, room });
        expect([...gradient.features].sort()).toEqual([0, 1, 3, 5]);
        const random = new Random(seed, 1);
        const names = Object.keys(layers) as (keyof NumberLayers)[];
        const direction = Object.fromEntries(
          names.map((name) => [name, layers[name].map(() => random.normal())]),
        ) as NumberLayers;
        const moved = (step: number) =>
          Object.fromEntries(
            names.map((name) => [
              name,
              Float64Array.from(layers[name], (w, i) => w + step * direction[name][i]!),
            ]),
          ) as unknown as NumberLayers;
        const whole = (name: keyof NumberLayers) => {
          if (name !== 'inner') return gradient.dense[name];
          const inner = new Float32Array(24);
          for (const feature of [...gradient.features]) inner.set(gradient.of(feature), 4 * feature);
          return inner;
        };
        const said = names.reduce(
          (sum, name) => sum + whole(name).reduce((dot, g, i) => dot + g * direction[name][i]!, 0),
          0,
        );
        // Where a rectifier or the loss bends between the two points, one-sided slopes differ: such a draw says nothing.
        const [down, here, up] = [-1e-5, 0, 1e-5].map((step) => loss(moved(step))) as [
          number,
          number,
          number,
        ];
        fc.pre(Math.abs(up + down - 2 * here) < 1e-7);
        expect(said).toBeCloseTo((up - down) / 2e-5, 2);
      }),
      { numRuns: 100 },
    );
  });

  test('a batch that is cleared leaves nothing to the next', () => {
    const layers = network(1);
    const gradient = new BatchGradient(layers);
    const room = new Activations(layers);
    addGradient(layers, vectors[0]!, targets[0]!, HUBER, { gradient, room });
    gradient.clear();
    addGradient(layers, vectors[1]!, targets[1]!, HUBER, { gradient, room });
    const fresh = new BatchGradient(layers);
    addGradient(layers, vectors[1]!, targets[1]!, HUBER, { gradient: fresh, room });
    expect(gradient.dense).toEqual(fresh.dense);
    expect(gradient.features).toEqual(fresh.features);
    for (const feature of fresh.features) expect(gradient.of(feature)).toEqual(fresh.of(feature));
  });

  test('rows are kept as long as there is room', () => {
    const rows = new SparseRows(5);
    const vector = { columns: Int32Array.of(0, 1), values: Float32Array.of(1, 2), length: 2 };
    expect([rows.add(vector), rows.add(vector), rows.add(vector)]).toEqual([true, true, false]);
    expect(rows.count).toBe(2);
    expect(rows.row(1)).toEqual(vector);
  });
});

const PRICE: NumberSpec = { attribute: 'price', unit: undefined, logarithm: true, mean: 3, deviation: 0.8 };
const WEIGHT: NumberSpec = { attribute: 'weight', unit: 'g', logarithm: false, mean: 200, deviation: 50 };

/** What a product costs is told by its words, its weight by one of them. */
function priced(count: number, seed: number): WideNumberExample[] {
  const random = new Random(seed);
  const worth = { leather: 0.8, cotton: 0.1, silk: 0.6, jacket: 2.6, shirt: 1.8, belt: 1.5 };
  const pick = (...words: (keyof typeof worth)[]) => random.pick(words);
  return Array.from({ length: count }, (_, i) => {
    const words = [pick('leather', 'cotton', 'silk'), pick('jacket', 'shirt', 'belt')];
    const logarithm = words.reduce((sum, word) => sum + worth[word], 0.5) + 0.02 * random.normal();
    const grams = words[1] === 'jacket' ? 300 : 150;
    return {
      texts: [`${random.pick(['new', 'great', 'classic'])} ${words.join(' ')}`],
      labels: {
        price: { state: 'number', value: Math.exp(logarithm) },
        ...(i % 3 === 0 ? { weight: { state: 'number' as const, value: grams } } : {}),
      },
    };
  });
}

const stream = (rows: readonly WideNumberExample[]) =>
  async function* () {
    for (let i = 0; i < rows.length; i += 50) yield rows.slice(i, i + 50);
  };

describe('the wide part of numbers', () => {
  test('learns what words tell, of products that some numbers are unknown of', async () => {
    const model = await trainWideNumbers(stream(priced(300, 1)), [PRICE, WEIGHT], { seed: 1 });
    for (const { texts, labels } of priced(60, 2)) {
      const [price, weight] = model.values({ texts });
      const label = labels.price!;
      expect(price).toBeCloseTo(standardise(PRICE, label.state === 'number' ? label.value : NaN), 0);
      expect(weight).toBeCloseTo(texts[0]!.includes('jacket') ? 2 : -1, 0);
    }
    expect([...model.values({ texts: [''] })]).toEqual([0, 0]);
  });

  test("reaches scikit-learn's error on generated titles with noisy prices", async () => {
    const path = new URL('./fixtures/prices.json', import.meta.url);
    const made = JSON.parse(readFileSync(path, 'utf8')) as {
      train: number;
      meanAbsoluteError: number;
      rows: [string, number][];
    };
    const spec: NumberSpec = { ...PRICE, logarithm: false, mean: 0, deviation: 1 };
    const rows = made.rows.map(
      ([text, value]): WideNumberExample => ({
        texts: [text],
        labels: { price: { state: 'number', value } },
      }),
    );
    const model = await trainWideNumbers(stream(rows.slice(0, made.train)), [spec], { seed: 1 });
    const errors = made.rows
      .slice(made.train)
      .map(([text, value]) => Math.abs(model.values({ texts: [text] })[0]! - value));
    const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
    expect(mean).toBeLessThan(1.05 * made.meanAbsoluteError);
  });

  test('where words tell nothing, little is said', async () => {
    const random = new Random(4);
    const noise = (seed: number) =>
      priced(300, seed).map(
        (row): WideNumberExample => ({
          ...row,
          labels: { price: { state: 'number', value: Math.exp(3 + PRICE.deviation * random.normal()) } },
        }),
      );
    const model = await trainWideNumbers(stream(noise(3)), [PRICE], { seed: 1 });
    const said = noise(5).map(({ texts }) => model.values({ texts })[0]! ** 2);
    expect(Math.sqrt(said.reduce((sum, square) => sum + square, 0) / said.length)).toBeLessThan(0.5);
  });

  test('each option changes the model, the same ones give the same', async () => {
    const rows = priced(60, 5);
    const inner = async (options: Partial<WideNumberOptions>) =>
      (await trainWideNumbers(stream(rows), [PRICE], { seed: 1, networks: 1, ...options })).parameters.layers
        .inner;
    const usual = await inner({});
    expect(await inner({})).toEqual(usual);
    const others: Partial<WideNumberOptions>[] = [
      { seed: 2 },
      { minProducts: 10 },
      { maxFeatures: 10 },
      { maxEntries: 500 },
      { visits: 120 },
      { maxPasses: 2 },
      { hidden: 8 },
      { batchSize: 8 },
      { learningRate: 1e-4 },
      { hide: 0 },
      { huber: 3 },
      { networks: 2 },
    ];
    for (const options of others) expect(await inner(options), JSON.stringify(options)).not.toEqual(usual);
    expect((await inner({ maxFeatures: 10, hidden: 8 })).length).toBe(80);
  });

  test('it comes back from a file as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-wide-numbers-'));
    try {
      const model = await trainWideNumbers(stream(priced(60, 6)), [PRICE, WEIGHT], { seed: 1 });
      await writeSafetensors(join(folder, 'wide.safetensors'), numberTensors(model));
      const { read } = await openSafetensors(join(folder, 'wide.safetensors'));
      const again = await numbersFromTensors([PRICE, WEIGHT], read);
      const asked = { texts: ['classic silk jacket'], category: undefined };
      expect(again.values(asked)).toEqual(model.values(asked));
      await expect(numbersFromTensors([PRICE], read)).rejects.toThrow('wide.numbers.outer');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('blend of numbers', () => {
  /** Truth under noise of both parts. */
  function rows(count: number, noise: { deep: number; wide: number }, sign = 1): NumberBlendRow[] {
    const random = new Random(count);
    return Array.from({ length: count }, () => {
      const truth = random.normal();
      const said = (deviation: number, times: number) => [times * truth + deviation * random.normal()];
      return { deep: said(noise.deep, 1), wide: said(noise.wide, sign), truth: [truth] };
    });
  }
  const meanSquare = (data: readonly NumberBlendRow[], deep: number, wide: number) =>
    data.reduce(
      (sum, row) =>
        sum + (blendNumbers({ deep: [deep], wide: [wide] }, row.deep, row.wide)[0]! - row.truth[0]!) ** 2,
      0,
    ) / data.length;

  test('no other weights are better on many rows', () => {
    const data = rows(500, { deep: 0.5, wide: 1 });
    const { deep, wide } = numberBlendWeights(1, data, 1e-9);
    for (const [dd, dw] of [
      [0.05, 0],
      [-0.05, 0],
      [0, 0.05],
      [0, -0.05],
    ] as const)
      expect(meanSquare(data, deep[0]! + dd, wide[0]! + dw)).toBeGreaterThan(
        meanSquare(data, deep[0]!, wide[0]!),
      );
    expect(deep[0]!).toBeGreaterThan(2 * wide[0]!);
  });

  test('a part that misleads gets no weight, never a negative one', () => {
    const { deep, wide } = numberBlendWeights(1, rows(300, { deep: 0.5, wide: 0.5 }, -1));
    // The share of half that 300 rows leave.
    expect(wide[0]).toBeCloseTo((0.5 * 10) / 310, 5);
    expect(deep[0]).toBeGreaterThan(0.6);
  });

  test('two parts that say nearly the same are told apart by fifty rows', () => {
    const random = new Random(8);
    const data = Array.from({ length: 50 }, (): NumberBlendRow => {
      const truth = random.normal();
      const shared = 0.3 * random.normal();
      const said = (deviation: number) => [truth + shared + deviation * random.normal()];
      return { deep: said(0.4), wide: said(0.1), truth: [truth] };
    });
    const { deep, wide } = numberBlendWeights(1, data);
    expect(wide[0]!).toBeGreaterThan(3 * deep[0]!);
  });

  test('few rows stay near half of each, which it is without any', () => {
    const half = { deep: [0.5], wide: [0.5] };
    expect(numberBlendWeights(1, [])).toEqual(half);
    expect(numberBlendWeights(1, [{ deep: [1], wide: [0], truth: [NaN] }])).toEqual(half);
    const near = numberBlendWeights(1, rows(2, { deep: 0.1, wide: 2 }));
    const far = numberBlendWeights(1, rows(500, { deep: 0.1, wide: 2 }));
    expect(Math.abs(near.deep[0]! - 0.5)).toBeLessThan(Math.abs(far.deep[0]! - 0.5));
  });
});
