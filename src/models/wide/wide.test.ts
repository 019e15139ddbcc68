import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Random } from '../../base/random.ts';
import type { KnownLabel } from '../attribute/labels.ts';
import type { ChoiceSpec } from '../attribute/spec.ts';
import { openSafetensors, writeSafetensors } from '../checkpoint/safetensors.ts';
import { FeatureCounter, Vectorizer } from './features.ts';
import { type Group, NgramReader, type WideText } from './ngrams.ts';
import { lossAndGradient, targetClasses } from './row-loss.ts';
import { trainWide, type WideExample, type WideStream } from './train-wide.ts';
import type { WideModel } from './wide-model.ts';
import { fromTensors, toTensors } from './wide-tensors.ts';

const choice = (attribute: string, values: string[], notApplicable = false): ChoiceSpec => ({
  attribute,
  kind: 'choice',
  values,
  notApplicable,
});
const is = (...values: string[]): KnownLabel => ({ state: 'values', values });

function ngrams(product: WideText): Record<Group, number[]> {
  const found: Record<Group, number[]> = { words: [], characters: [], category: [] };
  let current: number[] = [];
  new NgramReader((bucket) => bucket).read(
    product,
    (bucket) => current.push(bucket),
    (group) => {
      found[group] = current;
      current = [];
    },
  );
  return found;
}

const COLORS = ['red', 'blue', 'green', 'black'];
const GARMENTS = ['shirt', 'boots', 'scarf'];
const COLOR = choice('color', COLORS);
const GARMENT = choice('garment', GARMENTS);

/** Titles that name their colour, sometimes misspelt, and a word that goes with the garment. */
function titles(count: number, seed: number): WideExample[] {
  const random = new Random(seed);
  const hints: Record<string, string[]> = {
    shirt: ['sleeve', 'collar', 'button'],
    boots: ['sole', 'laces', 'ankle'],
    scarf: ['wool', 'fringe', 'wrap'],
  };
  return Array.from({ length: count }, () => {
    const color = random.pick(COLORS);
    const garment = random.pick(GARMENTS);
    const written = random.uniform() < 0.3 ? `${color}ish` : color;
    const noise = random.pick(['new', 'great', 'classic', 'sale']);
    return {
      texts: [`${noise} ${written} ${random.pick(hints[garment]!)}`],
      labels: { color: is(color), garment: is(garment) },
    };
  });
}

/** In a fresh seeded order each pass, in batches. */
function stream(rows: readonly WideExample[], size = 64): WideStream {
  return async function* (pass) {
    const order = new Random(7, pass).shuffled(rows);
    for (let i = 0; i < order.length; i += size) yield order.slice(i, i + size);
  };
}

function accuracy(model: WideModel, rows: readonly WideExample[], attribute: string): number {
  const at = model.choices.findIndex((each) => each.attribute === attribute);
  const start = model.choices.slice(0, at).reduce((sum, { values }) => sum + values.length, 0);
  const { values } = model.choices[at]!;
  const right = rows.filter((row) => {
    const scores = model.scores(row).subarray(start, start + values.length);
    const label = row.labels[attribute];
    return label?.state === 'values' && values[scores.indexOf(Math.max(...scores))] === label.values[0];
  });
  return right.length / rows.length;
}

