import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';

export function workSuite(bench: Bench): void {
  const planned = async (count: number) => {
    const dataset = randomUUID();
    const tasks = Array.from({ length: count }, (_, from) => ({ from }));
    expect(await bench.store.work.plan(dataset, tasks)).toBe(count);
    expect(await bench.store.work.plan(dataset, tasks), 'planned again').toBe(0);
    return dataset;
  };

  describe('parts of work', () => {
    it('are each done by one of many, in order, and all of them', async () => {
      const { work } = bench.store;
      const dataset = await planned(9);
      const done = await Promise.all(
        ['a', 'b', 'c'].map(async (holder) => {
          const parts: number[] = [];
          for (;;) {
            const part = await work.take(holder, { dataset });
            if (part === undefined) return parts;
            parts.push(part.part);
            await work.finish(dataset, part.part, holder, { from: part.task.from });
          }
        }),
      );
      expect(done.flat().sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(await work.progress(dataset)).toEqual({ waiting: 0, taken: 0, done: 9, failed: 0 });
      const parts = await work.parts(dataset, { after: 6 });
      expect(parts).toMatchObject([
        { part: 7, attempts: 1, result: { from: 7 }, holder: null },
        { part: 8, result: { from: 8 } },
      ]);
      await work.remove(dataset);
      expect(await work.parts(dataset)).toEqual([]);
    });

    it('of a holder that is not heard of go to another, whose result counts', async () => {
      const { work } = bench.store;
      const dataset = await planned(1);
      await work.take('dead', { dataset, seconds: 60 });
      bench.pass(50);
      expect(await work.renew(dataset, 0, 'dead', 60)).toBe(true);
      bench.pass(50);
      expect(await work.take('b', { dataset })).toBeUndefined();
      bench.pass(20);
      expect(await work.take('b', { dataset })).toMatchObject({ part: 0, attempts: 2 });
      expect(await work.renew(dataset, 0, 'dead')).toBe(false);
      await expect(work.finish(dataset, 0, 'dead', {})).rejects.toMatchObject({ code: 'store/conflict' });
      expect(await work.fail(dataset, 0, 'dead', 'too late')).toBeUndefined();
      await work.finish(dataset, 0, 'b', { ok: true });
      await expect(work.finish(dataset, 0, 'b', {})).rejects.toMatchObject({ code: 'store/conflict' });
      expect(await work.parts(dataset)).toMatchObject([{ state: 'done', result: { ok: true } }]);
    });

    it('of a holder that died go to another though the clock was set back', async () => {
      const { work } = bench.store;
      const dataset = await planned(1);
      await work.take('dead', { dataset, seconds: 60 });
      bench.pass(-2 * 3600);
      expect(await work.take('b', { dataset, seconds: 60 })).toMatchObject({ part: 0, attempts: 2 });
      expect(await work.take('c', { dataset, seconds: 60 })).toBeUndefined();
      bench.pass(2 * 3600);
    });

    it('that fail wait again, and are failed after too many attempts, with the reason', async () => {
      const { work } = bench.store;
      const dataset = await planned(2);
      await work.take('a', { dataset });
      expect(await work.fail(dataset, 0, 'a', 'no memory', 2)).toBe('waiting');
      await work.take('a', { dataset });
      expect(await work.fail(dataset, 0, 'a', 'no memory again', 2)).toBe('failed');
      for (let i = 0; i < 2; i++) {
        await work.take('a', { dataset, seconds: 10, attempts: 2 });
        bench.pass(11);
      }
      expect(await work.take('a', { dataset, attempts: 2 })).toBeUndefined();
      expect(await work.parts(dataset, { states: ['failed'] })).toMatchObject([
        { part: 0, message: 'no memory again', attempts: 2 },
        { part: 1, message: 'Every process that had it ended before it was done.' },
      ]);
    });
  });
}
