import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { readReference, writeReference } from '../reference.ts';
import { chiSquared, pooled } from '../statistics/counts.ts';
import { domainTest } from '../statistics/domain-classifier.ts';
import { kolmogorovSmirnov } from '../statistics/kolmogorov-smirnov.ts';
import { correctedPValues } from '../statistics/many-tests.ts';
import { wassersteinDistance } from '../statistics/wasserstein.ts';
import type { FieldDefinition, Observation } from '../summary/field.ts';
import { KnownIds } from '../summary/known-ids.ts';
import { Summariser } from '../summary/summarise.ts';
import { compareSummaries, DEFAULT_THRESHOLDS } from './compare.ts';

const FIELDS: readonly FieldDefinition[] = [
  { name: 'title', kind: 'text', modality: 'text' },
  { name: 'price', kind: 'number', modality: 'table' },
  { name: 'supplier', kind: 'value', modality: 'product' },
  { name: 'color', kind: 'value', modality: 'prediction' },
  { name: 'material', kind: 'values', modality: 'label' },
  { name: 'photo', kind: 'presence', modality: 'image' },
  { name: 'vector', kind: 'vector', modality: 'image' },
];
const COLORS = ['black', 'blue', 'red', 'white', 'sand', 'olive', 'teal', 'rust', 'plum'];
const WORDS = ['cotton', 'shirt', 'long', 'sleeve', 'linen', 'summer', 'dress', 'wool', 'coat', 'belt'];

/** One catalog row of a shop in which nothing changes, unless `changes` says what does. */
function row(random: Random, i: number, changes: Partial<Observation['fields']> = {}): Observation {
  const skewed = <T>(items: readonly T[]) => items[Math.floor(items.length * random.uniform() ** 2)]!;
  const fields = {
    title: Array.from({ length: 3 + random.below(5) }, () => skewed(WORDS)).join(' '),
    price: Math.round(Math.exp(3 + random.normal()) * 100) / 100,
    supplier: skewed(['Acme', 'Beta', 'Gamma']),
    color: random.uniform() < 0.1 ? undefined : skewed(COLORS),
    material: WORDS.filter(() => random.uniform() < 0.15),
    photo: random.uniform() < 0.9 ? 'photo.jpg' : undefined,
    vector: Float32Array.from({ length: 16 }, () => random.normal()),
  };
  return { id: `p${i}`, fields: { ...fields, ...changes } };
}

function summaryOf(
  rows: number,
  seed: number,
  change: (random: Random, i: number) => Partial<Observation['fields']> = () => ({}),
) {
  const summariser = new Summariser({
    fields: FIELDS,
    slices: { supplier: ['Acme', 'Beta', 'Gamma'] },
    seed,
  });
  const random = new Random(seed, 5);
  for (let i = 0; i < rows; i++) summariser.add(row(random, i, change(random, i)));
  return summariser.summary();
}

/** The alarms that a simulation of `runs` would raise once in a thousand, where each comes with chance `rate`. */
function mostAlarms(runs: number, rate: number): number {
  return Math.ceil(runs * rate + 3.1 * Math.sqrt(runs * rate));
}

describe('a period in which nothing changed', () => {
  it.each([
    { reference: 400, current: 300, runs: 40 },
    { reference: 2500, current: 500, runs: 20 },
  ])(
    'raises a false alarm in at most 1 of 100 comparisons ($reference rows)',
    (sizes) => {
      let alarms = 0;
      for (let seed = 0; seed < sizes.runs; seed++) {
        const report = compareSummaries(
          summaryOf(sizes.reference, 2 * seed),
          summaryOf(sizes.current, 2 * seed + 1),
          { seed },
        );
        expect(report.tests.length).toBeGreaterThan(30);
        if (report.drifted) alarms++;
      }
      expect(alarms).toBeLessThanOrEqual(mostAlarms(sizes.runs, DEFAULT_THRESHOLDS.significance));
    },
    120_000,
  );

  it('has p values below 5 % in about 5 % of the tests, for each test', () => {
    const seen = new Map<string, { tests: number; low: number }>();
    for (let seed = 0; seed < 30; seed++) {
      const { tests } = compareSummaries(summaryOf(400, 1000 + seed), summaryOf(400, 5000 + seed));
      for (const { test, aspect, pValue } of tests) {
        const counts = seen.get(`${test} ${aspect}`) ?? { tests: 0, low: 0 };
        counts.tests++;
        if (pValue < 0.05) counts.low++;
        seen.set(`${test} ${aspect}`, counts);
      }
    }
    expect(seen.size).toBeGreaterThanOrEqual(6);
    for (const { tests, low } of seen.values())
      expect(low).toBeLessThanOrEqual(0.05 * tests + 4 * Math.sqrt(0.05 * 0.95 * tests));
  }, 120_000);
});

