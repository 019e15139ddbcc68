/**
 * A catalog with pictures, sounds and prices through the commands: what only one of them tells is learned, and a missing
 * or broken file is normal.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { openImageArchitecture } from '../../src/models/architectures/registry.ts';
import { openSafetensors, writeSafetensors } from '../../src/models/checkpoint/safetensors.ts';
import { initialValues } from '../../src/models/layers/parameters.ts';
import { attune, ended, type Ran, start, workspace } from './attune.ts';
import { config, csv } from './shop.ts';

const { folder } = workspace('modalities');
const COLORS = { Red: [200, 40, 40], Blue: [40, 60, 200], Green: [40, 170, 60] } as const;
type Color = keyof typeof COLORS;
const KINDS = ['shirt', 'mug', 'lamp'];

const TONES = { low: 300, high: 2500 } as const;

/** The title says the kind, the picture the color, the sound the tone, the price the tier. */
type Told = {
  readonly sku: string;
  readonly title: string;
  readonly photo: string;
  readonly clip: string;
  readonly price: string;
  readonly color: Color;
  readonly tone: keyof typeof TONES;
  readonly tier: 'cheap' | 'dear';
};

let products: readonly Told[] = [];
let trained: Ran;

beforeAll(async () => {
  mkdirSync(join(folder(), 'media'));
  products = await told(240, 1);
  writeFileSync(
    join(folder(), 'products.csv'),
    csv(products.map((product) => ({ ...product, kind: product.title.split(' ')[0]! }))),
  );
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.15, test: 0.2}}',
      inputs: '{title: text, photo: image, clip: {kind: audio, seconds: 0.32}, price: {kind: number}}',
      attributes: '{color: choice, kind: choice, tone: choice, tier: choice}',
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 32, imageSize: 32}',
      training: '{epochs: 12, patience: 12, threads: 1, batchSize: 8}',
    }),
  );
  trained = await attune(folder(), 'train', '--out', 'model', '--json');
}, 300_000);

it('train learns what only the picture, the sound, the price or the text tells', () => {
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('photo: small');
  const { results } = JSON.parse(trained.stdout) as { results: { attribute: string; accuracy: number }[] };
  for (const { attribute, accuracy } of results) expect(accuracy, attribute).toBeGreaterThan(0.9);
});

it('train says what each modality gives', () => {
  const { alone } = JSON.parse(trained.stdout) as {
    alone: { modality: string; microF1: Record<string, number> }[];
  };
  expect(alone.map(({ modality }) => modality)).toEqual(['text', 'photo', 'clip', 'table', 'nothing']);
  const best = { kind: 'text', color: 'photo', tone: 'clip', tier: 'table' };
  for (const [attribute, teller] of Object.entries(best))
    for (const { modality, microF1 } of alone) {
      if (modality === teller) expect(microF1[attribute], `${attribute} by ${modality}`).toBeGreaterThan(0.8);
      else expect(microF1[attribute], `${attribute} by ${modality}`).toBeLessThan(0.75);
    }
  expect(readFileSync(join(folder(), 'model', 'report.html'), 'utf8')).toContain('photo alone');
});

