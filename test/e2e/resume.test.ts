/** A run is a function of its seed, whatever happens to the process that runs it. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/attune/load-config.ts';
import { train } from '../../src/attune/train.ts';
import { Random } from '../../src/base/random.ts';
import { attune, ended, start, workspace } from './attune.ts';
import { openShop } from './shop.ts';

const { folder } = workspace('resume');
/** Dropout is on, as always in training; a step is several micro-batches; a run is saved at every other step. */
const TRAINING =
  '{epochs: 2, threads: 1, batchSize: 8, maxTokensPerMicroBatch: 64, saveEverySteps: 2, averageDecay: 0.9}';

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What every file of a folder hashes to; the events carry time stamps. */
function contents(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('events') && statSync(join(path, name)).isFile())
      .sort()
      .map((name) => [name, hashOf(readFileSync(join(path, name)))]),
  );
}

function place(name: string): string {
  const path = join(folder(), name);
  mkdirSync(path);
  openShop(path, 60, { training: TRAINING });
  return path;
}

it('two runs with one seed leave the same bytes: weights, figures, optimiser state, predictions', async () => {
  const made = [];
  for (const name of ['once', 'again']) {
    const path = place(name);
    const { config } = await loadConfig({ files: [], configFile: join(path, 'attune.yaml'), settings: [] });
    // The fingerprint names the data by its path, which is not the same here.
    const data = { ...config.data, path: ['products.csv'] };
    const before = process.cwd();
    process.chdir(path);
    try {
      let steps = 0;
      const half = await train({
        config: { ...config, data },
        out: 'half',
        stopRequested: () => ++steps === 5,
      });
      expect(half.finished).toBe(false);
      const whole = await train({ config: { ...config, data }, out: 'model' });
      expect(whole.finished).toBe(true);
      expect(existsSync('model.run')).toBe(false);
      made.push({ whole, state: contents('half.run'), model: contents('model') });
    } finally {
      process.chdir(before);
    }
    const predicted = await attune(path, 'predict', '--model', 'model', '--out', 'out.csv', 'products.csv');
    expect(predicted.stderr).toContain('60 rows predicted');
    Object.assign(made.at(-1)!, { predicted: readFileSync(join(path, 'out.csv'), 'utf8') });
  }
  expect(Object.keys(made[0]!.state)).toEqual(['run.json', 'state-5.safetensors']);
  expect(made[1]).toEqual(made[0]);
});

it('another seed gives another model', async () => {
  const path = place('seed');
  const { config } = await loadConfig({ files: [], configFile: join(path, 'attune.yaml'), settings: [] });
  const weights = [];
  for (const seed of [1, 2]) {
    await train({
      config: { ...config, training: { ...config.training, epochs: 1, seed } },
      out: join(path, 'm'),
    });
    weights.push(hashOf(readFileSync(join(path, 'm', 'model.safetensors'))));
  }
  expect(weights[1]).not.toBe(weights[0]);
});

it('a run that is killed over and over ends as one that was not', { timeout: 300_000 }, async () => {
  const [calm, killed] = [place('calm'), place('killed')];
  const command = [
    'train',
    '--out',
    'model',
    '--set',
    'training.ensemble=2',
    '--set',
    'training.pretrainEpochs=1',
  ];
  expect((await attune(calm, ...command)).code).toBe(0);

  const random = new Random(20, 0x6111);
  let kills = 0;
  for (;;) {
    const child = start(killed, kills === 0 ? command : [...command, '--resume']);
    const running = ended(child);
    // From its first save on, at any moment.
    const alive = () => child.exitCode === null && child.signalCode === null;
    while (alive() && kills === 0 && !existsSync(join(killed, 'model.run', 'run.json'))) await wait(5);
    if (kills > 0) await untilItTrains(child, running);
    if (kills < 4) {
      await wait(random.below(150));
      child.kill('SIGKILL');
    }
    const { code, stderr } = await running;
    if (code === null) {
      kills++;
      continue;
    }
    expect(stderr).toMatch(kills === 0 ? /Model: model/ : /going on after step/i);
    expect(code).toBe(0);
    break;
  }
  expect(kills).toBeGreaterThanOrEqual(2);
  expect(contents(join(killed, 'model'))).toEqual(contents(join(calm, 'model')));
  expect(existsSync(join(killed, 'model.run'))).toBe(false);
});

/** Until the run has read its data and begins to compute. */
async function untilItTrains(child: ReturnType<typeof start>, running: Promise<unknown>): Promise<void> {
  await Promise.race([
    running,
    new Promise<void>((resolve) => {
      let text = '';
      child.stderr.on('data', (more: string) => {
        text += more;
        if (/going on after step/i.test(text)) resolve();
      });
    }),
  ]);
}

it('a run is not gone on with under other settings', async () => {
  const path = place('other');
  const { config } = await loadConfig({ files: [], configFile: join(path, 'attune.yaml'), settings: [] });
  let steps = 0;
  await train({ config, out: join(path, 'model'), stopRequested: () => ++steps === 2 });
  const { code, stderr } = await attune(
    path,
    'train',
    '--out',
    'model',
    '--resume',
    '--set',
    'training.seed=9',
  );
  expect(code).toBe(1);
  expect(stderr).toContain('training/run-differs');
  expect(existsSync(join(path, 'model.run', 'state-2.safetensors'))).toBe(true);
});

it('a run that is not finished is dropped only when that is asked for', async () => {
  const path = place('unfinished');
  const { config } = await loadConfig({ files: [], configFile: join(path, 'attune.yaml'), settings: [] });
  const out = join(path, 'model');
  let steps = 0;
  await train({ config, out, stopRequested: () => ++steps === 2 });
  const saved = contents(join(path, 'model.run'));

  const { code, stderr } = await attune(path, 'train', '--out', 'model');
  expect(code).toBe(1);
  expect(stderr).toMatch(/training\/run-unfinished.*model\.run holds.*after 2 steps.*--resume.*--anew/s);
  expect(contents(join(path, 'model.run'))).toEqual(saved);
  expect((await attune(path, 'train', '--out', 'model', '--anew', '--resume')).code).toBe(2);

  const { code: anew, stderr: told } = await attune(path, 'train', '--out', 'model', '--anew');
  expect(anew).toBe(0);
  expect(told).not.toContain('oing on after step');
  expect(existsSync(join(path, 'model.run'))).toBe(false);
});

it('an interrupted run says how to go on, and goes on', async () => {
  const path = place('interrupted');
  const child = start(path, ['train', '--out', 'model', '--set', 'training.epochs=30']);
  const running = ended(child);
  while (!existsSync(join(path, 'model.run', 'run.json'))) await wait(5);
  child.kill('SIGINT');
  const { code, stderr } = await running;
  expect(code).toBe(1);
  expect(stderr).toContain('Go on with: attune train --out model --set training.epochs=30 --resume');
  expect(existsSync(join(path, 'model'))).toBe(false);
});
