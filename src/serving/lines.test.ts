import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, readLines } from './lines.ts';
import { ReadingRoom } from './reading-room.ts';

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]) {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function linesOf(text: string, sizes: readonly number[] = [7], maxCharacters = 1000) {
  const room = new ReadingRoom(1_000_000);
  const { reserve, close } = room.forStream();
  const lines: Omit<Line, 'held'>[] = [];
  let taken = 0;
  const source = chunksOf(new TextEncoder().encode(text), sizes);
  for await (const { held, ...line } of readLines(source, { maxCharacters, reserve })) {
    lines.push(line);
    taken += line.text?.length ?? 0;
    expect(room.taken).toBe(taken);
    if (lines.length % 2 === 0) continue;
    held.keep(0);
    taken -= line.text?.length ?? 0;
  }
  close();
  expect(room.taken).toBe(0);
  return lines;
}

describe('readLines', () => {
  it('reads no further than there is room for, and a long line only when there is room for the longest', async () => {
    const maxCharacters = 300_000;
    const room = new ReadingRoom(2 * maxCharacters);
    let read = 0;
    async function* source() {
      for (const text of ['a\n', 'b'.repeat(70_000), `${'b'.repeat(70_000)}\n`, 'c\n']) {
        read++;
        yield new TextEncoder().encode(text);
      }
    }
    const { reserve } = room.forStream();
    const lines = readLines(source(), { maxCharacters, reserve });
    const first = (await lines.next()).value as Line;
    expect([first.text, read]).toEqual(['a', 1]);
    const next = lines.next();
    await nextTurn();
    expect([read, room.taken]).toEqual([2, 1]);
    first.held.keep(0);
    const second = (await next).value as Line;
    expect([second.text?.length, read, room.taken]).toEqual([140_000, 3, 140_000]);
    expect(((await lines.next()).value as Line).text).toBe('c');
  });

  it('gives the same lines however the bytes were cut, letters of several bytes too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 12 })),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (texts, sizes) => {
          const whole = texts.join('\n');
          const expected = whole
            .split('\n')
            .map((text, i) => ({ number: i + 1, text: text.trim() }))
            .filter(({ text }) => text !== '');
          expect(await linesOf(whole, sizes)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('counts blank lines and leaves them out; takes Windows line ends and a byte order mark', async () => {
    expect(await linesOf('\uFEFFa\r\n\r\n  \nb\n')).toEqual([
      { number: 1, text: 'a' },
      { number: 4, text: 'b' },
    ]);
  });

  it('passes over a line that is too long, and reads on', async () => {
    expect(await linesOf(`a\n${'x'.repeat(50)}\nb\n${'y'.repeat(50)}`, [7], 10)).toEqual([
      { number: 1, text: 'a' },
      { number: 2, text: undefined },
      { number: 3, text: 'b' },
      { number: 4, text: undefined },
    ]);
  });
});
