import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Held, ReadingRoom } from './reading-room.ts';

describe('ReadingRoom', () => {
  it('gives bodies what is left, at once or not at all', () => {
    const room = new ReadingRoom(100);
    const first = room.take(70);
    expect([room.taken, room.take(31)]).toEqual([70, undefined]);
    first?.keep(20);
    first?.keep(50);
    expect([room.taken, room.take(80) !== undefined, room.taken]).toEqual([20, true, 100]);
    first?.keep(0);
    expect(room.taken).toBe(80);
    expect(new ReadingRoom(100).take(1000)).toBeDefined();
  });

  it('lets streams wait for one another, in their order, and leaves half of it to bodies', async () => {
    const room = new ReadingRoom(100);
    const [one, other] = [room.forStream(), room.forStream()];
    const first = await one.reserve(40);
    const told: string[] = [];
    const second = other.reserve(20).then((held) => {
      told.push('second');
      return held;
    });
    const third = one.reserve(5).then(() => told.push('third'));
    await nextTurn();
    expect([told, room.taken, room.take(50) !== undefined]).toEqual([[], 40, true]);
    first.keep(10);
    await Promise.all([second, third]);
    expect([told, room.taken]).toEqual([['second', 'third'], 85]);
  });

  it('has back what a stream had when the stream ends, and refuses what it waited for', async () => {
    const room = new ReadingRoom(100);
    const [one, other] = [room.forStream(), room.forStream()];
    const held = await one.reserve(1000);
    const waiting = one.reserve(10);
    const others = other.reserve(50);
    one.close();
    await expect(waiting).rejects.toThrow('ended');
    await expect(one.reserve(1)).rejects.toThrow('ended');
    await others;
    held.keep(0);
    expect(room.taken).toBe(50);
    other.close();
    expect(room.taken).toBe(0);
  });

  it('never gives more than it has, and is empty in the end, whoever comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ stream: fc.nat(2), bytes: fc.nat(120), leave: fc.boolean() }), {
          maxLength: 40,
        }),
        async (steps) => {
          const room = new ReadingRoom(100);
          const streams = [room.forStream(), room.forStream()];
          const held: Held[] = [];
          for (const { stream, bytes, leave } of steps) {
            if (leave) held.shift()?.keep(0);
            const body = stream === 2 ? room.take(bytes) : undefined;
            if (body !== undefined) held.push(body);
            streams[stream]?.reserve(bytes).then(
              (one) => held.push(one),
              () => {},
            );
            await nextTurn();
            expect(room.taken).toBeLessThanOrEqual(100);
          }
          for (const one of streams) one.close();
          for (const one of held) one.keep(0);
          expect(room.taken).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});
