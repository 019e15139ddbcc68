/** Explaining answers: parts add up to the probability of what was answered, "not applicable" too, and files are read once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { train } from '../../src/index.ts';
import { MediaLoader } from '../../src/models/attribute/media-loader.ts';
import { TextWriter } from '../../src/models/generation/text-writer.ts';
import { readBundle } from '../../src/prediction/bundle.ts';
import { BundlePredictor } from '../../src/prediction/bundle-predictor.ts';
import type { ProductPrediction } from '../../src/prediction/prediction.ts';
import { config, csv } from './shop.ts';
import { writeTold } from './told-media.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-contributions-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

type Asked = { readonly id: string; readonly kind: string; readonly title: string; readonly photo: string };
let products: readonly Asked[];

/** Only shirts have sleeves, and only their texts are written; lamps have no tag. */
beforeAll(async () => {
  const told = (await writeTold(folder, 160, 5)).map(({ sku, title, photo, kind, color }, i) => ({
    sku,
    photo,
    kind,
    color,
    title: `${i % 2 ? 'long' : 'short'} ${title}`,
    sleeve: kind === 'shirt' ? (i % 2 ? 'long' : 'short') : 'n/a',
    tags: kind === 'lamp' ? 'n/a' : kind === 'mug' ? 'kitchen;gift' : 'wear',
    blurb: kind === 'shirt' ? `A ${color} shirt` : '',
  }));
  writeFileSync(at('products.csv'), csv(told));
  writeFileSync(
    at('attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, category: kind}',
      inputs: '{title: text, photo: image}',
      attributes:
        '{color: choice, sleeve: choice, tags: multi, blurb: {kind: generate, appliesTo: [shirt], maxTokens: 8, beams: 1}}',
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 32, imageSize: 32}',
      training: '{epochs: 8, decoderEpochs: 1, threads: 1, batchSize: 8}',
    }),
  );
  await train({ configFile: at('attune.yaml'), out: at('model') });
  products = told.slice(0, 70).map(({ sku, ...rest }) => ({ id: sku, ...rest }));
}, 300_000);

const inputs = () =>
  products.map(({ id, kind, title, photo }) => ({
    id,
    category: kind,
    texts: { title },
    media: { cells: { photo: [photo] }, root: folder },
  }));

/** A counting reader in the place of the bundle's own. */
async function predicted(contributions: boolean): Promise<{
  readonly read: ReadonlyMap<string, number>;
  readonly predictions: readonly ProductPrediction[];
}> {
  const bundle = await readBundle(at('model'));
  const loader = await MediaLoader.open(bundle.file.model.media!);
  const read = new Map<string, number>();
  const predictor = await BundlePredictor.open(bundle, {
    threads: 1,
    loaders: {
      loadMedia: (media) => {
        const photo = String(media.cells[0]![0]);
        read.set(photo, (read.get(photo) ?? 0) + 1);
        return loader.load(media);
      },
    },
  });
  const predictions = await predictor.predict(inputs(), { contributions, topK: 50 });
  await predictor.close();
  await loader.close();
  return { read, predictions };
}

it('reads each file once, however many sets of modalities there are, and changes no answer', async () => {
  const plain = await predicted(false);
  const explained = await predicted(true);
  for (const { read } of [plain, explained])
    expect(read).toEqual(new Map(products.map(({ photo }) => [photo, 1])));
  for (const [i, { attributes }] of explained.predictions.entries()) {
    for (const [name, { contributions: _, ...said }] of Object.entries(attributes)) {
      const before = plain.predictions[i]!.attributes[name]!;
      expect(said.value).toEqual(before.value);
      expect(said.confidence).toBeCloseTo(before.confidence, 4);
    }
  }
});

it('explains the answer that was given, "not applicable" and no tag included', async () => {
  const { predictions } = await predicted(true);
  const seen = new Set<string>();
  for (const { attributes } of predictions) {
    for (const name of ['color', 'sleeve', 'tags']) {
      const { value, notApplicable, alternatives, contributions } = attributes[name]!;
      const chances = alternatives.map(({ confidence }) => confidence);
      const chanceOf = (wanted: string) => alternatives.find((other) => other.value === wanted)!.confidence;
      const values = [value ?? []].flat().map(String);
      // Tags stand beside each other, so none is as likely as the likeliest leaves it; other values exclude each other.
      const left = 1 - (name === 'tags' ? Math.max(...chances) : chances.reduce((a, b) => a + b, 0));
      const expected = notApplicable
        ? left
        : values.reduce((sum, each) => sum + chanceOf(each), 0) / values.length;
      const { baseline, parts } = contributions!;
      expect(Object.keys(parts)).toEqual(['text', 'photo']);
      expect(Object.values(parts).reduce((a, b) => a + b, baseline)).toBeCloseTo(expected, 4);
      seen.add(`${name} ${notApplicable ? 'none' : 'some'}`);
      // The text says that a mug has no sleeves, and so it is what counts.
      if (name === 'sleeve' && notApplicable) {
        expect(expected).toBeGreaterThan(0.4);
        expect(parts.text).toBeGreaterThan(Math.abs(parts.photo!));
      }
    }
  }
  expect([...seen].sort()).toEqual(['color some', 'sleeve none', 'sleeve some', 'tags none', 'tags some']);
});

it('writes texts of the products that they apply to, and no others', async () => {
  const write = vi.spyOn(TextWriter.prototype, 'write');
  const { predictions } = await predicted(false);
  const { wanted } = write.mock.calls[0]![1]!;
  write.mockRestore();
  for (const [i, { attributes }] of predictions.entries()) {
    const shirt = products[i]!.kind === 'shirt';
    expect(wanted!(i, 'blurb')).toBe(shirt);
    expect(attributes.blurb!.notApplicable).toBe(!shirt);
    if (!shirt) expect(attributes.blurb).toMatchObject({ value: null, status: 'auto', confidence: 1 });
    expect(attributes.blurb).not.toHaveProperty('contributions');
  }
});
