/** A catalog of sounds through the commands, read by pretrained encoders of sound. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { attune, workspace } from './attune.ts';
import { config } from './shop.ts';
import { randomWhisper, type Told, writeTold } from './told-media.ts';

const { folder } = workspace('sound-encoders');
const WAV2VEC2 = fileURLToPath(new URL('../golden/audio/checkpoints/wav2vec2-masked', import.meta.url));
let products: readonly Told[] = [];

beforeAll(async () => {
  products = await writeTold(folder(), 120, 5);
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.15, test: 0.2}}',
      inputs: '{clip: {kind: audio, seconds: 0.4}}',
      attributes: '{tone: choice}',
      model: '{width: 32, vocabulary: 300}',
      training: '{epochs: 6, patience: 6, threads: 1, batchSize: 8, learningRate: 0.001}',
    }),
  );
  await randomWhisper(join(folder(), 'whisper'));
}, 300_000);

const train = (out: string, ...settings: readonly string[]) =>
  attune(folder(), 'train', '--out', out, '--json', ...settings.flatMap((setting) => ['--set', setting]));

it('train, predict and export read sounds with a Whisper', async () => {
  const trained = await train('heard', 'model.audio=./whisper');
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('clip: whisper (from a checkpoint, 40 x 100 bands and frames, 32 wide)');
  const { results } = JSON.parse(trained.stdout) as { results: { accuracy: number }[] };
  expect(results[0]!.accuracy).toBeGreaterThan(0.9);

  const asked = ['predict', '--model', 'heard', '--out', 'out.jsonl', 'products.csv'];
  const predicted = await attune(folder(), ...asked);
  expect(predicted.code, predicted.stderr).toBe(0);
  const answers = readFileSync(join(folder(), 'out.jsonl'), 'utf8').trimEnd().split('\n');
  const right = answers.filter((line, i) => JSON.parse(line).predicted_tone === products[i]!.tone);
  expect(right.length).toBeGreaterThan(0.9 * products.length);

  const exported = await attune(folder(), 'export', '--model', 'heard', '--to', 'onnx', 'heard.onnx');
  expect(exported.code, exported.stderr).toBe(0);
});

it('train starts from a Wav2Vec2, which hears as many seconds as the input says', async () => {
  const trained = await train('waves', `model.audio=${WAV2VEC2}`, 'training.epochs=1');
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toContain('clip: wav2vec2 (from a checkpoint, 6400 samples, 24 wide)');
});

it('train refuses what is no encoder of sounds, and says so', async () => {
  const here = await train('none', 'model.audio=.');
  expect(here.stderr).toContain('has no config.json, so it is no sound encoder');
  writeFileSync(join(folder(), 'config.json'), '{"model_type": "vit"}');
  const pictures = await train('none', 'model.audio=.');
  expect(pictures.stderr).toContain('as sound encoders Attune knows whisper');
});
