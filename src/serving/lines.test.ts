import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, readLines } from './lines.ts';

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]) {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function linesOf(text: string, sizes: readonly number[] = [7], maxCharacters = 1000) {
  const lines: Line[] = [];
  for await (const line of readLines(chunksOf(new TextEncoder().encode(text), sizes), maxCharacters))
    lines.push(line);
  return lines;
}

describe('readLines', () => {
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
