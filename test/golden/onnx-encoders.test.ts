/** ONNX files that PyTorch exported as frozen encoders (onnx-encoders/generate.py). */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeOnnxFile, openOnnxEncoder } from '../../src/models/attribute/onnx-encoder.ts';
import { readJson } from './fixture.ts';

const FIXTURES = new URL('onnx-encoders/', import.meta.url);
const file = (name: string) => fileURLToPath(new URL(`${name}/model.onnx`, FIXTURES));
const PICTURE = [3, 32, 32];

it.each([
  ['vectors', PICTURE, 'pooler_output'],
  ['tokens', PICTURE, 'features'],
  ['map', PICTURE, 'features'],
  ['bands', [20, 100], 'features'],
])('%s gives one vector a file, by the name or the rank of its output', async (name, shape, output) => {
  const config = await describeOnnxFile(file(name), shape, false, 1);
  expect(config).toMatchObject({ output, width: 12 });
  const encoder = await openOnnxEncoder(file(name), { encoder: config }, 1);
  const size = shape.reduce((a, b) => a * b, 1);
  const vector = await encoder.encode(Float32Array.from({ length: size }, (_, i) => Math.sin(i)));
  await encoder.close();
  const expected = readJson<readonly number[]>(new URL(`${name}/expected.json`, FIXTURES));
  expect(vector.length).toBe(expected.length);
  for (const [i, value] of vector.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
});

it('refuses a file that reads something else than pictures of that size, and says what it reads', async () => {
  const refused = (name: string, shape: readonly number[]) =>
    expect(describeOnnxFile(file(name), shape, false, 1)).rejects;
  await refused('vectors', [3, 64, 64]).toMatchObject({
    code: 'models/onnx-unfit',
    message: expect.stringContaining('pixel_values (float32 [batch, 3, 32, 32])'),
  });
  await refused('two-inputs', PICTURE).toMatchObject({
    message: expect.stringContaining('and scale (float32 [1])'),
  });
  await refused('gone', PICTURE).toMatchObject({ code: 'models/checkpoint-missing' });
});

it('refuses a file that is no ONNX', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-onnx-'));
  try {
    writeFileSync(join(folder, 'model.onnx'), 'no model at all');
    await expect(describeOnnxFile(join(folder, 'model.onnx'), PICTURE, false, 1)).rejects.toMatchObject({
      code: 'models/onnx-unfit',
      message: expect.stringContaining('cannot be opened'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
