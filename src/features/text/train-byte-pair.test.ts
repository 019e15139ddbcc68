import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import { END_OF_TEXT, trainBytePair } from './train-byte-pair.ts';
import { writeText } from './write-text.ts';

const TEXTS = [
  'Navy running shoes for women, size 38',
  'Navy running shoes for men, size 42',
  "Don't miss: crème brûlée torch",
  'Größe 42 für Damen – weiß',
  '女士跑步鞋 蓝色 38码',
];

const open = async (texts: readonly string[], vocabularySize: number) => {
  const files = await trainBytePair(texts, { vocabularySize });
  return { files, tokenizer: loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']) };
};

describe('a trained byte-level vocabulary', () => {
  it('has common words as one token, and ends a text with a token of its own', async () => {
    const { tokenizer } = await open(TEXTS, 320);
    const { ids } = tokenizer.encode(' running shoes');
    expect([...ids].map((id) => tokenizer.token(id))).toEqual(['Ġrunning', 'Ġshoes']);
    expect(tokenizer.token(tokenizer.special.sep!)).toBe(END_OF_TEXT);
    expect(tokenizer.special.pad).toBe(tokenizer.special.sep);
  });

  it('writes any text back as it was', async () => {
    const { tokenizer } = await open(TEXTS, 300);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const { ids } = tokenizer.encode(text);
        expect(writeText(tokenizer, [...ids])).toBe(text);
      }),
    );
  });

  it('does not depend on the order of the texts', async () => {
    const once = await open(TEXTS, 400);
    const again = await open(new Random(3).shuffled([...TEXTS]), 400);
    expect(JSON.stringify(again.files)).toBe(JSON.stringify(once.files));
  });

  it('has room for all bytes, or says so', async () => {
    await expect(trainBytePair(TEXTS, { vocabularySize: 256 })).rejects.toThrow(/256 bytes/);
  });

  it('writes no token that stands for no bytes', () => {
    expect(() => writeText({ token: () => '鞋' }, [5])).toThrow(/byte-level/);
  });
});
