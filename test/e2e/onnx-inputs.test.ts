/**
 * An exported file fed without this program: arrays made here of the products' own files and cells, by nothing but what the file's
 * metadata says, give the answers of the model.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadTokenizer } from '../../src/features/text/load-tokenizer.ts';
import { runModelFile, type Value } from '../../src/graph/session.ts';
import { exportBundle, openBundle, train } from '../../src/index.ts';
import { config, csv } from './shop.ts';
import { writeTold } from './told-media.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-onnx-inputs-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: what a reader of the file sees is not typed
type Described = Record<string, any>;
type Row = Readonly<Record<'title' | 'photo' | 'clip' | 'price' | 'brand' | 'launched', string>>;
let rows: readonly Row[];
let described: Described;

beforeAll(async () => {
  const told = await writeTold(folder, 80, 31);
  rows = told.map(({ kind: _, ...product }, i) => ({
    ...product,
    kind: product.title.split(' ')[0]!,
    price: i === 3 ? '' : String(5 + ((i * 37) % 90)),
    brand: i === 4 ? 'Nobody' : ['Alder', 'Birch', 'Cedar'][i % 3]!,
    launched: i === 5 ? '' : `2024-0${1 + (i % 9)}-1${i % 7}`,
  }));
  writeFileSync(at('products.csv'), csv(rows));
  writeFileSync(
    at('attune.yaml'),
    config({
      data: '{path: products.csv, id: sku}',
      inputs:
        '{title: text, photo: image, clip: {kind: audio, seconds: 0.32}, price: number, brand: category, launched: date}',
      attributes: '{color: choice, kind: choice, tone: choice}',
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 32, imageSize: 32, wide: false}',
      training: '{epochs: 3, threads: 1, batchSize: 8}',
    }),
  );
  await train({ configFile: at('attune.yaml'), out: at('model') });
  await exportBundle({ model: at('model'), to: 'onnx', out: at('model.onnx') });
  described = JSON.parse(metadataOf(readFileSync(at('model.onnx')), 'attune')) as Described;
}, 300_000);

/** ModelProto has them in field 14, each a key and a value. */
function metadataOf(bytes: Uint8Array, wanted: string): string {
  const file = protobuf.Reader.create(bytes);
  while (file.pos < file.len) {
    const tag = file.uint32();
    if (tag >>> 3 !== 14) {
      file.skipType(tag & 7);
      continue;
    }
    const entry = protobuf.Reader.create(file.bytes());
    entry.uint32();
    const key = entry.string();
    entry.uint32();
    if (key === wanted) return entry.string();
  }
  throw new Error(`No metadata ${wanted}.`);
}

function textOf({ title }: Row): number[] {
  const { template, templates, fields } = described.inputs.ids;
  expect(templates[template]).toBe('[CLS] a [SEP] b [SEP]');
  const tokenizer = loadTokenizer(
    JSON.parse(readFileSync(at('model/tokenizer.json'), 'utf8')),
    JSON.parse(readFileSync(at('model/tokenizer_config.json'), 'utf8')),
  );
  const { cls, sep } = tokenizer.special;
  return [cls!, ...tokenizer.encode(title, fields[0].maxTokens).ids, sep!];
}

/** Of a picture that has the size already, so that nothing is resized. */
async function pictureOf(path: string): Promise<number[]> {
  const { fit, scale, mean, std, channels, crops, pad } = described.inputs['media.photo.values'];
  expect([fit.kind, crops, pad, channels]).toEqual(['letterbox', [], null, ['red', 'green', 'blue']]);
  const { data } = await sharp(path).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return [0, 1, 2].flatMap((c) =>
    Array.from({ length: fit.width * fit.height }, (_, i) => (data[3 * i + c]! * scale - mean[c]) / std[c]),
  );
}