it('monitor tells that pictures look otherwise, and sounds do not', async () => {
  const same = await told(120, 11);
  const other = await told(120, 12);
  for (const { photo } of other)
    await sharp({ create: { width: 50, height: 50, channels: 3, background: '#111111' } })
      .png()
      .toFile(join(folder(), photo));
  const drifted = async (name: string, rows: readonly Told[]) => {
    writeFileSync(
      join(folder(), name),
      csv(rows.map(({ sku, title, photo, clip, price }) => ({ sku, title, photo, clip, price }))),
    );
    const ran = await attune(folder(), 'monitor', '--model', 'model', '--threads', '1', '--json', name);
    expect(ran.stdout, ran.stderr).toMatch(/^\{/);
    const { drift } = JSON.parse(ran.stdout) as { drift: { tests: { field: string; drifted: boolean }[] } };
    const embedded = drift.tests.filter(({ field }) => /^(photo|clip) \(embedding\)$/.test(field));
    expect(new Set(embedded.map(({ field }) => field)).size).toBe(2);
    return embedded.filter((test) => test.drifted).map(({ field }) => field);
  };
  expect(await drifted('same.csv', same)).toEqual([]);
  expect(await drifted('other.csv', other)).toEqual(['photo (embedding)']);
}, 240_000);

it('predict reads pictures beside the file, does without one, and tells which it could not read', async () => {
  const [first, second, third] = await told(3, 7);
  writeFileSync(join(folder(), 'media', 'broken.jpg'), 'no picture at all');
  const asked = [
    first!,
    { ...second!, photo: '' },
    { ...third!, photo: 'media/broken.jpg' },
    { ...third!, sku: 'gone', photo: 'media/gone.png', clip: 'media/broken.jpg' },
  ].map(({ sku, title, photo, clip, price }) => ({ sku, title, photo, clip, price }));
  writeFileSync(join(folder(), 'asked.csv'), csv(asked));
  const ran = await attune(
    folder(),
    ...['predict', '--model', 'model', '--out', 'out.jsonl', '--contributions', 'asked.csv'],
  );
  expect(ran.code, ran.stderr).toBe(0);
  const rows = readFileSync(join(folder(), 'out.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows.map(({ predicted_kind }) => predicted_kind)).toEqual(
    asked.map(({ title }) => title.split(' ')[0]),
  );
  const { color, tone, tier } = first!;
  expect(rows[0]).toMatchObject({ predicted_color: color, predicted_tone: tone, predicted_tier: tier });
  const parts = (name: string) =>
    JSON.parse(String(rows[0]![`predicted_${name}_contributions`])) as Record<string, number>;
  const best = { kind: 'text', color: 'photo', tone: 'clip', tier: 'table' };
  for (const [attribute, teller] of Object.entries(best)) {
    const [largest] = Object.entries(parts(attribute)).sort(([, a], [, b]) => b - a);
    expect(largest![0], attribute).toBe(teller);
  }
  const rejects = readFileSync(join(folder(), 'out.jsonl.rejects.csv'), 'utf8');
  expect(rejects).toContain('it holds text');
  expect(rejects).toContain('gone.png is not there');
  expect(rejects).toContain('no WAV, FLAC, MP3 or OGG sound');
});

it('export writes all of it as one ONNX file, checked against the model', async () => {
  const ran = await attune(folder(), 'export', '--model', 'model', '--to', 'onnx', 'model.onnx');
  expect(ran.code, ran.stderr).toBe(0);
  const bytes = readFileSync(join(folder(), 'model.onnx'), 'latin1');
  for (const name of ['media.photo.values', 'media.clip.values', 'table.values', 'fusion.present'])
    expect(bytes).toContain(name);
});

it('train starts from the checkpoint of an image encoder, and refuses one that is not whole', async () => {
  const checkpoint = await randomVit(join(folder(), 'vit'));
  const settings = ['model.image=./vit', 'training.epochs=1', 'training.learningRate=1e-12'];
  const run = (out: string) =>
    attune(folder(), 'train', '--out', out, ...settings.flatMap((setting) => ['--set', setting]));
  const ran = await run('from-vit');
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toContain('photo: vit (from a checkpoint, 32 x 32 pixels, 32 wide)');
  const { read } = await openSafetensors(join(folder(), 'from-vit', 'model.safetensors'));
  for (const [name, values] of checkpoint) {
    const trained = await read(`media.photo.${name}`);
    expect(
      trained.every((value, i) => Math.abs(value - values[i]!) < 1e-6),
      name,
    ).toBe(true);
  }
  const adapted = ['model.image=./vit', 'training.epochs=1', 'model.adapter={kind: lora, rank: 2}'];
  const lora = await attune(
    folder(),
    ...['train', '--out', 'lora', ...adapted.flatMap((setting) => ['--set', setting])],
  );
  expect(lora.code, lora.stderr).toBe(0);
  expect(lora.stderr).toMatch(/M parameters, [\d.]+ % of them trained/);
  const whole = await openSafetensors(join(folder(), 'lora', 'model.safetensors'));
  expect([...whole.tensors.keys()].filter((name) => name.includes('lora'))).toEqual([]);
  const query = 'media.photo.encoder.layer.0.attention.attention.query.weight';
  const before = checkpoint.get(query.slice('media.photo.'.length))!;
  expect((await whole.read(query)).some((value, i) => Math.abs(value - before[i]!) > 1e-5)).toBe(true);
  expect((await whole.read('media.photo.layernorm.weight')).every((value) => value === 1)).toBe(true);
  expect(readdirSync(join(folder(), 'lora', 'adapter')).sort()).toEqual([
    'adapter_config.json',
    'adapter_model.safetensors',
  ]);
  const nothing = await attune(folder(), 'train', '--out', 'none', '--set', 'model.adapter={kind: lora}');
  expect(nothing.stderr).toContain('[training/bad-setting]');
  rmSync(join(folder(), 'vit', 'preprocessor_config.json'));
  expect((await run('from-half')).stderr).toContain('has no preprocessor_config.json');
});

it('serve answers the same for the bytes of a picture, and opens no file for a client', async () => {
  const [product] = await told(1, 11);
  await serving(async (url) => {
    const clip = readFileSync(join(folder(), product!.clip)).toString('base64');
    const ask = async (photo: unknown) => {
      const response = await fetch(`${url}/v1/products:predict`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          products: [{ title: product!.title, photo, clip, price: Number(product!.price) }],
        }),
      });
      expect(response.status).toBe(200);
      const { predictions } = (await response.json()) as {
        predictions: { attributes: Record<string, { value: string; confidence: number }> }[];
      };
      return predictions[0]!.attributes;
    };
    const base64 = readFileSync(join(folder(), product!.photo)).toString('base64');
    const seen = await ask(base64);
    const { color, tone, tier } = product!;
    expect([seen.color!.value, seen.tone!.value, seen.tier!.value]).toEqual([color, tone, tier]);
    expect(await ask([`data:image/png;base64,${base64}`])).toEqual(seen);
    expect(await ask(Buffer.from(product!.photo).toString('base64'))).toEqual(await ask(null));
  });
});

