/** `attune pretrain` as a merchant calls it: texts in, an encoder out that has learned their words, to start trainings from. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { openSafetensors } from '../../src/models/checkpoint/safetensors.ts';
import { attune, ended, start, workspace } from './attune.ts';
import { config } from './shop.ts';

const { folder } = workspace('pretrain');
type Scores = {
  readonly loss: number;
  readonly accuracy: number;
  readonly guesses: number;
  readonly probes: readonly { attribute: string; retrieval: number; accuracy: number; commonest: number }[];
};
type Result = {
  readonly test: Scores;
  readonly before: Scores;
  readonly bestStep: number;
  readonly history: readonly { epoch: number; trainLoss: number; devResults: Scores }[];
};

/** A kind of goods tells its material, its parts and its care: what a hidden word is can be told from the others. */
const GOODS = {
  shoe: ['leather', 'sole', 'polish', 'laced'],
  shirt: ['cotton', 'collar', 'iron', 'buttoned'],
  pan: ['steel', 'handle', 'rinse', 'coated'],
  lamp: ['brass', 'shade', 'dust', 'dimmable'],
} as const;
const KINDS = Object.keys(GOODS) as (keyof typeof GOODS)[];
const COLOURS = ['red', 'navy', 'green', 'white', 'black'];

const rows = (count: number, seed: number) => {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const kind = random.pick(KINDS);
    const [material, part, care, quality] = GOODS[kind];
    const title = `${random.pick(COLOURS)} ${material} ${kind} no. ${random.below(90) + 10}`;
    const description = random
      .shuffled([`${quality} ${part}`, `please ${care} it`, `made of ${material}`])
      .join(', ');
    return { sku: `p${seed}-${i}`, title, description, kind };
  });
};

beforeAll(() => {
  const csv = rows(300, 1).map(
    ({ sku, title, description, kind }) => `${sku},${title},"${description}",${kind}`,
  );
  writeFileSync(join(folder(), 'products.csv'), `${['sku,title,description,kind', ...csv].join('\n')}\n`);
  const lines = rows(100, 2).map((row) => JSON.stringify(row));
  writeFileSync(join(folder(), 'more.jsonl'), `${lines.join('\n')}\n`);
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: [products.csv, more.jsonl], id: sku, split: {by: hash, dev: 0.15, test: 0.2}}',
      inputs: '{title: text, description: text}',
      attributes: '{kind: choice}',
      model: '{layers: 2, width: 32, heads: 4, vocabulary: 400, maxTokens: 48}',
      training: '{threads: 1, epochs: 2, saveEverySteps: 50}',
      pretrain:
        '{probe: [kind], steps: 240, reports: 4, batchTokens: 512, maxTokens: 32, learningRate: 0.005}',
    }),
  );
});

const options = (settings: readonly string[]) => settings.flatMap((setting) => ['--set', setting]);
const pretrain = (out: string, ...settings: readonly string[]) =>
  attune(folder(), 'pretrain', '--out', out, '--json', ...options(settings));
const inside = (out: string, name: string) => readFileSync(join(folder(), out, name), 'utf8');

it('learns from nothing, from files of two kinds, to guess hidden words of texts that it has not seen', async () => {
  const ran = await pretrain('learned');
  expect(ran.code, ran.stderr).toBe(0);
  const { test, before, history, bestStep } = JSON.parse(ran.stdout) as Result;
  expect(test.guesses).toBeGreaterThan(100);
  expect(test.loss).toBeLessThan(0.7 * before.loss);
  expect(test.accuracy).toBeGreaterThan(before.accuracy + 0.08);
  expect(test.probes[0]!.accuracy).toBeGreaterThan(0.9);
  expect(test.probes[0]!.commonest).toBeLessThan(0.5);
  expect(history.map(({ epoch }) => epoch)).toEqual([60, 120, 180, 240]);
  expect(history.at(-1)!.trainLoss).toBeLessThan(history[0]!.trainLoss);
  expect(bestStep).toBeGreaterThan(60);
  expect(ran.stderr).toMatch(/texts +2\d\d products, \d+ tokens/);
  expect(ran.stderr).toMatch(/Step 240: train loss .*masked accuracy .*kind: retrieval@1/);
  expect(existsSync(join(folder(), 'learned.run'))).toBe(false);
});

