import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { joinComponents } from './components.ts';
import { findDuplicates } from './duplicates.ts';
import { Source } from './source.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-duplicates-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** For each text, the number of the first that it belongs with. */
async function rootsOf(name: string, texts: readonly string[]): Promise<number[]> {
  const path = join(folder, `${name}.jsonl`);
  writeFileSync(path, texts.map((text) => JSON.stringify({ text })).join('\n'));
  const source = await Source.open({ paths: [path], scratch: folder, threads: 1 });
  try {
    const { same, near } = await findDuplicates(source, 'SELECT rowid AS item, text FROM rows');
    return Array.from(joinComponents(texts.length, same, near, texts.length).roots);
  } finally {
    source.close();
  }
}

const random = new Random(5);
const vocabulary = Array.from({ length: 3000 }, () => random.below(1e9).toString(36));
const words = (count: number) => Array.from({ length: count }, () => random.pick(vocabulary)).join(' ');

describe('copies', () => {
  it('of every kind are found among texts of every length, and other texts are left alone', async () => {
    const originals = Array.from({ length: 120 }, (_, i) => words(i % 3 === 0 ? 8 : i % 3 === 1 ? 40 : 300));
    const copies = originals.map((text, i) => {
      const parts = text.split(' ');
      if (i % 4 === 0) return `${text} new`;
      if (i % 4 === 1) return text.toUpperCase();
      if (i % 4 === 2) return [...parts.slice(-1), ...parts.slice(0, -1)].join(', ');
      return text.replace(/[a-z]/, 'Q');
    });
    const roots = await rootsOf('kinds', [...originals, ...copies]);
    expect(roots).toEqual([...originals.keys(), ...originals.keys()]);
  });

  it('are not seen in texts that share a template only, and are seen in spite of it', async () => {
    const template = words(90);
    const own = Array.from({ length: 600 }, () => words(12));
    const texts = own.map((text) => `${text} ${template}`);
    const retold = own.slice(0, 50).map((text) => `Now: ${text} ${template}`);
    const roots = await rootsOf('template', [...texts, ...retold]);
    expect(roots).toEqual([...texts.keys(), ...retold.keys()]);
  });
});