describe('n-grams', () => {
  test('a word between spaces gives its runs of 3 to 5 characters', () => {
    // " red " has 3 + 2 + 1 of them; "red" is one word and no pair.
    const { words, characters } = ngrams({ texts: ['Red'] });
    expect(words).toHaveLength(1);
    expect(characters).toHaveLength(6);
  });

  test('words belong to their field, characters do not', () => {
    const first = ngrams({ texts: ['red', ''] });
    const second = ngrams({ texts: ['', 'red'] });
    expect(first.words).not.toEqual(second.words);
    expect(first.characters).toEqual(second.characters);
  });

  test('the category is a feature, and none when it is empty or unknown', () => {
    expect(ngrams({ texts: [''], category: 'Shoes' }).category).toHaveLength(1);
    expect(ngrams({ texts: [''], category: '' }).category).toHaveLength(0);
    expect(ngrams({ texts: [''] }).category).toHaveLength(0);
  });

  test('Chinese characters are words, so that neighbours make pairs', () => {
    expect(ngrams({ texts: ['红色连衣裙'] }).words).toHaveLength(5 + 4);
  });

  test('case and full-width forms do not matter, and nothing depends on what was read before', () => {
    const reader = new NgramReader((bucket) => bucket);
    const read = (texts: string[]) => {
      const all: number[] = [];
      reader.read(
        { texts },
        (bucket) => all.push(bucket),
        () => {},
      );
      return all;
    };
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }), (texts) => {
        expect(read(texts)).toEqual(read(texts));
      }),
      { numRuns: 50 },
    );
    expect(read(['ＲＥＤ boots'])).toEqual(read(['red BOOTS']));
  });
});

describe('vectors', () => {
  const counter = new FeatureCounter();
  const rows = titles(200, 1);
  for (const row of rows) counter.add(row);

  test('each group of n-grams has norm 1, and no column stands twice', () => {
    const vectorizer = new Vectorizer(counter.space({ minProducts: 1, limit: 1e6 }));
    for (const row of rows.slice(0, 20)) {
      const { columns, values, length } = vectorizer.vector(row);
      expect(new Set(columns.subarray(0, length)).size).toBe(length);
      const squares = values.subarray(0, length).reduce((sum, x) => sum + x * x, 0);
      expect(squares).toBeCloseTo(2, 4); // words and characters
    }
  });

  test('minProducts and limit are honoured, the commonest first', () => {
    const all = counter.space({ minProducts: 1, limit: 1e6 });
    const common = counter.space({ minProducts: 20, limit: 1e6 });
    expect(Math.min(...common.counts)).toBeGreaterThanOrEqual(20);
    expect(common.buckets.length).toBeLessThan(all.buckets.length);
    const few = counter.space({ minProducts: 1, limit: 10 });
    expect([...few.counts].sort((a, b) => a - b)).toEqual([...all.counts].sort((a, b) => a - b).slice(-10));
    expect([...few.buckets]).toEqual([...few.buckets].sort((a, b) => a - b));
  });

  test('a term that occurs again weighs 1 + ln of its count', () => {
    const small = new FeatureCounter();
    for (const text of ['aa bb', 'aa cc']) small.add({ texts: [text] });
    const vectorizer = new Vectorizer(small.space({ minProducts: 1, limit: 1e6 }));
    const once = vectorizer.vector({ texts: ['bb cc'] });
    const [b1, c1] = [once.values[0]!, once.values[1]!];
    const twice = vectorizer.vector({ texts: ['bb bb cc'] });
    // Column order is order of first occurrence: "bb", then "cc" (the pair "bb bb" is unknown).
    expect(b1 / c1).toBeCloseTo(1, 5);
    expect(twice.values[0]! / twice.values[1]!).toBeCloseTo(1 + Math.log(2), 5);
  });
});

