/** What a trained model promises of its answers, on a model trained here. */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runModelFile } from '../../src/graph/session.ts';
import { openBundle, type ProductInput, train } from '../../src/index.ts';
import { readBundle } from '../../src/prediction/bundle.ts';
import { bundleModel } from '../../src/prediction/bundle-model.ts';
import { exportOnnx } from '../../src/prediction/export-onnx.ts';
import { openShop, shop } from './shop.ts';

let folder = '';
let model: Awaited<ReturnType<typeof openBundle>>;
let rounded: typeof model;
const bundle = () => join(folder, 'model');
const asked: readonly ProductInput[] = shop(24, 5).map(({ sku, kind, title, description }, i) => ({
  id: sku,
  category: kind,
  // Of every length, so that neighbours bring padding.
  texts: { title, description: i % 3 === 0 ? '' : `${description} `.repeat(i % 5) },
}));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-predictor-'));
  openShop(folder, 60, {
    attributes:
      '{color: {kind: choice, required: true}, material: extract, weight: {kind: number, unit: g}, tone: {kind: multi, column: color, appliesTo: [shirt]}}',
  });
  await train({
    files: [join(folder, 'products.csv')],
    configFile: join(folder, 'attune.yaml'),
    out: bundle(),
    // Wide enough for the encoder's matrices to be worth eight bits.
    settings: { 'training.epochs': 6, 'model.width': 256 },
  });
  model = await openBundle(bundle(), { threads: 1 });
  rounded = await openBundle(bundle(), { threads: 1, precision: 'int8' });
});
afterAll(async () => {
  await Promise.all([model.close(), rounded.close()]);
  rmSync(folder, { recursive: true, force: true });
});

it('extracts an attribute that training never saw when asked, and answers the others as ever', async () => {
  const ask = ['fabric: what it is made of'];
  for (const each of [model, rounded]) {
    const usual = await each.predict(asked);
    const further = await each.predict(asked, { ask });
    for (const [i, { attributes }] of further.entries()) {
      const { fabric, ...others } = attributes;
      expect(fabric).toMatchObject({ kind: 'extract', status: 'review' });
      for (const { field, start, end, text } of fabric!.evidence)
        expect(asked[i]!.texts[field]!.slice(start, end)).toBe(text);
      expect(Object.keys(others)).toEqual(Object.keys(usual[i]!.attributes));
      for (const [name, { value, status }] of Object.entries(others))
        expect({ value, status }, name).toEqual({
          value: usual[i]!.attributes[name]!.value,
          status: usual[i]!.attributes[name]!.status,
        });
    }
    expect(further.some(({ attributes }) => attributes.fabric!.evidence.length > 0)).toBe(true);
    // What the model knows anyway it answers as ever.
    expect(await each.predict(asked, { ask: ['material'] })).toEqual(usual);
    const [silent] = await each.predict([{ texts: {} }], { ask });
    expect(silent!.attributes.fabric).toMatchObject({ value: null, status: 'abstain' });
  }
});

describe('an answer is the same alone, among others and in any order', () => {
  /** The answers to `asked`, each computed in another company. */
  async function companies({ predict }: Pick<typeof model, 'predict'>) {
    const alone = [];
    for (const product of asked) alone.push((await predict([product], { topK: 3 }))[0]!);
    return {
      alone,
      backward: [...(await predict([...asked].reverse(), { topK: 3 }))].reverse(),
      twice: (await predict([...asked, ...asked], { topK: 3 })).slice(asked.length),
      apart: [
        ...(await predict(asked.slice(0, 7), { topK: 3 })),
        ...(await predict(asked.slice(7), { topK: 3 })),
      ],
    };
  }

  it('to the last bit in int8', async () => {
    const together = await rounded.predict(asked, { topK: 3 });
    for (const answers of Object.values(await companies({ predict: rounded.predict.bind(rounded) })))
      expect(answers).toEqual(together);
  });

  it('but for rounding in fp32', async () => {
    const together = await model.predict(asked, { topK: 3 });
    for (const answers of Object.values(await companies({ predict: model.predict.bind(model) }))) {
      for (const [i, { attributes }] of answers.entries()) {
        for (const [name, answer] of Object.entries(attributes)) {
          const other = together[i]!.attributes[name]!;
          if (typeof answer.value !== 'number') expect(other.value).toEqual(answer.value);
          else expect(other.value as number).toBeCloseTo(answer.value, 1);
          expect(other.evidence).toEqual(answer.evidence);
          expect(Math.abs(other.confidence - answer.confidence)).toBeLessThan(1e-5);
        }
      }
    }
  });
});

it('int8 computes otherwise than fp32, and says nearly the same', async () => {
  const [exact, near] = [await model.predict(asked, { topK: 3 }), await rounded.predict(asked, { topK: 3 })];
  expect(near).not.toEqual(exact);
  const colors = near.map(({ attributes }) => attributes.color!.value);
  const same = colors.filter((color, i) => color === exact[i]!.attributes.color!.value);
  expect(same.length).toBeGreaterThanOrEqual(0.9 * asked.length);
  for (const [i, { attributes }] of near.entries())
    expect(attributes.color!.confidence).toBeCloseTo(exact[i]!.attributes.color!.confidence, 1);
});

