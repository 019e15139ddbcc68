/** A catalog with pictures through the commands: what only the picture shows is learned, and a missing one is normal. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { attune, ended, type Ran, start, workspace } from './attune.ts';
import { config, csv } from './shop.ts';

const { folder } = workspace('pictures');
const COLORS = { Red: [200, 40, 40], Blue: [40, 60, 200], Green: [40, 170, 60] } as const;
type Color = keyof typeof COLORS;
const KINDS = ['shirt', 'mug', 'lamp'];

/** The title says the kind, the picture the color. */
type PicturedProduct = {
  readonly sku: string;
  readonly title: string;
  readonly photo: string;
  readonly color: Color;
};

let products: readonly PicturedProduct[] = [];
let trained: Ran;

beforeAll(async () => {
  mkdirSync(join(folder(), 'photos'));
  products = await pictured(240, 1);
  writeFileSync(
    join(folder(), 'products.csv'),
    csv(products.map((product) => ({ ...product, kind: product.title.split(' ')[0]! }))),
  );
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.15, test: 0.2}}',
      inputs: '{title: text, photo: image}',
      attributes: '{color: choice, kind: choice}',
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 32, imageSize: 32}',
      training: '{epochs: 4, threads: 1, batchSize: 16}',
    }),
  );
  trained = await attune(folder(), 'train', '--out', 'model', '--json');
}, 300_000);

it('train learns what only the picture shows, and what only the text says', () => {
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('photo: small');
  const { results } = JSON.parse(trained.stdout) as { results: { attribute: string; accuracy: number }[] };
  for (const { attribute, accuracy } of results) expect(accuracy, attribute).toBeGreaterThan(0.9);
});

it('predict reads pictures beside the file, does without one, and tells which it could not read', async () => {
  const [first, second, third] = await pictured(3, 7);
  writeFileSync(join(folder(), 'photos', 'broken.jpg'), 'no picture at all');
  const asked = [
    first!,
    { ...second!, photo: '' },
    { ...third!, photo: 'photos/broken.jpg' },
    { ...third!, sku: 'gone', photo: 'photos/gone.png' },
  ].map(({ sku, title, photo }) => ({ sku, title, photo }));
  writeFileSync(join(folder(), 'asked.csv'), csv(asked));
  const ran = await attune(folder(), 'predict', '--model', 'model', '--out', 'out.jsonl', 'asked.csv');
  expect(ran.code, ran.stderr).toBe(0);
  const rows = readFileSync(join(folder(), 'out.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows.map(({ predicted_kind }) => predicted_kind)).toEqual(
    asked.map(({ title }) => title.split(' ')[0]),
  );
  expect(rows[0]!.predicted_color).toBe(first!.color);
  const rejects = readFileSync(join(folder(), 'out.jsonl.rejects.csv'), 'utf8');
  expect(rejects).toContain('it holds text');
  expect(rejects).toContain('gone.png is not there');
});

it('serve answers the same for the bytes of a picture, and opens no file for a client', async () => {
  const [product] = await pictured(1, 11);
  const service = start(folder(), ['serve', '--model', 'model', '--port', '0']);
  try {
    const url = await new Promise<string>((resolve) => {
      let text = '';
      for (const stream of [service.stdout!, service.stderr!])
        stream.on('data', (chunk) => {
          text += String(chunk);
          const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
          if (found) resolve(found[0]);
        });
    });
    const ask = async (photo: unknown) => {
      const response = await fetch(`${url}/v1/products:predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ products: [{ title: product!.title, photo }] }),
      });
      expect(response.status).toBe(200);
      const { predictions } = (await response.json()) as {
        predictions: { attributes: Record<string, { value: string; confidence: number }> }[];
      };
      return predictions[0]!.attributes;
    };
    const base64 = readFileSync(join(folder(), product!.photo)).toString('base64');
    const seen = await ask(base64);
    expect(seen.color!.value).toBe(product!.color);
    expect(await ask([`data:image/png;base64,${base64}`])).toEqual(seen);
    expect(await ask(Buffer.from(product!.photo).toString('base64'))).toEqual(await ask(null));
  } finally {
    service.kill('SIGTERM');
    await ended(service);
  }
});

async function pictured(count: number, seed: number): Promise<PicturedProduct[]> {
  const random = new Random(seed, 0x9c7);
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const color = random.pick(Object.keys(COLORS) as Color[]);
      const [r, g, b] = COLORS[color];
      const shade = () => random.below(50) - 25;
      const background = { r: r + shade(), g: g + shade(), b: b + shade() };
      const size = { width: 40 + random.below(30), height: 40 + random.below(30) };
      const photo = `photos/${seed}-${i}.png`;
      const kind = random.pick(KINDS);
      const title = `${kind} number ${random.below(1000)} of ${random.below(1000)}`;
      await sharp({ create: { ...size, channels: 3, background } })
        .png()
        .toFile(join(folder(), photo));
      return { sku: `p${seed}-${i}`, title, photo, color };
    }),
  );
}