describe('loss of a row', () => {
  test.each(['choice', 'multi'] as const)('its gradient is that of finite differences: %s', (kind) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -6, max: 6, noNaN: true }), { minLength: 2, maxLength: 6 }),
        fc.double({ min: 0.1, max: 3, noNaN: true }),
        (scores, weight) => {
          const targets = kind === 'multi' ? [0, scores.length - 1] : [scores.length - 1];
          const lossAt = (at: number[]) =>
            lossAndGradient(kind, Float64Array.from(at), [...new Set(targets)], weight);
          const gradient = Float64Array.from(scores);
          lossAndGradient(kind, gradient, [...new Set(targets)], weight);
          const h = 1e-5;
          for (let c = 0; c < scores.length; c++) {
            const up = scores.with(c, scores[c]! + h);
            const down = scores.with(c, scores[c]! - h);
            expect(gradient[c]!).toBeCloseTo((lossAt(up) - lossAt(down)) / (2 * h), 4);
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  test('huge scores overflow nowhere', () => {
    expect(lossAndGradient('choice', Float64Array.of(900, -900), [1])).toBeCloseTo(1800);
    expect(lossAndGradient('multi', Float64Array.of(900, -900), [1])).toBeCloseTo(1800);
  });

  test('"not applicable" is a class of a choice that has it, nothing of one that has not, and no value of a multi', () => {
    const places = new Map([['red', 0]]);
    const none: KnownLabel = { state: 'none' };
    expect(targetClasses(choice('color', ['red'], true), places, none)).toEqual([1]);
    expect(targetClasses(choice('color', ['red']), places, none)).toBeUndefined();
    expect(targetClasses({ ...choice('color', ['red']), kind: 'multi' }, places, none)).toEqual([]);
    expect(targetClasses(choice('color', ['red']), places, is('violet'))).toBeUndefined();
    expect(targetClasses(choice('color', ['red']), places, undefined)).toBeUndefined();
  });
});

