import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunNews } from './run-event.ts';
import { RunProgress } from './run-progress.ts';

const folder = mkdtempSync(join(tmpdir(), 'attune-run-progress-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let file: string;
beforeEach(({ task }) => {
  file = join(folder, `${task.id}.jsonl`);
});

const AT = '2026-01-01T00:00:00.000Z';
const lines = (...news: readonly RunNews[]) =>
  news.map((one) => `${JSON.stringify({ at: AT, ...one })}\n`).join('');
const write = (...news: readonly RunNews[]) => appendFileSync(file, lines(...news));
const step = (number: number, loss = number): RunNews => ({ event: 'step', step: number, loss });
const epoch = (number: number, devScore: number): RunNews => ({
  event: 'epoch',
  epoch: number,
  trainLoss: 1,
  devScore,
  attributes: { color: devScore },
});

describe('the progress of a run', () => {
  it('is nothing before there is a log, and grows with it', async () => {
    const progress = new RunProgress(file);
    expect(await progress.now()).toMatchObject({ step: 0, steps: null, devScore: null, end: undefined });
    write({ event: 'started', resumed: false }, { event: 'stage', stage: 'Epoch 1 of 2' }, step(1), step(2));
    expect(await progress.now()).toMatchObject({ step: 2, stage: 'Epoch 1 of 2' });
    write(epoch(1, 0.5), step(3), step(4), epoch(2, 0.4));
    const { curves, devScore } = await progress.now();
    expect(devScore).toBe(0.5);
    expect(curves[0]!.epochs.map((one) => [one.epoch, one.step])).toEqual([
      [1, 2],
      [2, 4],
    ]);
  });

  it('takes a line when it is whole, and passes over what a killed process has left', async () => {
    const progress = new RunProgress(file);
    const whole = lines(step(1));
    appendFileSync(file, whole.slice(0, 20));
    expect((await progress.now()).step).toBe(0);
    appendFileSync(file, whole.slice(20));
    expect((await progress.now()).step).toBe(1);
    appendFileSync(file, '{"event":"st\n{"event":"of a later version"}\n');
    write(step(2));
    expect((await progress.now()).step).toBe(2);
  });

  it('counts steps once that a resumed run repeats, and forgets how it ended before', async () => {
    const progress = new RunProgress(file);
    write(step(1), epoch(1, 0.1), step(2), step(3), { event: 'stopped' });
    expect((await progress.now()).end).toMatchObject({ event: 'stopped' });
    write({ event: 'started', resumed: true }, step(2, 20), step(3, 30));
    const { curves, step: done, end } = await progress.now();
    expect([done, end]).toEqual([3, undefined]);
    expect(curves[0]!.loss).toEqual([
      [1, 1],
      [2, 20],
      [3, 30],
    ]);
    expect(curves[0]!.epochs).toHaveLength(1);
    write({ event: 'started', resumed: false });
    expect((await progress.now()).curves).toEqual([]);
  });

  it('draws long curves with means of neighbours, that of each model by itself', async () => {
    const count = 5000;
    write(...Array.from({ length: count }, (_, i) => step(i + 1)));
    write({ event: 'step', model: 'Writing', step: 1, loss: 7 });
    const { curves, step: done } = await new RunProgress(file).now();
    expect(done).toBe(count + 1);
    expect(curves.map(({ model }) => model)).toEqual([null, 'Writing']);
    const { loss } = curves[0]!;
    expect(loss.length).toBeLessThan(1200);
    expect(loss.at(-1)![0]).toBe(count);
    // The loss of step n is n here: the mean over a group of k ends (k - 1) / 2 before its last step.
    const size = loss[0]![0];
    expect(size).toBe(8);
    expect(loss[0]![1]).toBe((size + 1) / 2);
  });
});
