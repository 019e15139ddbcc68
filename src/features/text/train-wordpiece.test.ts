import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import { trainWordPiece } from './train-wordpiece.ts';

/** Texts of made-up words, common ones more often, as in a catalog. */
function catalog(count: number, seed: number): string[] {
  const random = new Random(seed);
  const syllables = ['ba', 'ko', 'ré', 'shoe', 'lu', 'min', 'tex', 'ар', '鞋', 'or', 'ing', 'ton', 'ü', 'ka'];
  const words = Array.from({ length: 4000 }, () =>
    Array.from({ length: 1 + random.below(4) }, () => random.pick(syllables)).join(''),
  );
  const word = () => words[Math.floor(words.length * random.uniform() ** 3)]!;
  return Array.from(
    { length: count },
    (_, i) => `${Array.from({ length: 12 }, word).join(' ')}, Size ${i % 50} cm (${word()})`,
  );
}

const vocabularyOf = (json: Readonly<Record<string, unknown>>) =>
  (json.model as { vocab: Record<string, number> }).vocab;

describe('a trained vocabulary', () => {
  it('merges the pairs seen most often first', async () => {
    const files = await trainWordPiece(
      [
        'low low low low low',
        'lower lower',
        'newest newest newest newest newest newest',
        'widest widest widest',
      ],
      {
        vocabularySize: 35,
        minimumCount: 1,
      },
    );
    const tokens = Object.keys(vocabularyOf(files['tokenizer.json']));
    expect(tokens.slice(0, 5)).toEqual(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]']);
    // Ten characters, eight of which go on with a word; "##l" and "##n" stand nowhere.
    expect(tokens.slice(5, 23)).toEqual('d e i l n o r s t w ##d ##e ##i ##o ##r ##s ##t ##w'.split(' '));
    // By hand: "es" and "est" stand 9 times; "lo", "low" 7; "ne", "west", "newest" 6; "wi", "dest", "widest" 3; "er", "lower" 2.
    // Of equals the one whose left token is the older: "##e" before "##s", "n" before "##w", "##w" before "ne".
    expect(tokens.slice(23)).toEqual(
      '##es ##est lo low ne ##west newest wi ##dest widest ##er lower'.split(' '),
    );
  });

  it('does not depend on the order of the texts', async () => {
    const texts = catalog(300, 1);
    const once = await trainWordPiece(texts, { vocabularySize: 600 });
    const again = await trainWordPiece(new Random(2).shuffled(texts), { vocabularySize: 600 });
    expect(JSON.stringify(again)).toBe(JSON.stringify(once));
  });

  it('has at most as many tokens as asked, and only pairs seen often enough', async () => {
    const texts = catalog(300, 1);
    const size = async (options: object) =>
      Object.keys(vocabularyOf((await trainWordPiece(texts, options))['tokenizer.json'])).length;
    expect(await size({ vocabularySize: 500 })).toBe(500);
    expect(await size({ vocabularySize: 20 })).toBe(20);
    expect(await size({ vocabularySize: 1e6, minimumCount: 50 })).toBeLessThan(
      await size({ vocabularySize: 1e6 }),
    );
    const characters = await trainWordPiece(['abc abd'], { alphabetSize: 2, minimumCount: 9 });
    expect(Object.keys(vocabularyOf(characters['tokenizer.json'])).slice(5)).toEqual(['a', 'b', '##b']);
  });

  it('spells every word of its texts without an unknown token', async () => {
    const texts = catalog(200, 3);
    const files = await trainWordPiece(texts, { vocabularySize: 1000 });
    const tokenizer = loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
    expect(tokenizer.special).toEqual({ cls: 2, sep: 3, pad: 0, mask: 4, unknown: 1 });
    for (const text of texts) expect([...tokenizer.encode(text).ids]).not.toContain(1);
  });

  it('of 8,000 tokens comes from 5,000 texts, streamed', async () => {
    async function* stream() {
      yield* catalog(5000, 4);
    }
    const files = await trainWordPiece(stream());
    expect(Object.keys(vocabularyOf(files['tokenizer.json'])).length).toBeGreaterThan(2000);
  });

  it('is refused without texts or without room', async () => {
    await expect(trainWordPiece([' ', ''])).rejects.toThrow(/no word in the texts/);
    await expect(trainWordPiece(['a'], { vocabularySize: 5 })).rejects.toThrow(/no room/);
  });

  it.runIf(process.env.ATTUNE_PYTHON)('agrees with the original library ($ATTUNE_PYTHON)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'attune-wordpiece-'));
    try {
      const texts = [...catalog(200, 5), 'ÉTÉ [SEP] 👟 unseen❤word'];
      const files = await trainWordPiece(texts, { vocabularySize: 900 });
      writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(files['tokenizer.json']));
      writeFileSync(join(folder, 'texts.json'), JSON.stringify(texts));
      const code = `
import json, sys
from tokenizers import Tokenizer
tokenizer = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
tokenizer.encode_special_tokens = True
print(json.dumps([tokenizer.encode(t, add_special_tokens=False).ids for t in json.load(open(sys.argv[1] + "/texts.json"))]))`;
      const ids = JSON.parse(
        execFileSync(process.env.ATTUNE_PYTHON!, ['-c', code, folder], { encoding: 'utf8' }),
      );
      const tokenizer = loadTokenizer(files['tokenizer.json']);
      expect(texts.map((text) => [...tokenizer.encode(text).ids])).toEqual(ids);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