it('answers come in the order of the products, under their ids', async () => {
  const forward = await model.predict(asked);
  const backward = await model.predict([...asked].reverse());
  expect(forward.map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
  expect(backward.map(({ id }) => id)).toEqual(asked.map(({ id }) => id).reverse());
  expect(await model.predict([])).toEqual([]);
});

it('top-k lists so many values, best first; none when it is not asked for', async () => {
  const [some] = await model.predict([asked[1]!], { topK: 2 });
  const { alternatives, value } = some!.attributes.color!;
  expect(alternatives).toHaveLength(2);
  expect(alternatives[0]!.value).toBe(value);
  expect(alternatives[0]!.confidence).toBeGreaterThanOrEqual(alternatives[1]!.confidence);
  const [none] = await model.predict([asked[1]!]);
  expect(none!.attributes.color!.alternatives).toEqual([]);
});

it('ten megabytes are read as their beginning, and evidence stands where it says', async () => {
  const description = `A mug made of glass, 250 g. ${'More of the same 🎁 text. '.repeat(400_000)}`;
  const [long] = await model.predict([{ category: 'mug', texts: { title: 'Red mug', description } }]);
  for (const { evidence } of Object.values(long!.attributes))
    for (const { field, start, end, text } of evidence)
      expect(({ title: 'Red mug', description } as Record<string, string>)[field]!.slice(start, end)).toBe(
        text,
      );
});

it('a product without a text is nothing to say of; one of another category has not the attribute', async () => {
  const [silent] = await model.predict([{ category: 'mug', texts: { title: ' ', description: '' } }]);
  expect(silent!.attributes.color).toMatchObject({ value: null, status: 'abstain', confidence: 0 });
  expect(silent!.missing).toEqual(['color']);
  expect(silent!.attributes.tone).toMatchObject({ notApplicable: true, status: 'auto' });
  const [shirt] = await model.predict([{ category: 'shirt', texts: { title: 'Red shirt' } }]);
  expect(shirt!.attributes.tone!.confidence).toBeLessThan(1);
});

describe('a bundle', () => {
  it('that is damaged is refused with the file that is', async () => {
    const copy = join(folder, 'copy');
    const damage = async (name: string, content: string | undefined) => {
      rmSync(copy, { recursive: true, force: true });
      cpSync(bundle(), copy, { recursive: true });
      if (content === undefined) rmSync(join(copy, name));
      else writeFileSync(join(copy, name), content);
      return openBundle(copy).then(
        () => 'opened',
        ({ code, message }) => `${code} ${message}`,
      );
    };
    expect(await damage('attune.json', undefined)).toMatch(/^prediction\/bundle-missing .*copy/);
    expect(await damage('attune.json', '{"format": 1,')).toMatch(
      /^prediction\/bundle-invalid .*attune\.json/,
    );
    expect(await damage('attune.json', '{"format": 99}')).toMatch(/^prediction\/bundle-invalid .*format 99/);
    const other = JSON.parse(readFileSync(join(bundle(), 'attune.json'), 'utf8'));
    other.model.spans.width++;
    expect(await damage('attune.json', JSON.stringify(other))).toMatch(
      /^prediction\/bundle-invalid The tensor span\.span\.weight .*numbers/,
    );
    expect(await damage('lexicon.json', undefined)).toMatch(/^prediction\/bundle-invalid .*lexicon\.json/);
    const whole = readFileSync(join(bundle(), 'model.safetensors'), 'latin1');
    expect(await damage('model.safetensors', whole.slice(0, 1000))).toMatch(/^models\/safetensors-invalid /);
    expect(await damage('model.safetensors', undefined)).toMatch(/^models\/checkpoint-missing /);
  });

  it('of an ensemble is exported as the mean of its members', async () => {
    const out = join(folder, 'two');
    await train({
      files: [join(folder, 'products.csv')],
      configFile: join(folder, 'attune.yaml'),
      out,
      settings: { 'training.epochs': 1, 'training.ensemble': 2, 'model.wide': false },
    });
    const read = await readBundle(out);
    const path = join(folder, 'two.onnx');
    const { complete, difference } = await exportOnnx(read, path, { examples: read.examples, threads: 1 });
    expect(complete).toBe(true);
    expect(difference).toBeLessThan(1e-4);
    const { encoder, batches } = await bundleModel(read);
    const texts = read.file.model.fields.map(({ name }) => asked[1]!.texts[name] ?? '');
    const inputs = batches.make([encoder.encode({ category: asked[1]!.category, texts })]);
    const probabilities = (await runModelFile(path, inputs, { threads: 1 }))['probabilities.color']!.data;
    const two = await openBundle(out, { threads: 1 });
    const [answer] = await two.predict([asked[1]!], { topK: 3 });
    await two.close();
    for (const [i, value] of read.file.model.choices[0]!.values.entries()) {
      const told = answer!.attributes.color!.alternatives.find((each) => each.value === value);
      expect(probabilities[i]).toBeCloseTo(told!.confidence, 4);
    }
  });

  it('whose export answers otherwise does not keep it', async () => {
    const path = join(folder, 'model.onnx');
    const read = await readBundle(bundle());
    expect(read.examples.length).toBeGreaterThan(0);
    const options = { examples: read.examples, threads: 1 };
    await expect(exportOnnx(read, path, { ...options, tolerance: -1 })).rejects.toMatchObject({
      code: 'prediction/export-differs',
    });
    expect(existsSync(path)).toBe(false);
    expect(existsSync(`${path}.partial`)).toBe(false);
    const { difference, bytes } = await exportOnnx(read, path, options);
    expect(difference).toBeLessThan(1e-4);
    expect(readFileSync(path)).toHaveLength(bytes);
  });
});
