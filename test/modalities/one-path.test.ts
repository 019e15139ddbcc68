/**
 * One path from bytes to tensors: what training reads of a file (from its catalog, cold or from the cache, not varied) is bit for bit
 * what serving computes of the same bytes.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MediaCell } from '../../src/catalog/product.ts';
import { smallProcessor } from '../../src/features/image/small-processor.ts';
import type { ProductMedia } from '../../src/models/attribute/example.ts';
import { encoderValues } from '../../src/models/attribute/media-batch.ts';
import { MediaLoader, type MediaLoaderOptions } from '../../src/models/attribute/media-loader.ts';
import type { MediaSpec } from '../../src/models/attribute/spec.ts';
import { openVectorEncoder } from '../../src/models/attribute/vector-encoder.ts';
import { readImageCheckpoint } from '../../src/models/checkpoint/image-checkpoint.ts';
import { readSoundCheckpoint } from '../../src/models/checkpoint/sound-checkpoint.ts';
import { randomVit } from '../e2e/told-media.ts';

const PHOTO = new URL('../golden/images/fixtures/landscape.jpg', import.meta.url);
const CLIP = new URL('../golden/audio/checkpoints/clip.wav', import.meta.url);
const STEREO = new URL('../golden/audio/fixtures/stereo.mp3', import.meta.url);
const sounds = (name: string) =>
  fileURLToPath(new URL(`../golden/audio/checkpoints/${name}`, import.meta.url));

let root: string;
let specs: readonly MediaSpec[];
/** Each field's frozen encoder reads these. */
let weightsOf: ReadonlyMap<string, Parameters<typeof openVectorEncoder>[1]>;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'attune-one-path-'));
  await randomVit(join(root, 'vit'));
  writeFileSync(join(root, 'photo.jpg'), readFileSync(PHOTO));
  writeFileSync(join(root, 'clip.wav'), readFileSync(CLIP));
  writeFileSync(join(root, 'stereo.mp3'), readFileSync(STEREO));
  const cut = await sharp({ create: { width: 31, height: 70, channels: 4, background: '#0a8a' } })
    .png()
    .toBuffer();
  writeFileSync(join(root, 'alpha.png'), cut);
  const vit = await readImageCheckpoint(join(root, 'vit'));
  const whisper = await readSoundCheckpoint(sounds('whisper'), 1);
  const wave = await readSoundCheckpoint(sounds('wav2vec2-masked'), 0.5);
  const common = { most: 2, fresh: false } as const;
  const image = { ...common, kind: 'image', encoder: vit.config, processor: vit.processor } as const;
  const audio = ({ config, sound }: typeof whisper) =>
    ({ ...common, kind: 'audio', encoder: config, sound }) as const;
  specs = [
    { ...image, field: 'small', processor: smallProcessor({ height: 24, width: 32 }) },
    { ...image, field: 'photo' },
    { ...audio(whisper), field: 'whisper' },
    { ...audio(wave), field: 'wave' },
    { ...common, field: 'bands', kind: 'audio', encoder: {}, sound: { kind: 'small', mels: 64, frames: 32 } },
    { ...image, field: 'frozen photo', frozen: true },
    { ...audio(wave), field: 'frozen wave', frozen: true },
  ];
  weightsOf = new Map([
    ['frozen photo', vit.weights],
    ['frozen wave', wave.weights],
  ]);
});
afterAll(() => rmSync(root, { recursive: true }));

const cellsOf = (cell: (name: string) => MediaCell): ProductMedia['cells'] =>
  specs.map(({ kind }) =>
    (kind === 'image' ? ['photo.jpg', 'alpha.png'] : ['clip.wav', 'stereo.mp3']).map(cell),
  );

async function tensors(media: ProductMedia, options: MediaLoaderOptions): Promise<Float32Array[][]> {
  const openEncoder = (spec: MediaSpec) => openVectorEncoder(spec, weightsOf.get(spec.field)!, 1);
  const loader = await MediaLoader.open(specs, { ...options, openEncoder });
  const { loaded, problems } = await loader.load(media);
  await loader.close();
  expect(problems).toEqual([]);
  return loaded.map((files, i) => files.map((file) => encoderValues(specs[i]!, file).slice()));
}

it('gives training, from the catalog and from its cache, what serving computes of the bytes', async () => {
  const cacheFolder = join(root, 'cache');
  const catalog = { cells: cellsOf((name) => name), root };
  const cold = await tensors(catalog, { cacheFolder });
  const warm = await tensors(catalog, { cacheFolder });
  const served = await tensors({ cells: cellsOf((name) => readFileSync(join(root, name))) }, {});
  for (const [i, { field }] of specs.entries()) {
    expect(cold[i]!.length, field).toBe(2);
    expect(warm[i], field).toEqual(cold[i]);
    expect(served[i], field).toEqual(cold[i]);
    expect(
      cold[i]!.every((values) => values.some((value) => value !== 0) && values.every(Number.isFinite)),
      field,
    ).toBe(true);
  }
});