/** Of a WAV of 16 bits at the rate that is wanted, as slowly as the words say it. */
function soundOf(path: string): number[] {
  const { sampleRateHz, rows: mels, columns, logMel } = described.inputs['media.clip.values'];
  const wav = readFileSync(path);
  expect(wav.readUInt32LE(24)).toBe(sampleRateHz);
  const n = (wav.length - 44) / 2;
  const sample = (i: number) => {
    const j = i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i;
    return wav.readInt16LE(44 + 2 * j) / 32_768;
  };
  const { frameLength, hopLength, fftLength, minHz, maxHz } = logMel;
  const hann = (i: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / frameLength);
  const toMel = (hz: number) => 2595 * Math.log10(1 + hz / 700);
  const toHz = (mel: number) => 700 * (10 ** (mel / 2595) - 1);
  expect(logMel.scale).toBe('htk');
  const edge = (m: number) => toHz(toMel(minHz) + ((toMel(maxHz) - toMel(minHz)) * m) / (mels + 1));
  const edges = Array.from({ length: mels + 2 }, (_, m) => edge(m));
  const cos = Array.from({ length: fftLength }, (_, i) => Math.cos((2 * Math.PI * i) / fftLength));
  const frames = 1 + Math.floor(n / hopLength);
  const power = Array.from({ length: frames }, (_, t) => {
    const frame = Array.from(
      { length: frameLength },
      (_, i) => hann(i) * sample(t * hopLength - frameLength / 2 + i),
    );
    const bins = Array.from({ length: fftLength / 2 + 1 }, (_, k) => {
      let [re, im] = [0, 0];
      for (const [i, x] of frame.entries()) {
        const turn = (k * i) % fftLength;
        re += x * cos[turn]!;
        im += x * cos[(turn + fftLength / 4) % fftLength]!;
      }
      return re * re + im * im;
    });
    return Array.from({ length: mels }, (_, m) => {
      const [left, center, right] = [edges[m]!, edges[m + 1]!, edges[m + 2]!];
      return bins.reduce((sum, p, k) => {
        const hz = (k * sampleRateHz) / fftLength;
        return (
          sum + p * Math.max(0, Math.min((hz - left) / (center - left), (right - hz) / (right - center)))
        );
      }, 0);
    });
  });
  const peak = Math.max(...power.flat());
  const logs = power.map((frame) => frame.map((p) => Math.log(Math.max(p / peak, 1e-8))));
  const all = logs.flat();
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  const variance = all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length;
  const skipped = Math.round(Math.max(0, frames - columns) / 2);
  return Array.from({ length: mels }, (_, m) =>
    Array.from({ length: columns }, (_, t) => {
      const frame = logs[skipped + t];
      return frame === undefined || t >= frames ? 0 : (frame[m]! - mean) / Math.sqrt(variance + 1e-8);
    }),
  ).flat();
}

function placeAndBins(
  value: number,
  { quantiles, edges }: { quantiles: number[]; edges: number[] },
): number[] {
  const last = quantiles.length - 1;
  const equal = [...quantiles.keys()].filter((i) => quantiles[i] === value);
  let place = equal.length > 0 ? (equal[0]! + equal.at(-1)!) / 2 / last : 0;
  if (equal.length === 0) {
    const above = quantiles.findIndex((q) => q > value);
    if (above < 0) place = 1;
    else if (above > 0) {
      const [low, high] = [quantiles[above - 1]!, quantiles[above]!];
      place = (above - 1 + (value - low) / (high - low)) / last;
    }
  }
  // The ends are the ends, however many rows share them.
  if (value <= quantiles[0]!) place = 0;
  if (value >= quantiles[last]!) place = 1;
  const bins = edges.slice(0, -1).map((low, i) => {
    const share = (value - low) / (edges[i + 1]! - low);
    return Math.min(1, Math.max(0, share));
  });
  return [(place - 0.5) * Math.sqrt(12), ...bins];
}

