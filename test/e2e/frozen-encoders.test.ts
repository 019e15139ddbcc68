/** Frozen encoders through the commands: their vectors are computed once, and the model is whole all the same. */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { openSafetensors } from '../../src/models/checkpoint/safetensors.ts';
import { attune, ended, start, workspace } from './attune.ts';
import { config } from './shop.ts';
import { randomVit, randomWhisper, type Told, writeTold } from './told-media.ts';

const { folder } = workspace('frozen-encoders');
let products: readonly Told[] = [];
let vit: ReadonlyMap<string, Float32Array>;

beforeAll(async () => {
  products = await writeTold(folder(), 150, 9);
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.15, test: 0.2}}',
      inputs: '{title: text, photo: image, clip: {kind: audio, seconds: 0.4}}',
      attributes: '{color: choice, tone: choice, kind: choice}',
      model:
        '{layers: 1, width: 32, vocabulary: 300, maxTokens: 32, image: ./vit, audio: ./whisper, freeze: [image, audio]}',
      training:
        '{epochs: 8, patience: 8, threads: 1, batchSize: 8, headLearningRate: 0.004, saveEverySteps: 5}',
    }),
  );
  vit = await randomVit(join(folder(), 'vit'));
  await randomWhisper(join(folder(), 'whisper'));
}, 300_000);

const settings = (...all: readonly string[]) => all.flatMap((setting) => ['--set', setting]);
const train = (out: string, ...all: readonly string[]) =>
  attune(folder(), 'train', '--out', out, '--json', ...settings(...all));

it('learns from vectors of frozen encoders, and writes a model that has those encoders as they were', async () => {
  const trained = await train('frozen');
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('photo: vit (a frozen checkpoint');
  expect(trained.stderr).toMatch(/[\d.]+ % of them trained/);
  const { results } = JSON.parse(trained.stdout) as { results: { attribute: string; accuracy: number }[] };
  for (const { attribute, accuracy } of results) expect(accuracy, attribute).toBeGreaterThan(0.9);
  const { read } = await openSafetensors(join(folder(), 'frozen', 'model.safetensors'));
  for (const [name, values] of vit) expect(await read(`media.photo.${name}`), name).toEqual(values);
  expect(existsSync(join(folder(), 'frozen.media'))).toBe(false);

  const evaluated = await attune(folder(), ...['evaluate', '--model', 'frozen', '--json', 'products.csv']);
  expect(evaluated.code, evaluated.stderr).toBe(0);
  const all = JSON.parse(evaluated.stdout) as { results: { attribute: string; accuracy: number }[] };
  for (const { attribute, accuracy } of all.results) expect(accuracy, attribute).toBeGreaterThan(0.9);
  const exported = await attune(folder(), 'export', '--model', 'frozen', '--to', 'onnx', 'frozen.onnx');
  expect(exported.code, exported.stderr).toBe(0);
});

it('ends a killed run as it would have ended, reading the vectors that it had', async () => {
  const whole = await train('whole', 'training.epochs=3');
  expect(whole.code, whole.stderr).toBe(0);
  const args = ['train', '--out', 'cut', ...settings('training.epochs=3')];
  const child = start(folder(), args);
  const run = join(folder(), 'cut.run', 'run.json');
  for (let waited = 0; !existsSync(run) && waited < 600; waited++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGKILL');
  await ended(child);
  const kept = readdirSync(join(folder(), 'cut.media'));
  expect(kept.length).toBeGreaterThan(0);
  const resumed = await attune(folder(), ...args, '--resume');
  expect(resumed.code, resumed.stderr).toBe(0);
  const weights = (name: string) => readFileSync(join(folder(), name, 'model.safetensors'));
  expect(weights('cut').equals(weights('whole'))).toBe(true);
});

it('refuses to freeze what starts from nothing or is not there, and says what to do', async () => {
  for (const [freeze, words] of [
    ['[text]', 'that encoder starts from nothing'],
    ['[image]', 'that encoder starts from nothing'],
  ] as const) {
    const refused = await train('none', 'model.image=small', `model.freeze=${freeze}`);
    expect(refused.stderr).toContain('[training/bad-setting]');
    expect(refused.stderr).toContain(words);
  }
  const attention = await train('none', 'model.fusion=attention');
  expect(attention.stderr).toContain('attention reads tokens and patches');
});

it('reads pictures and sounds with ONNX files, which the model keeps for itself', async () => {
  const golden = (name: string) => fileURLToPath(new URL(`../golden/onnx-encoders/${name}`, import.meta.url));
  cpSync(golden('vectors'), join(folder(), 'pictures'), { recursive: true });
  cpSync(golden('bands'), join(folder(), 'sounds'), { recursive: true });
  const files = ['model.image=./pictures/model.onnx', 'model.audio=./sounds/model.onnx'];
  const trained = await train('onnx', ...files, 'model.freeze=[]', 'training.epochs=30');
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('photo: an ONNX file, frozen, 12 wide');
  rmSync(join(folder(), 'pictures'), { recursive: true });
  rmSync(join(folder(), 'sounds'), { recursive: true });
  const { results } = JSON.parse(trained.stdout) as { results: { attribute: string; accuracy: number }[] };
  for (const { attribute, accuracy } of results) expect(accuracy, attribute).toBeGreaterThan(0.8);
  const asked = ['predict', '--model', 'onnx', '--out', 'onnx.jsonl', 'products.csv'];
  const predicted = await attune(folder(), ...asked);
  expect(predicted.code, predicted.stderr).toBe(0);
  const rows = readFileSync(join(folder(), 'onnx.jsonl'), 'utf8').trimEnd().split('\n');
  for (const attribute of ['color', 'tone'] as const) {
    const right = rows.filter(
      (row, i) => JSON.parse(row)[`predicted_${attribute}`] === products[i]![attribute],
    );
    expect(right.length, attribute).toBeGreaterThan(0.8 * rows.length);
  }
  const exported = await attune(folder(), 'export', '--model', 'onnx', '--to', 'onnx', 'heads.onnx');
  expect(exported.code, exported.stderr).toBe(0);
  expect(readFileSync(join(folder(), 'heads.onnx'), 'latin1')).toContain('media.photo.vectors');
  const gone = await train('none', ...files);
  expect(gone.stderr).toContain('has no preprocessor_config.json');
});
