import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapInOrder } from './in-order.ts';

async function* count(until: number, onRead: (item: number) => void = () => {}) {
  for (let item = 0; item < until; item++) {
    onRead(item);
    yield item;
  }
}

describe('mapInOrder', () => {
  it('keeps the order, whichever answer is ready first, and never has more under way than the window', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 1, max: 5 }),
        async (scheduler, items, window) => {
          let underWay = 0;
          let most = 0;
          const answers: number[] = [];
          const reading = (async () => {
            for await (const answer of mapInOrder(count(items), window, async (item) => {
              most = Math.max(most, ++underWay);
              await scheduler.schedule(Promise.resolve());
              underWay--;
              return item * 10;
            }))
              answers.push(answer);
          })();
          await scheduler.waitFor(reading);
          expect(answers).toEqual(Array.from({ length: items }, (_, i) => i * 10));
          expect(most).toBeLessThanOrEqual(window);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('answers what it has while the source is silent', async () => {
    let speak!: () => void;
    const silence = new Promise<void>((resolve) => {
      speak = resolve;
    });
    async function* slow() {
      yield 1;
      await silence;
      yield 2;
    }
    const answers = mapInOrder(slow(), 10, async (item) => item);
    expect(await answers.next()).toEqual({ value: 1, done: false });
    speak();
    expect(await answers.next()).toEqual({ value: 2, done: false });
    expect((await answers.next()).done).toBe(true);
  });

  it('stops reading when its reader stops', async () => {
    const read: number[] = [];
    const answers = mapInOrder(
      count(1000, (item) => read.push(item)),
      4,
      async (item) => item,
    );
    await answers.next();
    for (let i = 0; i < 20; i++) await nextTurn();
    expect(read.length).toBeLessThanOrEqual(5);
    await answers.return(undefined);
  });

  it('reports a failure at its turn', async () => {
    const answers = mapInOrder(count(3), 3, async (item) => {
      if (item === 1) throw new Error('second');
      return item;
    });
    expect((await answers.next()).value).toBe(0);
    await expect(answers.next()).rejects.toThrow('second');
  });
});
