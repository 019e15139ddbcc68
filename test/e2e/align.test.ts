/** `attune align` as a merchant calls it: pairs of titles and pictures in, encoders that know which belong together out. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { readCheckpoint } from '../../src/models/checkpoint/folder.ts';
import { readImageCheckpoint } from '../../src/models/checkpoint/image-checkpoint.ts';
import { readPairCheckpoint } from '../../src/models/checkpoint/pair-checkpoint.ts';
import { openSafetensors } from '../../src/models/checkpoint/safetensors.ts';
import { attune, ended, start, workspace } from './attune.ts';
import { randomClip, writeDrawn } from './drawn-pairs.ts';
import { config } from './shop.ts';

const { folder } = workspace('align');
type Recalls = Readonly<Record<'1' | '5' | '10', number>>;
type Scores = {
  readonly products: number;
  readonly pictureToText: Recalls;
  readonly textToPicture: Recalls;
};
const WAYS = ['pictureToText', 'textToPicture'] as const;

beforeAll(async () => {
  await writeDrawn(folder(), 260, 5);
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.1, test: 0.2}}',
      inputs: '{title: text, photo: image}',
      attributes: '{shape: choice}',
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 32, imageSize: 32}',
      training: '{threads: 1, epochs: 2, saveEverySteps: 3}',
      align: '{epochs: 8, batchSize: 32}',
    }),
  );
}, 300_000);

const options = (settings: readonly string[]) => settings.flatMap((setting) => ['--set', setting]);
const align = (out: string, ...settings: readonly string[]) =>
  attune(folder(), 'align', '--out', out, '--json', ...options(settings));

it.each(['clip', 'siglip'])(
  'learns from nothing which picture belongs to which title, with the loss of %s',
  async (loss) => {
    const ran = await align(loss, `align.loss=${loss}`);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toContain(`model: { image: ./${loss}, text: ./${loss}/text }`);
    const { test, before } = JSON.parse(ran.stdout) as { test: Scores; before: Scores };
    const chance = 1 / test.products;
    expect(test.products).toBeGreaterThan(30);
    for (const way of WAYS) {
      expect(test[way][1], way).toBeGreaterThan(8 * chance);
      expect(test[way][10], way).toBeGreaterThanOrEqual(test[way][1]);
      expect(before[way][1], way).toBeLessThan(test[way][1]);
    }
    expect(existsSync(join(folder(), `${loss}.run`))).toBe(false);
    expect(existsSync(join(folder(), `${loss}.media`))).toBe(false);
  },
);

it('says how it did beside the encoders: to read, for programs, and for TensorBoard', () => {
  const read = (name: string) => readFileSync(join(folder(), 'clip', name), 'utf8');
  const report = JSON.parse(read('report.json')) as {
    test: Scores;
    plan: { memory: number; pairs: { train: number } };
    history: readonly { epoch: number; devScore: number }[];
    command: string;
  };
  expect(report.history.map(({ epoch }) => epoch)).toEqual(report.history.map((_, i) => i + 1));
  expect(report.history.length).toBeGreaterThan(2);
  expect(report.command).toContain('attune align --out clip');
  expect(report.plan.memory).toBeGreaterThan(3e8);
  const figures = (100 * report.test.pictureToText[1]).toFixed(1);
  expect(read('README.md')).toContain(`Pairs: ${report.plan.pairs.train} train`);
  expect(read('README.md')).toMatch(new RegExp(`picture to text +${figures.replace('.', '\\.')}`));
  const page = read('report.html');
  expect(page).toContain('mean recall on dev rows');
  expect(page).toContain('Recall, text to picture');
  const [charts] = readdirSync(join(folder(), 'clip', 'events'));
  const events = readFileSync(join(folder(), 'clip', 'events', charts!), 'latin1');
  for (const tag of ['train/loss', 'dev/score', 'dev/recall@1/picture_to_text'])
    expect(events).toContain(tag);
});

it('makes encoders that a training of attributes starts from', async () => {
  const pair = await readPairCheckpoint(join(folder(), 'clip'));
  const image = await readImageCheckpoint(join(folder(), 'clip'));
  const text = await readCheckpoint(join(folder(), 'clip', 'text'), ['bert']);
  const same = async (own: string, read: Promise<Float32Array>) =>
    expect(await read, own).toEqual(await pair.weights.read(own));
  const table = 'embeddings.word_embeddings.weight';
  await same(`text_model.${table}`, text.weights.read(table));
  const stem = 'stem.0.convolution.weight';
  await same(`vision_model.${stem}`, image.weights.read(stem));
  const from = ['model.image=./clip', 'model.text=./clip/text'];
  const ran = await attune(folder(), 'train', '--out', 'trained', '--json', ...options(from));
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toContain('photo: attune-pair-small (from a checkpoint');
});

it('ends a killed run as it would have ended', async () => {
  const settings = ['align.epochs=2'];
  expect((await align('whole', ...settings)).code).toBe(0);
  const args = ['align', '--out', 'cut', ...options(settings)];
  const child = start(folder(), args);
  const run = join(folder(), 'cut.run', 'run.json');
  for (let waited = 0; !existsSync(run) && waited < 600; waited++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGKILL');
  await ended(child);
  const resumed = await attune(folder(), ...args, '--resume');
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/Going on after step [1-9]/);
  const weights = (name: string) => readFileSync(join(folder(), name, 'model.safetensors'));
  expect(weights('cut').equals(weights('whole'))).toBe(true);
});

it('goes on from a CLIP, and writes one with its names, its tokenizer and its processor', async () => {
  const before = await randomClip(join(folder(), 'given'), readPairCheckpoint(join(folder(), 'clip')));
  const ran = await align('tuned', 'align.model=./given', 'align.epochs=1', 'align.learningRate=0.001');
  expect(ran.code, ran.stderr).toBe(0);
  const file = await openSafetensors(join(folder(), 'tuned', 'model.safetensors'));
  expect([...file.tensors.keys()].sort()).toEqual([...before.keys()].sort());
  expect(await file.read('visual_projection.weight')).not.toEqual(before.get('visual_projection.weight'));
  const json = (name: string, of: string) =>
    JSON.parse(readFileSync(join(folder(), of, name), 'utf8')) as object;
  for (const name of ['tokenizer.json', 'preprocessor_config.json'])
    expect(json(name, 'tuned')).toEqual(json(name, 'given'));
  expect(json('config.json', 'tuned')).toMatchObject(json('config.json', 'given'));
});

it('says what is wrong, and what to do', async () => {
  mkdirSync(join(folder(), 'there'), { recursive: true });
  for (const [out, settings, code, words] of [
    ['there', [], 'training/out-exists', 'Name another folder'],
    ['new', ['align.image=title'], 'training/bad-setting', 'which is no image input'],
    ['new', ['align.model=./given', 'align.loss=siglip'], 'training/bad-setting', 'Leave align.loss out'],
    ['new', ['align.batchSize=1'], 'config/invalid', 'align.batchSize'],
  ] as const) {
    const refused = await align(out, ...settings);
    expect(refused.code, words).not.toBe(0);
    expect(refused.stderr).toContain(`[${code}]`);
    expect(refused.stderr).toContain(words);
  }
});
