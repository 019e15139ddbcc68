/** Options that meet in one run: auto with a kill, with an ensemble and with written texts; frozen with an ensemble; eight bits of a fused model. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { openSafetensors } from '../../src/models/checkpoint/safetensors.ts';
import { attune, ended, start, workspace } from './attune.ts';
import { config, csv } from './shop.ts';
import { randomVit, writeTold } from './told-media.ts';

const { folder } = workspace('combinations');
const KINDS = ['concat', 'gated', 'attention', 'late'];

/** The title says the kind, the price the tier. */
function place(name: string, lines: Readonly<Record<string, string>> = {}): string {
  const path = join(folder(), name);
  mkdirSync(path);
  const random = new Random(21);
  const rows = Array.from({ length: 160 }, (_, i) => {
    const kind = random.pick(['shirt', 'mug', 'lamp']);
    const price = 5 + 90 * random.uniform();
    return {
      sku: `p${i}`,
      title: `${kind} number ${random.below(1000)}`,
      price: price.toFixed(2),
      kind,
      tier: price < 50 ? 'cheap' : 'dear',
      blurb: `A ${kind} for you`,
    };
  });
  writeFileSync(join(path, 'products.csv'), csv(rows));
  writeFileSync(
    join(path, 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.25, test: 0.2}}',
      inputs: '{title: text, price: number}',
      attributes: '{kind: choice, tier: choice}',
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 16, wide: false, fusion: auto}',
      training: '{epochs: 2, threads: 1, batchSize: 8, saveEverySteps: 3}',
      ...lines,
    }),
  );
  return path;
}

type Bundle = { readonly model: { readonly fusion: string }; readonly members: number };
const bundleOf = (path: string) => JSON.parse(readFileSync(join(path, 'attune.json'), 'utf8')) as Bundle;

it('fusion: auto, killed in its second way and resumed, ends as a run that was not', async () => {
  const path = place('killed');
  const whole = await attune(path, 'train', '--out', 'whole');
  expect(whole.code, whole.stderr).toBe(0);
  for (const kind of KINDS) expect(whole.stderr).toContain(`Fusion ${kind}, epoch 2: train loss`);
  const child = start(path, ['train', '--out', 'killed']);
  const running = ended(child);
  while (!existsSync(join(path, 'killed.run', 'fusion-gated', 'run.json'))) await wait(5);
  child.kill('SIGKILL');
  await running;
  const resumed = await attune(path, 'train', '--out', 'killed', '--resume');
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(resumed.stderr).toContain('Fusion gated, going on after step');
  // Ways that had not begun are no surprise.
  expect(resumed.stderr).not.toContain('begins anew');
  expect(bundleOf(join(path, 'killed')).model.fusion).toBe(bundleOf(join(path, 'whole')).model.fusion);
  const weights = (out: string) => readFileSync(join(path, out, 'model.safetensors'));
  expect(weights('killed').equals(weights('whole'))).toBe(true);
});

it('fusion: auto with an ensemble and a written text: the best way has all members, and the charts of both', async () => {
  const path = place('many', {
    attributes: '{kind: choice, tier: choice, blurb: {kind: generate, maxTokens: 8, beams: 1}}',
    training: '{epochs: 1, threads: 1, batchSize: 8, ensemble: 2}',
  });
  const trained = await attune(path, 'train', '--out', 'model');
  expect(trained.code, trained.stderr).toBe(0);
  for (const line of ['Fusion late, epoch 1:', 'Model 2 of 2, epoch 1:', 'Writing, epoch 1:'])
    expect(trained.stderr).toContain(line);
  const products = Number(/\((\d+) with labels\)/.exec(trained.stderr)![1]);
  // Four ways and a second member, an epoch each.
  expect(trained.stderr).toContain(`steps      ${5 * Math.ceil(products / 8)}\n`);
  const model = join(path, 'model');
  const { model: spec, members } = bundleOf(model);
  expect(members).toBe(2);
  expect(KINDS).toContain(spec.fusion);
  const names = [...(await openSafetensors(join(model, 'model.safetensors'))).tensors.keys()];
  expect(names.some((name) => name.includes('fusion.'))).toBe(true);
  const charts = (of: string) => readdirSync(join(model, of)).filter((name) => name.includes('tfevents'));
  expect([charts('events').length, charts('events/decoder').length]).toEqual([1, 1]);
  const bytes = readFileSync(join(model, 'events/decoder', charts('events/decoder')[0]!), 'latin1');
  expect(bytes).toContain('decoder/epoch_loss');
  const ran = await attune(path, 'predict', '--model', 'model', '--out', 'out.jsonl', 'products.csv');
  expect(ran.code, ran.stderr).toBe(0);
  const row = JSON.parse(readFileSync(join(path, 'out.jsonl'), 'utf8').split('\n')[0]!) as Record<
    string,
    unknown
  >;
  expect(row.predicted_blurb).toEqual(expect.any(String));
});

it('a frozen picture encoder with an ensemble; in eight bits an answer depends on no neighbour', async () => {
  const path = join(folder(), 'frozen');
  await writeTold(path, 60, 8);
  const checkpoint = await randomVit(join(path, 'vit'));
  writeFileSync(
    join(path, 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.25, test: 0.2}}',
      inputs: '{title: text, photo: image}',
      attributes: '{kind: choice, color: choice}',
      model:
        // Wide enough for matrices that are kept in eight bits.
        '{layers: 1, width: 256, vocabulary: 300, maxTokens: 16, image: ./vit, freeze: [image], wide: false}',
      training: '{epochs: 4, threads: 1, batchSize: 8, ensemble: 2}',
    }),
  );
  const trained = await attune(path, 'train', '--out', 'model');
  expect(trained.code, trained.stderr).toBe(0);
  expect(bundleOf(join(path, 'model')).members).toBe(2);
  const file = await openSafetensors(join(path, 'model', 'model.safetensors'));
  const query = 'encoder.layer.0.attention.attention.query.weight';
  const kept = [...file.tensors.keys()].filter((name) => name.endsWith(query));
  expect(kept.length).toBe(1);
  for (const name of kept) expect(await file.read(name)).toEqual(checkpoint.get(query));
  const rows = readFileSync(join(path, 'products.csv'), 'utf8').trimEnd().split('\n');
  writeFileSync(join(path, 'few.csv'), `${[rows[0], ...rows.slice(5, 12)].join('\n')}\n`);
  const predicted = async (out: string, file: string, ...flags: string[]) => {
    const ran = await attune(path, ...['predict', '--model', 'model', '--out', out, ...flags, file]);
    expect(ran.code, ran.stderr).toBe(0);
    return readFileSync(join(path, out), 'utf8').trimEnd().split('\n');
  };
  const all = await predicted('all.jsonl', 'products.csv', '--precision', 'int8');
  expect(await predicted('few.jsonl', 'few.csv', '--precision', 'int8')).toEqual(all.slice(4, 11));
  const exact = await predicted('exact.jsonl', 'products.csv');
  const confidences = (lines: readonly string[]) =>
    lines.map((line) => Number((JSON.parse(line) as Record<string, unknown>).predicted_kind_confidence));
  for (const [i, confidence] of confidences(all).entries())
    expect(Math.abs(confidence - confidences(exact)[i]!)).toBeLessThan(0.1);
  // Eight bits are not the exact figures under another name.
  expect(all).not.toEqual(exact);
}, 300_000);
