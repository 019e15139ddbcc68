import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  ACCENT,
  CONTROL,
  IDEOGRAPH,
  kindOf,
  LETTER,
  NUMBER,
  PUNCTUATION,
  WHITE,
  withoutAccents,
} from './characters.ts';

const FIXTURE = join(import.meta.dirname, '../../../test/golden/tokenizers/fixtures/characters.json');
const expected = JSON.parse(readFileSync(FIXTURE, 'utf8')) as Record<string, [number, number][]>;

/** The ranges of code points for which `test` holds, surrogates left out. */
function ranges(test: (codePoint: number) => boolean): [number, number][] {
  const result: [number, number][] = [];
  for (let codePoint = 0; codePoint < 0x110000; codePoint++) {
    if ((codePoint >= 0xd800 && codePoint < 0xe000) || !test(codePoint)) continue;
    const last = result.at(-1);
    if (last !== undefined && last[1] === codePoint - 1) last[1] = codePoint;
    else result.push([codePoint, codePoint]);
  }
  return result;
}

it.each([
  ['removed', CONTROL],
  ['ideographs', IDEOGRAPH],
  ['punctuation', PUNCTUATION],
  ['accents', ACCENT],
  ['letters', LETTER],
  ['numbers', NUMBER],
  ['white', WHITE],
] as const)('knows the same %s characters as the original library, of all code points', (name, kind) => {
  expect(ranges((codePoint) => (kindOf(codePoint) & kind) !== 0)).toEqual(expected[name]);
});

it('strips the accents of the same characters as the original library', () => {
  const accented = (codePoint: number) => {
    const character = String.fromCodePoint(codePoint);
    return !['', character].includes(withoutAccents(character));
  };
  expect(ranges(accented)).toEqual(expected.accented);
});