function valuesOf(row: Row): number[] {
  const { inputs, columns } = described.inputs['table.values'];
  const values = new Array<number>(columns.length).fill(0);
  for (const { field, kind, from, encoding } of inputs as Described[]) {
    const cell = row[field as keyof Row];
    if (cell === '') values[from] = 1;
    else if (kind === 'number')
      values.splice(from + 1, encoding.edges.length, ...placeAndBins(Number(cell), encoding));
    else {
      const date = new Date(`${cell}T00:00:00Z`);
      const dayOfYear = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
      const turns = [date.getUTCMonth() / 12, ((date.getUTCDay() + 6) % 7) / 7, dayOfYear / 365.2425];
      const circles = turns.flatMap((turn) => [Math.sin(2 * Math.PI * turn), Math.cos(2 * Math.PI * turn)]);
      const age = (encoding.reference - date.getTime() / 1000) / 86_400;
      const own = [...circles, ...placeAndBins(age, encoding.age)];
      values.splice(from + 1, own.length, ...own);
    }
  }
  expect(values.length).toBe(columns.length);
  return values;
}

function categoryOf({ brand }: Row): number {
  const [{ values, first, unknown, missing }] = described.inputs['table.categories'].inputs;
  if (brand === '') return missing;
  const place = (values as string[]).indexOf(brand);
  return place < 0 ? unknown : first + place;
}

const float32 = (dims: readonly number[], data: readonly number[]): Value => ({
  dtype: 'float32',
  dims,
  data: Float32Array.from(data),
});
const int32 = (dims: readonly number[], data: readonly number[]): Value => ({
  dtype: 'int32',
  dims,
  data: Int32Array.from(data),
});

it('says of every input what it is, in names and sizes that the file has', () => {
  const names = ['ids', 'mask', 'segments', 'fusion.present', 'table.values', 'table.categories'];
  for (const field of ['photo', 'clip']) names.push(`media.${field}.values`, `media.${field}.shares`);
  expect(Object.keys(described.inputs).sort()).toEqual(names.sort());
  for (const [name, { what, dims }] of Object.entries(described.inputs as Described)) {
    expect(what, name).toEqual(expect.any(String));
    expect(dims.length, name).toBeGreaterThan(1);
  }
  expect(described.inputs['fusion.present'].columns).toEqual(['text', 'photo', 'clip', 'table']);
  expect(described.inputs['media.photo.values'].dims.slice(1)).toEqual([3, 32, 32]);
});

it('is enough to get the answers of the model', async () => {
  // A picture of exactly the size, since resizing is Pillow's and not to be written here once more.
  const noise = Buffer.from(Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 89) % 256));
  await sharp(noise, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .toFile(at('exact.png'));
  const asked = rows.slice(2, 6).map((row) => ({ ...row, photo: 'exact.png' }));
  const model = await openBundle(at('model'));
  const expected = await model.predict(
    asked.map(({ title, clip, price, brand, launched }) => ({
      texts: { title },
      media: { root: folder, cells: { photo: ['exact.png'], clip: [clip] } },
      table: {
        ...(price === '' ? {} : { price }),
        brand,
        ...(launched === '' ? {} : { launched }),
      },
    })),
    { topK: 10 },
  );
  await model.close();
  for (const [i, row] of asked.entries()) {
    const ids = textOf(row);
    const { columns, rows: mels } = described.inputs['media.clip.values'];
    const values = valuesOf(row);
    const outputs = await runModelFile(at('model.onnx'), {
      ids: int32([1, ids.length], ids),
      mask: int32(
        [1, ids.length],
        ids.map(() => 1),
      ),
      segments: int32(
        [1, ids.length],
        ids.map(() => 0),
      ),
      'media.photo.values': float32([1, 3, 32, 32], await pictureOf(at('exact.png'))),
      'media.photo.shares': float32([1, 1], [1]),
      'media.clip.values': float32([1, 1, mels, columns], soundOf(at(row.clip))),
      'media.clip.shares': float32([1, 1], [1]),
      'table.values': float32([1, values.length], values),
      'table.categories': int32([1, 1], [categoryOf(row)]),
      'fusion.present': float32([1, 4], [1, 1, 1, 1]),
    });
    for (const { attribute, values: names } of described.choices as Described[]) {
      const { alternatives } = expected[i]!.attributes[attribute]!;
      for (const { value, confidence } of alternatives)
        expect(
          Number(outputs[`probabilities.${attribute}`]!.data[names.indexOf(value)]),
          `${attribute} ${value} of product ${i}`,
        ).toBeCloseTo(confidence, 4);
    }
  }
});
