import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { State } from '../graph/state.ts';
import { RunFolder, type RunPosition } from './run-folder.ts';

let path = '';
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'attune-run-'));
});
afterEach(() => rmSync(path, { recursive: true, force: true }));

const position = (step: number, best?: RunPosition['best']): RunPosition => ({
  fingerprint: 'mine',
  epoch: 0,
  stepInEpoch: step,
  step,
  lossSum: 0.1 + 0.2,
  lossCount: step,
  unseenDecay: 0.9999999999999999,
  history: [],
  best,
});
function state(value: number): State {
  const made = new State();
  made.set('weight', [2], Float32Array.of(value, -value));
  made.set('moment:weight', [2], Float32Array.of(value / 3, Number.MIN_VALUE));
  made.set('gradient:weight', [2], Float32Array.of(7, 7));
  return made;
}

it('a save is read back bit for bit, without gradients', async () => {
  const folder = new RunFolder(path);
  await folder.save(position(4), state(1.1));
  const found = state(0);
  expect(await folder.load('mine', found)).toEqual(JSON.parse(JSON.stringify(position(4))));
  expect(found.read('weight')).toEqual(state(1.1).read('weight'));
  expect(found.read('moment:weight')).toEqual(state(1.1).read('moment:weight'));
  expect(found.read('gradient:weight')).toEqual(Float32Array.of(7, 7));
});

it('only the last save and the best epoch stay, whatever a kill has left', async () => {
  const folder = new RunFolder(path);
  const weights = new Map([['weight', 'weight']]);
  await folder.save(position(2), state(1));
  for (const name of ['state-9.safetensors', 'best-7.safetensors', '.run.json.1234abcd.tmp'])
    writeFileSync(join(path, name), 'cut sho');
  await folder.saveBest(1, state(2), weights);
  await folder.save(position(4, { epoch: 1, score: 0.5 }), state(3));
  expect(readdirSync(path).sort()).toEqual(['best-1.safetensors', 'run.json', 'state-4.safetensors']);
  expect((await folder.loadBest(1)).get('weight')).toEqual(Float32Array.of(2, -2));
});

it('a better epoch whose save was cut short does not replace the one that the run knows of', async () => {
  const folder = new RunFolder(path);
  const weights = new Map([['weight', 'weight']]);
  await folder.saveBest(1, state(1), weights);
  await folder.save(position(4, { epoch: 1, score: 0.5 }), state(1));
  await folder.saveBest(2, state(2), weights);
  const found = await folder.load('mine', state(0));
  expect((await folder.loadBest(found!.best!.epoch)).get('weight')).toEqual(Float32Array.of(1, -1));
});

it("another run's save is refused and left alone; no save is undefined", async () => {
  const folder = new RunFolder(path);
  expect(await folder.load('mine', state(0))).toBeUndefined();
  await folder.save(position(1), state(1));
  await expect(folder.load('other', state(0))).rejects.toMatchObject({ code: 'training/run-differs' });
  expect(existsSync(join(path, 'run.json'))).toBe(true);
});

it('a folder that cannot be written says so and what to do', async () => {
  writeFileSync(join(path, 'file'), '');
  const folder = new RunFolder(join(path, 'file', 'run'));
  await expect(folder.save(position(1), state(1))).rejects.toMatchObject({
    code: 'training/unwritable',
    hint: expect.stringContaining('--resume'),
  });
});