it('says how it did beside the encoder: to read, for programs, and for TensorBoard', () => {
  const report = JSON.parse(inside('learned', 'report.json')) as {
    test: Scores;
    command: string;
    history: readonly { step: number; dev: Scores }[];
  };
  expect(report.command).toContain('attune pretrain --out learned');
  expect(report.history.map(({ step }) => step)).toEqual([60, 120, 180, 240]);
  expect(inside('learned', 'README.md')).toContain((100 * report.test.accuracy).toFixed(1));
  const page = inside('learned', 'report.html');
  for (const words of ['masked accuracy on dev rows', 'Training by step', 'kind: linear probe'])
    expect(page).toContain(words);
  const [charts] = readdirSync(join(folder(), 'learned', 'events'));
  const events = readFileSync(join(folder(), 'learned', 'events', charts!), 'latin1');
  for (const tag of ['train/loss', 'dev/masked_accuracy', 'dev/kind/probe']) expect(events).toContain(tag);
});

it('makes an encoder that a training of attributes starts from', async () => {
  const ran = await attune(folder(), 'train', '--out', 'm', '--json', ...options(['model.text=./learned']));
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stderr).toContain('./learned (bert, 2 layers, 32 wide)');
});

it('ends a killed run as it would have ended', async () => {
  const args = ['pretrain', '--out', 'cut'];
  const child = start(folder(), args);
  const run = join(folder(), 'cut.run', 'run.json');
  for (let waited = 0; !existsSync(run) && waited < 1200; waited++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGKILL');
  await ended(child);
  const refused = await attune(folder(), ...args);
  expect(refused.stderr).toContain('[training/run-unfinished]');
  const resumed = await attune(folder(), ...args, '--resume');
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toMatch(/Going on after step [1-9]/);
  const weights = (name: string) => readFileSync(join(folder(), name, 'model.safetensors'));
  expect(weights('cut').equals(weights('learned'))).toBe(true);
});

it('goes on from a checkpoint, its head included, with the dropout of its config', async () => {
  const settings = [
    'model.text=./learned',
    'pretrain.steps=4',
    'pretrain.dropout=true',
    'pretrain.reports=1',
  ];
  const ran = await pretrain('further', ...settings, 'pretrain.learningRate=0.0001');
  expect(ran.code, ran.stderr).toBe(0);
  const { test, before } = JSON.parse(ran.stdout) as Result;
  const learned = JSON.parse(inside('learned', 'report.json')) as { test: Scores };
  expect(before.loss).toBeCloseTo(learned.test.loss, 4);
  expect(Math.abs(test.loss - before.loss)).toBeLessThan(0.1);
  const names = async (out: string) =>
    [...(await openSafetensors(join(folder(), out, 'model.safetensors'))).tensors.keys()].sort();
  expect(await names('further')).toEqual(await names('learned'));
  for (const name of ['tokenizer.json', 'config.json'])
    expect(JSON.parse(inside('further', name))).toEqual(JSON.parse(inside('learned', name)));
});

it.each([
  ['there', [], 'training/out-exists', 'Name another folder'],
  ['new', ['pretrain.text=[kind]'], 'training/bad-setting', 'which is no text input'],
  ['new', ['pretrain.probe=[colour]'], 'training/bad-setting', 'The attributes are: kind'],
  ['new', ['model.heads=5'], 'training/bad-setting', 'model.heads'],
  ['new', ['pretrain.guessed=2'], 'config/invalid', 'pretrain.guessed'],
] as const)('says what is wrong, and what to do (%s %j: %s)', async (out, settings, code, words) => {
  mkdirSync(join(folder(), 'there'), { recursive: true });
  const refused = await pretrain(out, ...settings);
  expect(refused.code, words).not.toBe(0);
  expect(refused.stderr).toContain(`[${code}]`);
  expect(refused.stderr).toContain(words);
});

it.runIf(process.env.ATTUNE_PYTHON)('is read by transformers, with nothing missing ($ATTUNE_PYTHON)', () => {
  const code = `
import json, sys, torch
from transformers import AutoModelForMaskedLM, AutoTokenizer
model, loading = AutoModelForMaskedLM.from_pretrained(sys.argv[1], output_loading_info=True)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
text = tokenizer("navy leather [MASK] no. 42", return_tensors="pt")
with torch.no_grad():
    scores = model(**text).logits[text.input_ids == tokenizer.mask_token_id]
print(json.dumps([[sorted(loading[key]) for key in ("missing_keys", "unexpected_keys")], list(scores.shape)]))`;
  const answer = execFileSync(process.env.ATTUNE_PYTHON!, ['-c', code, join(folder(), 'learned')], {
    encoding: 'utf8',
  });
  const { vocab_size } = JSON.parse(inside('learned', 'config.json')) as { vocab_size: number };
  expect(JSON.parse(answer)).toEqual([
    [[], []],
    [1, vocab_size],
  ]);
});
