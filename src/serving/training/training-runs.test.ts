/** With a program in place of the training: what a full disk, a killed service and a process that does not end make of the runs. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isAlive, markOf } from '../../base/process-life.ts';
import type { RunAnswer } from '../api/training.ts';
import { readRecord, writeRecord } from './run-record.ts';
import { TrainingRuns, type TrainingRunsOptions } from './training-runs.ts';
import { Uploads } from './uploads.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** Writes its process id down, and goes on until it is ended. */
const ENDLESS = "require('node:fs').writeFileSync('pid', String(process.pid)); setInterval(() => {}, 1000)";

let place: string;
let workspace: Workspace;
let troubles: unknown[];
beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'attune-runs-'));
  workspace = await openWorkspace(place);
  troubles = [];
  mkdirSync(join(workspace.files, FILE));
  const record = { id: FILE, name: 'products.csv', bytes: 1, uploaded: '2026-01-01', inspection: null };
  writeFileSync(join(workspace.files, FILE, 'file.json'), JSON.stringify(record));
});
afterEach(async () => {
  await workspace.close();
  rmSync(place, { recursive: true });
});

const FILE = '0123456789ab';
const ASKED = { file: FILE, model: 'shop', config: {} };

async function open(program: string, others: Partial<TrainingRunsOptions> = {}): Promise<TrainingRuns> {
  const runs = await TrainingRuns.open({
    workspace,
    uploads: new Uploads(workspace.files, 1),
    command: [process.execPath, '-e', program, '--'],
    check: async () => ({ config: {}, yaml: '' }),
    isLoaded: () => false,
    onTrouble: (error) => troubles.push(error),
    ...others,
  });
  runs.begin();
  return runs;
}

async function until(runs: TrainingRuns, is: (run: RunAnswer) => boolean, id = 'shop-1'): Promise<RunAnswer> {
  for (;;) {
    const run = await runs.get(id);
    if (is(run)) return run;
    await delay(20);
  }
}

const folder = () => join(workspace.runs, 'shop-1');

/** As a service leaves a run that is killed while it trains. */
async function leaveBehind(pid: number | undefined, lines: readonly object[] = [], state = 'running') {
  const runs = await open('process.exit(1)');
  await runs.create(ASKED);
  await until(runs, (run) => run.state === 'failed');
  await runs.close(0);
  const record = (await readRecord(folder()))!;
  const process = pid === undefined ? { pid: 2 ** 22 + 1, begun: '1' } : await markOf(pid);
  const left = { ...record, state: state as 'running', started: new Date(0).toISOString(), process };
  await writeRecord(folder(), { ...left, ended: null, problem: null });
  writeFileSync(join(folder(), 'log.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

const at = '2026-01-01T00:00:00.000Z';

it('a run whose process is gone has ended as its log says, or is interrupted', async () => {
  const failed = { event: 'failed', at, code: 'catalog/empty', message: 'Nothing there.' };
  const finished = { event: 'finished', at, bestEpoch: 1, figures: [], gates: [] };
  const stale = { ...failed, at: '1969-01-01T00:00:00.000Z' };
  for (const [lines, state, asked] of [
    [[], 'interrupted', 'running'],
    [[], 'stopped', 'stopping'],
    [[finished], 'finished', 'running'],
    [[failed], 'failed', 'running'],
    [[stale], 'interrupted', 'running'],
  ] as const) {
    await leaveBehind(undefined, lines, asked);
    const runs = await open('');
    const [run] = await runs.list();
    expect(run).toMatchObject({
      state,
      problem: state === 'failed' ? { code: 'catalog/empty', message: 'Nothing there.' } : null,
    });
    expect((await readRecord(folder()))!.state).toBe(state);
    await runs.remove('shop-1');
    rmSync(join(place, 'versions.json'));
    await runs.close(0);
  }
  expect(troubles).toEqual([]);
});

it.runIf(process.platform === 'linux')(
  'a process that outlived its service is looked after: seen, waited for, ended when it is asked twice or takes too long',
  async () => {
    for (const [leftBehindMs, cancels, end] of [
      [100, 0, 'interrupted'],
      [60_000, 2, 'stopped'],
    ] as const) {
      const child = spawn(process.execPath, ['-e', ENDLESS], { cwd: place });
      await leaveBehind(child.pid);
      const mark = await markOf(child.pid!);
      const runs = await open('', { leftBehindMs });
      expect((await runs.get('shop-1')).state).toBe('running');
      await expect(runs.remove('shop-1')).rejects.toMatchObject({ code: 'serving/run-state' });
      for (let i = 0; i < cancels; i++) expect((await runs.cancel('shop-1')).state).toBe('stopping');
      await until(runs, ({ state }) => state === end);
      expect(await isAlive(mark)).toBe(false);
      await runs.remove('shop-1');
      rmSync(join(place, 'versions.json'));
      await runs.close(0);
    }
  },
);

it('a run that cannot be noted leaves nothing, and no process', async () => {
  let yaml: unknown = 5;
  const runs = await open(ENDLESS, { check: async () => ({ config: {}, yaml: yaml as string }) });
  const full = () => mkdirSync(join(folder(), 'run.json.new'));
  // What cannot be written.
  await expect(runs.create(ASKED)).rejects.toThrow(TypeError);
  expect([await runs.list(), readdirSync(workspace.runs)]).toEqual([[], []]);
  rmSync(join(place, 'versions.json'));

  yaml = '';
  await runs.create(ASKED);
  while ((await readRecord(folder()))?.state !== 'running') await delay(5);
  full();
  await expect(runs.cancel('shop-1')).rejects.toMatchObject({ code: 'serving/workspace-unwritable' });
  // Stopped, though it could not be noted.
  await until(runs, ({ state }) => state === 'stopped');
  await expect(runs.resume('shop-1')).rejects.toMatchObject({ code: 'serving/workspace-unwritable' });
  expect((await runs.get('shop-1')).state).toBe('stopped');
  await runs.close(0);
});

it('a process that cannot be noted is ended', async () => {
  const runs = await open(ENDLESS);
  await runs.create(ASKED);
  await until(runs, ({ state }) => state === 'running');
  await runs.create(ASKED);
  const second = join(workspace.runs, 'shop-2');
  mkdirSync(join(second, 'run.json.new'));
  await runs.cancel('shop-1');
  const { problem } = await until(runs, ({ state }) => state === 'failed', 'shop-2');
  expect(problem).toMatchObject({
    code: 'serving/training-failed',
    message: expect.stringContaining('The training could not be started: The workspace'),
  });
  await runs.close(0);
  const pid = Number(readFileSync(join(second, 'pid'), { encoding: 'utf8', flag: 'a+' }));
  if (pid > 0) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

it('a training that ended well has finished, though its log could not be written', async () => {
  const runs = await open('');
  await runs.create(ASKED);
  expect(await until(runs, ({ ended }) => ended !== null)).toMatchObject({
    state: 'finished',
    problem: null,
  });
  await runs.close(0);
});

it('a record that cannot be read is told', async () => {
  mkdirSync(folder());
  writeFileSync(join(folder(), 'run.json'), '{"id":');
  const runs = await open('');
  expect(await runs.list()).toEqual([]);
  expect(troubles.map(String)).toEqual([
    expect.stringContaining('cannot be read, so this run is not listed'),
  ]);
  await runs.close(0);
});
