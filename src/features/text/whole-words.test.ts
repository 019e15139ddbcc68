import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from './load-tokenizer.ts';
import { wordContinuations } from './whole-words.ts';

const open = (name: string) =>
  loadTokenizer(
    JSON.parse(
      readFileSync(
        join(import.meta.dirname, `../../../test/golden/tokenizers/fixtures/${name}.tokenizer.json`),
        'utf8',
      ),
    ),
  );

/** The words that the tokens make. */
function words(name: string, text: string): string[] {
  const encoding = open(name).encode(text);
  const continues = wordContinuations(text, encoding);
  const firsts = [...continues.keys()].filter((i) => continues[i] === 0);
  return firsts.map((first, word) =>
    text.slice(encoding.starts[first], encoding.ends[(firsts[word + 1] ?? continues.length) - 1]),
  );
}

describe('wordContinuations', () => {
  it.each(['bert-uncased', 'gpt2', 'roberta', 'xlm-roberta'])(
    'joins the pieces of a word, and nothing else (%s)',
    (name) => {
      expect(words(name, 'Windbreaker, zippered; men’s 32x34')).toEqual([
        'Windbreaker',
        ',',
        'zippered',
        ';',
        'men',
        '’',
        's',
        '32x34',
      ]);
    },
  );

  it('takes Chinese characters for words', () => {
    expect(words('bert-uncased', '跑步鞋 38码')).toEqual(['跑', '步', '鞋', '38', '码']);
  });

  it('agrees with the marks of word pieces', () => {
    const tokenizer = open('bert-uncased');
    const text = 'Stainless steel waterbottle 750ml, keeps cold; Größe 42 Straßenschuhe';
    const encoding = tokenizer.encode(text);
    const marked = Array.from(encoding.ids, (id) => (tokenizer.token(id).startsWith('##') ? 1 : 0));
    expect([...wordContinuations(text, encoding)]).toEqual(marked);
  });

  it('cuts what has no end', () => {
    const encoding = open('gpt2').encode('xq'.repeat(40));
    const continues = wordContinuations('xq'.repeat(40), encoding);
    expect(encoding.ids.length).toBeGreaterThan(20);
    expect(continues.filter((each) => each === 0).length).toBeGreaterThan(1);
  });
});
