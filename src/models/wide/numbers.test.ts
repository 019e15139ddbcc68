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
import { solveRidge } from './ridge.ts';
import { SparseRows } from './sparse-rows.ts';
import { trainWideNumbers, type WideNumberExample } from './train-numbers.ts';
import { numbersFromTensors, numberTensors } from './wide-tensors.ts';

/** Rows of a few features out of many, one after the other. */
function sparse(count: number, features: number, seed: number) {
  const random = new Random(seed);
  const rows = new SparseRows(1e6);
  const dense = Array.from({ length: count }, () => {
    const places = random.shuffled(Array.from({ length: features }, (_, f) => f)).slice(0, 3);
    const values = places.map(() => random.normal());
    rows.add({ columns: Int32Array.from(places), values: Float32Array.from(values), length: 3 });
    return Array.from({ length: features }, (_, f) => Math.fround(values[places.indexOf(f)] ?? 0));
  });
  return { rows, dense };
}

describe('ridge regression', () => {
  test('where it ends, no weight and no bias can be moved for the better', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        (seed, penalty) => {
          const [count, features] = [12, 5];
          const { rows, dense } = sparse(count, features, seed);
          const random = new Random(seed, 1);
          // The second column knows every other row only.
          const penalties = [penalty, 1];
          const targets = Float64Array.from({ length: 2 * count }, (_, at) =>
            at % 4 === 3 ? Number.NaN : random.normal(),
          );
          const { weights, bias } = solveRidge({ rows, features, targets, penalties });
          for (const [c, own] of penalties.entries()) {
            const known = dense.flatMap((x, row) => {
              const y = targets[2 * row + c]!;
              const said = x.reduce((sum, value, f) => sum + value * weights[2 * f + c]!, bias[c]!);
              return Number.isNaN(y) ? [] : [{ x, error: said - y }];
            });
            expect(known.reduce((sum, { error }) => sum + error, 0)).toBeCloseTo(0, 2);
            for (let f = 0; f < features; f++) {
              const slope = known.reduce((sum, { x, error }) => sum + error * x[f]!, 0);
              expect(slope + own * weights[2 * f + c]!).toBeCloseTo(0, 2);
            }
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('targets that nothing is known of leave nothing but zeros', () => {
    const { rows } = sparse(4, 3, 1);
    const solution = solveRidge({
      rows,
      features: 3,
      targets: new Float64Array(4).fill(NaN),
      penalties: [1],
    });
    expect([...solution.weights, ...solution.bias]).toEqual([0, 0, 0, 0]);
  });

  test('rows are kept as long as there is room', () => {
    const rows = new SparseRows(5);
    const vector = { columns: Int32Array.of(0, 1), values: Float32Array.of(1, 2), length: 2 };
    expect([rows.add(vector), rows.add(vector), rows.add(vector)]).toEqual([true, true, false]);
    expect(rows.count).toBe(2);
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
      judges: i % 5 === 0,
    };
  });
}

const stream = (rows: readonly WideNumberExample[]) =>
  async function* () {
    for (let i = 0; i < rows.length; i += 50) yield rows.slice(i, i + 50);
  };

describe('the wide part of numbers', () => {
  test('learns what words tell, of products that some numbers are unknown of', async () => {
    const model = await trainWideNumbers(stream(priced(300, 1)), [PRICE, WEIGHT]);
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
      ([text, value], i): WideNumberExample => ({
        texts: [text],
        labels: { price: { state: 'number', value } },
        judges: i % 5 === 0,
      }),
    );
    const model = await trainWideNumbers(stream(rows.slice(0, made.train)), [spec]);
    const errors = made.rows
      .slice(made.train)
      .map(([text, value]) => Math.abs(model.values({ texts: [text] })[0]! - value));
    const mean = errors.reduce((a, b) => a + b, 0) / errors.length;
    expect(mean).toBeLessThan(1.05 * made.meanAbsoluteError);
  });

  test('where words tell nothing, the largest penalty is chosen and little is said', async () => {
    const random = new Random(4);
    const noise = priced(300, 3).map(
      (row): WideNumberExample => ({
        ...row,
        labels: { price: { state: 'number', value: Math.exp(3 + random.normal()) } },
      }),
    );
    const model = await trainWideNumbers(stream(noise), [PRICE]);
    const free = await trainWideNumbers(stream(noise), [PRICE], { penalties: [0.03] });
    const norm = ({ parameters }: typeof model) => parameters.weights.reduce((sum, w) => sum + w * w, 0);
    expect(norm(model)).toBeLessThan(0.2 * norm(free));
  });

  test('each option changes the model', async () => {
    const rows = priced(60, 5);
    const usual = await trainWideNumbers(stream(rows), [PRICE]);
    for (const options of [
      { penalties: [100] },
      { minProducts: 10 },
      { maxWeights: 70 },
      { maxEntries: 500 },
    ]) {
      const other = await trainWideNumbers(stream(rows), [PRICE], options);
      expect(other.parameters.weights, JSON.stringify(options)).not.toEqual(usual.parameters.weights);
      expect(other.parameters.weights.length).toBeLessThanOrEqual(usual.parameters.weights.length);
    }
    const limited = await trainWideNumbers(stream(rows), [PRICE], { maxWeights: 70 });
    expect(limited.parameters.weights.length).toBe(10);
  });

  test('it comes back from a file as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-wide-numbers-'));
    try {
      const model = await trainWideNumbers(stream(priced(60, 6)), [PRICE, WEIGHT]);
      await writeSafetensors(join(folder, 'wide.safetensors'), numberTensors(model));
      const { read } = await openSafetensors(join(folder, 'wide.safetensors'));
      const again = await numbersFromTensors([PRICE, WEIGHT], read);
      const asked = { texts: ['classic silk jacket'], category: undefined };
      expect(again.values(asked)).toEqual(model.values(asked));
      await expect(numbersFromTensors([PRICE], read)).rejects.toThrow('wide.numbers.weights');
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
    expect(wide).toEqual([0]);
    expect(deep[0]).toBeGreaterThan(0.6);
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