describe('training', () => {
  const rows = titles(400, 2);
  const held = titles(200, 3);

  test('learns what the titles say, also from misspelt words', async () => {
    const model = await trainWide(stream(rows), { choices: [COLOR, GARMENT] });
    expect(accuracy(model, held, 'color')).toBe(1);
    expect(accuracy(model, held, 'garment')).toBe(1);
  });

  test("reaches scikit-learn's accuracy on generated titles with noisy labels", async () => {
    const path = new URL('./fixtures/titles.json', import.meta.url);
    const made = JSON.parse(readFileSync(path, 'utf8')) as {
      train: number;
      accuracy: number;
      rows: [string, string][];
    };
    const rows = made.rows.map(([text, label]) => ({ texts: [text], labels: { type: is(label) } }));
    const values = [...new Set(made.rows.map(([, label]) => label))].sort();
    const model = await trainWide(stream(rows.slice(0, made.train)), { choices: [choice('type', values)] });
    expect(accuracy(model, rows.slice(made.train), 'type')).toBeGreaterThanOrEqual(made.accuracy - 0.01);
  });

  test('the same stream gives the same model, whatever its batches', async () => {
    const one = await trainWide(stream(rows, 64), { choices: [COLOR] });
    const two = await trainWide(stream(rows, 17), { choices: [COLOR] });
    expect(two.parameters.weights).toEqual(one.parameters.weights);
  });

  test('only labelled pairs train: an attribute learns the same beside another that is labelled elsewhere', async () => {
    const color = rows
      .slice(0, 300)
      .map(({ texts, labels }) => ({ texts, labels: { color: labels.color! } }));
    const garment = rows
      .slice(200)
      .map(({ texts, labels }) => ({ texts, labels: { garment: labels.garment! } }));
    const model = await trainWide(stream([...color, ...garment]), { choices: [COLOR, GARMENT] });
    expect(accuracy(model, held, 'color')).toBeGreaterThan(0.97);
    expect(accuracy(model, held, 'garment')).toBeGreaterThan(0.97);
    const unlabelled = rows.map(({ texts }) => ({ texts, labels: {} }));
    const alone = await trainWide(stream(color), { choices: [COLOR] });
    const beside = await trainWide(
      async function* (pass) {
        yield* stream(color)(pass);
        yield unlabelled;
      },
      { choices: [COLOR] },
    );
    expect(beside.parameters.weights).toEqual(alone.parameters.weights);
  });

  test('some of many: each value is told apart', async () => {
    const random = new Random(5);
    const make = (count: number) =>
      Array.from({ length: count }, () => {
        const values = COLORS.filter(() => random.uniform() < 0.4);
        return { texts: [`mug ${values.join(' and ')}`], labels: { colors: is(...values) } };
      });
    const model = await trainWide(stream(make(500)), {
      choices: [{ attribute: 'colors', kind: 'multi', values: COLORS, notApplicable: false }],
    });
    for (const { texts, labels } of make(100)) {
      const given = COLORS.filter((_, c) => model.scores({ texts })[c]! > 0);
      expect(given).toEqual(labels.colors?.state === 'values' ? labels.colors.values : []);
    }
  });

  test('each option changes the model', async () => {
    const small = rows.slice(0, 60);
    const train = (options: Parameters<typeof trainWide>[2]) =>
      trainWide(stream(small), { choices: [GARMENT] }, options);
    const usual = await train({});
    for (const options of [
      { passes: 2 },
      { maxSteps: 100 },
      { learningRate: 0.1 },
      { strength: 0.1 },
      { minProducts: 5 },
      { maxWeights: 60 },
      { classBalance: 0 },
    ]) {
      const other = await train(options);
      expect(other.parameters.weights, JSON.stringify(options)).not.toEqual(usual.parameters.weights);
      expect(other.parameters.weights.length).toBeLessThanOrEqual(usual.parameters.weights.length);
    }
    const norm = ({ parameters }: WideModel) => parameters.weights.reduce((sum, w) => sum + w * w, 0);
    expect(norm(await train({ strength: 0.1 }))).toBeLessThan(0.5 * norm(usual));
    expect((await train({ maxWeights: 60 })).parameters.weights.length).toBeLessThanOrEqual(60);
  });

  test('classBalance lifts the rare class', async () => {
    const random = new Random(11);
    const uneven = Array.from({ length: 400 }, () => {
      const rare = random.uniform() < 0.1;
      const word = random.uniform() < 0.7 === rare ? 'odd' : 'plain';
      return { texts: [`${word} thing`], labels: { kind: is(rare ? 'rare' : 'common') } };
    });
    const choices = [choice('kind', ['common', 'rare'])];
    const margin = async (classBalance: number) => {
      const [common, rare] = (await trainWide(stream(uneven), { choices }, { classBalance })).scores({
        texts: ['odd thing'],
      });
      return rare! - common!;
    };
    expect(await margin(1)).toBeGreaterThan((await margin(0)) + 1);
  });

  test('an attribute without labels, and a product without words, get scores all the same', async () => {
    const model = await trainWide(stream(rows.slice(0, 50)), {
      choices: [choice('origin', ['A', 'B']), COLOR],
    });
    const scores = model.scores({ texts: ['???'] });
    expect(scores).toHaveLength(6);
    expect([...scores].every(Number.isFinite)).toBe(true);
  });
});

describe('tensors', () => {
  test('a model read back scores the same, to the bit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'attune-wide-'));
    try {
      const model = await trainWide(stream(titles(100, 4)), { choices: [COLOR, GARMENT] });
      const path = join(folder, 'wide.safetensors');
      await writeSafetensors(path, toTensors(model));
      const file = await openSafetensors(path);
      const back = await fromTensors([COLOR, GARMENT], file.read);
      for (const row of titles(20, 5)) expect(back.scores(row)).toEqual(model.scores(row));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('tensors that do not fit are refused by name', async () => {
    const model = await trainWide(stream(titles(100, 4)), { choices: [COLOR] });
    const tensors = new Map(toTensors(model).map(({ name, read }) => [name, read]));
    const read = async (name: string) => await tensors.get(name)!();
    await expect(fromTensors([COLOR, GARMENT], read)).rejects.toThrow('"wide.weights"');
    tensors.set('wide.buckets', () => Float32Array.from(model.parameters.space.buckets).reverse());
    await expect(fromTensors([COLOR], read)).rejects.toMatchObject({ code: 'models/value-out-of-range' });
  });
});