describe('a change', () => {
  const drifts = (
    change: (random: Random, i: number) => Partial<Observation['fields']>,
    rows = { reference: 2000, current: 800 },
  ) => {
    const report = compareSummaries(summaryOf(rows.reference, 1), summaryOf(rows.current, 2, change));
    return report.tests.filter(({ drifted, slice }) => drifted && slice === undefined);
  };

  it('of prices is told by the Wasserstein distance, with the rows far out', () => {
    const [test] = drifts((_, i) => (i % 3 === 0 ? { price: 900 + i } : {}));
    expect(test).toMatchObject({ field: 'price', test: 'wasserstein', aspect: 'content' });
    expect(test!.score).toBeGreaterThan(0.1);
    for (const id of test!.rows) expect(Number(id.slice(1)) % 3).toBe(0);
  });

  it('of colours names the new colour, its share and rows that have it', () => {
    const [test] = drifts((_, i) => (i % 4 === 0 ? { color: 'peach fuzz' } : {}));
    expect(test).toMatchObject({ field: 'color', test: 'jensen-shannon', modality: 'prediction' });
    expect(test!.changes[0]!.value).toBe('peach fuzz');
    expect(test!.changes[0]!.before).toBe(0);
    expect(test!.changes[0]!.now).toBeGreaterThan(0.2);
    expect(test!.rows.length).toBeGreaterThan(0);
    for (const id of test!.rows) expect(Number(id.slice(1)) % 4).toBe(0);
  });

  it('of words and of vectors is told by the domain classifier, with the strangest rows first', () => {
    const found = drifts((random, i) =>
      i % 2 === 0
        ? {
            title: 'robe en coton pour femme',
            vector: Float32Array.from({ length: 16 }, (_, j) => random.normal() + (j < 4 ? 2 : 0)),
          }
        : {},
    );
    const words = found.find(({ aspect }) => aspect === 'words')!;
    expect(words).toMatchObject({ field: 'title', test: 'domain-classifier' });
    for (const id of words.rows) expect(Number(id.slice(1)) % 2).toBe(0);
    expect(found.some(({ field }) => field === 'vector')).toBe(true);
  });

  it('of how often pictures are missing is told, and of one of several values', () => {
    const found = drifts((random) => ({
      ...(random.uniform() < 0.3 ? { photo: undefined } : {}),
      ...(random.uniform() < 0.4 ? { material: ['hemp'] } : {}),
    }));
    expect(found.find(({ field }) => field === 'photo')).toMatchObject({ aspect: 'missing' });
    expect(found.find(({ field }) => field === 'material')!.changes.map(({ value }) => value)).toContain(
      'hemp',
    );
  });

  it('at one supplier is told of that supplier', () => {
    const before = summaryOf(3000, 3);
    const random = new Random(9);
    const summariser = new Summariser({
      fields: FIELDS,
      slices: { supplier: ['Acme', 'Beta', 'Gamma'] },
      seed: 4,
    });
    for (let i = 0; i < 1500; i++) {
      const plain = row(random, i);
      summariser.add(
        plain.fields.supplier === 'Gamma' ? { ...plain, fields: { ...plain.fields, price: 5 } } : plain,
      );
    }
    const drifted = compareSummaries(before, summariser.summary()).tests.filter((test) => test.drifted);
    expect(new Set(drifted.filter(({ slice }) => slice).map(({ slice }) => slice!.value))).toEqual(
      new Set(['Gamma']),
    );
  });
});