it('serve says what each modality contributed when asked: it adds up to the probability, with what nothing gives', async () => {
  const [product] = await told(1, 13);
  const { title, color, tone } = product!;
  const [photo, clip] = [product!.photo, product!.clip].map((file) =>
    readFileSync(join(folder(), file)).toString('base64'),
  );
  const whole = { title, photo, clip, price: Number(product!.price) };
  await serving(async (url) => {
    const ask = async (body: unknown, query = '', type = 'application/json') => {
      const response = await fetch(`${url}/v1/products:predict${query}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: JSON.stringify(body),
      });
      return JSON.parse((await response.text()).trimEnd()) as Said;
    };
    const [first, second] = (
      await ask({ products: [whole, { title }], topK: 50, contributions: true })
    ).predictions!.map(({ attributes }) => attributes);
    for (const said of [first!, second!]) {
      for (const { value, alternatives, contributions } of Object.values(said)) {
        const { baseline, parts } = contributions!;
        expect(Object.keys(parts)).toEqual(['text', 'photo', 'clip', 'table']);
        const sum = Object.values(parts).reduce((a, b) => a + b, baseline);
        const probability = alternatives.find((other) => other.value === value)!.confidence;
        expect(sum).toBeCloseTo(probability, 4);
      }
    }
    const best = { color: ['photo', color], tone: ['clip', tone], kind: ['text', title.split(' ')[0]] };
    for (const [name, [teller, value]] of Object.entries(best)) {
      const { parts } = first![name]!.contributions!;
      expect(first![name]!.value).toBe(value);
      expect(Object.entries(parts).sort(([, a], [, b]) => b - a)[0]![0], name).toBe(teller);
    }
    // What is not there adds nothing, and what the model gives for nothing is the same for all who get the same answer.
    for (const hidden of ['photo', 'clip', 'table'])
      expect(second!.kind!.contributions!.parts[hidden]).toBeCloseTo(0, 5);
    expect(second!.kind!.contributions!.baseline).toBeCloseTo(first!.kind!.contributions!.baseline, 5);

    const plain = await ask({ products: [whole] });
    expect(plain.predictions![0]!.attributes.color).not.toHaveProperty('contributions');
    const line = await ask(whole, '?contributions=true', 'application/x-ndjson');
    expect(line.attributes!.color!.contributions).toEqual(first!.color!.contributions);

    const { models } = (await (await fetch(`${url}/v1/models`)).json()) as {
      models: readonly { readonly media: unknown; readonly cells: unknown }[];
    };
    expect([models[0]!.media, models[0]!.cells]).toEqual([
      [
        { name: 'photo', kind: 'image' },
        { name: 'clip', kind: 'audio' },
      ],
      ['price'],
    ]);
  });
});

type Attributes = Readonly<
  Record<
    string,
    {
      readonly value: unknown;
      readonly alternatives: readonly { readonly value: unknown; readonly confidence: number }[];
      readonly contributions?: {
        readonly baseline: number;
        readonly parts: Readonly<Record<string, number>>;
      };
    }
  >
>;
type Said = {
  readonly predictions?: readonly { readonly attributes: Attributes }[];
  readonly attributes?: Attributes;
};

/** The model of this file, served while `use` runs. */
async function serving(use: (url: string) => Promise<void>): Promise<void> {
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
    await use(url);
  } finally {
    service.kill('SIGTERM');
    await ended(service);
  }
}

async function told(count: number, seed: number): Promise<Told[]> {
  const random = new Random(seed, 0x9c7);
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const color = random.pick(Object.keys(COLORS) as Color[]);
      const [r, g, b] = COLORS[color];
      const shade = () => random.below(50) - 25;
      const background = { r: r + shade(), g: g + shade(), b: b + shade() };
      const size = { width: 40 + random.below(30), height: 40 + random.below(30) };
      const photo = `media/${seed}-${i}.png`;
      const kind = random.pick(KINDS);
      const title = `${kind} number ${random.below(1000)} of ${random.below(1000)}`;
      const tone = random.pick(['low', 'high'] as const);
      const hertz = TONES[tone] * (0.9 + 0.2 * random.uniform());
      const tier = random.pick(['cheap', 'dear'] as const);
      const price = String((tier === 'cheap' ? 5 : 60) + random.below(40));
      const clip = `media/${seed}-${i}.wav`;
      // All of it is drawn by now: files are written in any order.
      await sharp({ create: { ...size, channels: 3, background } })
        .png()
        .toFile(join(folder(), photo));
      writeFileSync(join(folder(), clip), wav(hertz));
      return { sku: `p${seed}-${i}`, title, photo, clip, price, color, tone, tier };
    }),
  );
}

/** A third of a second of a sine, 16 bits at 16 kHz. */
function wav(hertz: number): Buffer {
  const [rate, samples] = [16_000, 5_120];
  const file = Buffer.alloc(44 + 2 * samples);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 2 * samples, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    file.writeUInt16LE(value, at);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.write('data', 36);
  file.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++)
    file.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hertz * i) / rate)), 44 + 2 * i);
  return file;
}

/** A folder as transformers writes one: a ViT of two layers, random weights. @returns its tensors */
async function randomVit(path: string): Promise<ReadonlyMap<string, Float32Array>> {
  mkdirSync(path);
  const config = {
    model_type: 'vit',
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 64,
    image_size: 32,
    patch_size: 8,
  };
  writeFileSync(join(path, 'config.json'), JSON.stringify(config));
  writeFileSync(
    join(path, 'preprocessor_config.json'),
    JSON.stringify({ image_processor_type: 'ViTImageProcessor', size: { height: 32, width: 32 } }),
  );
  const random = new Random(3);
  const tensors = openImageArchitecture(config).parameters.map((parameter) => ({
    ...parameter,
    values: initialValues(parameter, random),
  }));
  await writeSafetensors(
    join(path, 'model.safetensors'),
    tensors.map(({ name, shape, values }) => ({ name: `vit.${name}`, shape, read: () => values })),
    'F32',
  );
  return new Map(tensors.map(({ name, values }) => [name, values]));
}