describe('summaries', () => {
  it('hold no more for a hundred times the rows', () => {
    const size = (rows: number) => JSON.stringify(summaryOf(rows, 1)).length;
    expect(size(60_000)).toBeLessThan(size(6000) * 1.1);
  }, 60_000);

  it('come back from a file as they were, and say what is wrong with other files', () => {
    const summary = summaryOf(50, 1);
    const trainedOn = KnownIds.sized(2000);
    for (let i = 0; i < 2000; i++) trainedOn.add(`p${i}`);
    const text = writeReference({ products: summary, predictions: summary, trainedOn });
    const read = readReference(text, 'reference.json');
    expect(read.products).toEqual(summary);
    expect(read.predictions).toEqual(summary);
    const asked = Array.from({ length: 10_000 }, (_, i) => read.trainedOn.has(`p${i}`));
    expect(asked.slice(0, 2000).every(Boolean)).toBe(true);
    expect(asked.slice(2000).filter(Boolean).length).toBeLessThan(200);
    expect(() => readReference('{', 'reference.json')).toThrow(/reference\.json .* no JSON/);
    expect(() => readReference('{}', 'reference.json')).toThrow(/does not say what the model was trained on/);
    const other = text.replace('"format":1', '"format":9');
    expect(() => readReference(other, 'reference.json')).toThrow(/format is 9/);
  });

  it('of no rows, or of no field in common, are not compared', () => {
    const none = new Summariser({ fields: FIELDS, seed: 1 }).summary();
    expect(() => compareSummaries(summaryOf(50, 1), none)).toThrow(/Got 50 of the reference and 0 now/);
    const other = new Summariser({ fields: [{ name: 'x', kind: 'number', modality: 'table' }], seed: 1 });
    other.add({ id: '1', fields: { x: 1 } });
    expect(() => compareSummaries(summaryOf(50, 1), other.summary())).toThrow(/no field in common/);
  });
});

describe('the statistics', () => {
  const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 });
  const ordered = (values: readonly number[]) => [...values].sort((a, b) => a - b);

  it('are symmetric, zero on equal samples, and p is a probability', () => {
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const [x, y] = [ordered(a), ordered(b)];
        const test = kolmogorovSmirnov(x, y);
        expect(test.pValue).toBeGreaterThanOrEqual(0);
        expect(test.pValue).toBeLessThanOrEqual(1);
        expect(kolmogorovSmirnov(y, x).statistic).toBe(test.statistic);
        expect(kolmogorovSmirnov(x, x).pValue).toBe(1);
        expect(wassersteinDistance(x, y)).toBeCloseTo(wassersteinDistance(y, x), 6);
        expect(wassersteinDistance(x, x)).toBe(0);
      }),
    );
  });

  it('pool rare values so that none is expected less than five times', () => {
    const pair = fc.tuple(fc.nat(40), fc.nat(40)).filter(([a, b]) => a + b > 0);
    fc.assert(
      fc.property(fc.array(pair, { minLength: 2, maxLength: 20 }), (pairs) => {
        const kept = pooled(pairs);
        const sum = (at: 0 | 1, of: readonly (readonly [number, number])[]) =>
          of.reduce((s, p) => s + p[at], 0);
        expect(sum(0, kept.pairs)).toBe(sum(0, pairs));
        expect(sum(1, kept.pairs)).toBe(sum(1, pairs));
        const tested = chiSquared(kept.pairs);
        if (tested) expect(tested.freedom).toBe(kept.pairs.length - 1);
      }),
    );
  });

  it('correct p values upwards only, and keep their order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (pValues) => {
        const holm = correctedPValues(pValues, 'holm');
        const expected = correctedPValues(pValues, 'benjamini-hochberg');
        for (const [i, p] of pValues.entries()) {
          expect(expected[i]).toBeGreaterThanOrEqual(p - 1e-15);
          expect(holm[i]).toBeGreaterThanOrEqual(expected[i]! - 1e-15);
        }
      }),
    );
  });

  it('tell two samples of vectors apart only where they are', () => {
    const sample = (seed: number, shift: number) => {
      const random = new Random(seed);
      return {
        data: Float32Array.from({ length: 200 * 8 }, () => 0.3 * (random.normal() + shift)),
        rows: 200,
        width: 8,
      };
    };
    expect(domainTest(sample(1, 0), sample(2, 0.5), 1)!.pValue).toBeLessThan(1e-6);
    expect(domainTest(sample(1, 0), sample(2, 0), 1)!.auc).toBeLessThan(0.6);
    const few = { ...sample(1, 0), rows: 9, data: new Float32Array(72) };
    expect(domainTest(few, sample(2, 0), 1)).toBeUndefined();
  });
});
