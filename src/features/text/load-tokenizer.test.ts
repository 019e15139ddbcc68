import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttuneError } from '../../base/errors.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import type { Encoding, Tokenizer } from './tokenizer.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/golden/tokenizers/fixtures');
const read = (file: string) => JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'));
const names = readdirSync(FIXTURES)
  .filter((file) => file.endsWith('.tokenizer.json'))
  .map((file) => file.slice(0, -'.tokenizer.json'.length));
const tokenizers = new Map<string, Tokenizer>(
  names.map((name) => [name, loadTokenizer(read(`${name}.tokenizer.json`))]),
);
const get = (name: string) => tokenizers.get(name)!;
const places = ({ starts, ends }: Encoding) => Array.from(starts, (start, i) => [start, ends[i]!]);
const slices = (text: string, encoding: Encoding) =>
  places(encoding).map(([from, to]) => text.slice(from, to));

describe.each(names)('%s', (name) => {
  it('gives the ids and places of the original library for every tricky string', () => {
    const rows = read(`${name}.expected.json`) as { text: string; ids: number[]; offsets: number[][] }[];
    expect(rows.length).toBeGreaterThan(80);
    for (const { text, ids, offsets } of rows) {
      const encoding = get(name).encode(text);
      const tokens = Array.from(encoding.ids, (id) => get(name).token(id));
      expect([...encoding.ids], `ids of ${JSON.stringify(text)}: ${tokens.join(' ')}`).toEqual(ids);
      expect(places(encoding), `places in ${JSON.stringify(text)}`).toEqual(offsets);
    }
  });

  it('gives ordered places inside any text, and a prefix of them under a limit', () => {
    const words = fc.constantFrom(
      ' ',
      '  ',
      '\n',
      'shoe',
      '[SEP]',
      '<s>',
      'é',
      'e\u0301',
      '鞋',
      '👟',
      'ﬁ',
      "'s",
      '\ud83d',
      '\0',
    );
    const text = fc.array(fc.oneof(words, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 12 });
    fc.assert(
      fc.property(text, fc.nat(12), (parts, limit) => {
        const whole = parts.join('');
        const all = get(name).encode(whole);
        const disorder = places(all).filter(
          ([start, end], i) => start! < (all.starts[i - 1] ?? 0) || end! < start! || end! > whole.length,
        );
        expect(disorder).toEqual([]);
        const first = get(name).encode(whole, limit);
        expect([...first.ids]).toEqual([...all.ids.slice(0, limit)]);
        expect(places(first)).toEqual(places(all).slice(0, limit));
        expect(get(name).encode(whole)).toEqual(all);
      }),
      { numRuns: 60 },
    );
  });

  it('never makes a special token of a text', () => {
    const { special } = get(name);
    const text = '[CLS] a [SEP] b [PAD] [MASK] <s> c </s> <pad> <mask> <|endoftext|> <|startoftext|>';
    const { ids } = get(name).encode(text);
    const forbidden = [special.cls, special.sep, special.mask, special.pad].filter(
      (id) => id !== special.unknown,
    );
    for (const id of forbidden) expect([...ids]).not.toContain(id);
  });

  it.each([
    ['words', 'running shoes, size 38. '],
    ['no space at all', '鞋子蓝色'],
    ['one letter', 'a'],
    ['spaces', ' '],
  ])('reads only the start of 1 MB of %s under a limit', (_, piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    const start = get(name).encode(text.slice(0, 50_000), 2);
    expect(start.ids.length).toBe(_ === 'spaces' && start.ids.length < 2 ? start.ids.length : 2);
    expect(get(name).encode(text, 2)).toEqual(start);
  });
});

describe('special tokens', () => {
  it('are found without tokenizer_config.json', () => {
    const special = (name: string) => get(name).special;
    expect(special('bert-uncased')).toEqual({ cls: 2, sep: 3, pad: 0, mask: 4, unknown: 1 });
    expect(special('roberta')).toEqual({ cls: 0, sep: 2, pad: 1, mask: 4, unknown: 3 });
    expect(special('xlm-roberta')).toMatchObject({ cls: 0, sep: 2, pad: 1, unknown: 3 });
    expect(special('mpnet')).toMatchObject({ cls: 0, sep: 2, pad: 1, unknown: 4 });
    expect(special('gpt2')).toEqual({ cls: undefined, sep: 0, pad: 0, mask: undefined, unknown: undefined });
  });

  it('are those that tokenizer_config.json names', () => {
    const config = { cls_token: '[MASK]', sep_token: { content: '[PAD]' }, pad_token: '[SEP]' };
    expect(loadTokenizer(read('bert-uncased.tokenizer.json'), config).special).toMatchObject({
      cls: 4,
      sep: 0,
      pad: 3,
    });
  });
});

describe('places of languages without spaces', () => {
  it('are those of each character in Chinese and Japanese', () => {
    const text = '女士 跑步鞋、ナイキ靴';
    expect(slices(text, get('bert-uncased').encode(text)).slice(0, 5)).toEqual([
      '女',
      '士',
      '跑',
      '步',
      '鞋',
    ]);
    for (const name of names)
      expect(slices(text, get(name).encode(text)).join(''), name).toMatch(/女.*跑.*鞋/s);
  });

  it('count a character outside the basic plane as two units', () => {
    const text = '👟 shoes';
    const encoding = get('bert-uncased').encode(text);
    expect(slices(text, encoding)[0]).toBe('👟');
    expect(encoding.starts[1]).toBe(3);
  });
});

describe('half a surrogate pair', () => {
  it('is read as the replacement character', () => {
    for (const name of names) {
      const half = get(name).encode('a \ud83d b');
      expect([...half.ids], name).toEqual([...get(name).encode('a \ufffd b').ids]);
    }
  });
});

describe('a file that is not a tokenizer', () => {
  const wordPiece = { type: 'WordPiece', unk_token: '[UNK]', vocab: { '[UNK]': 0, a: 1 } };
  it.each([
    ['null', null, 'features/tokenizer-invalid', /the file is not an object/],
    ['no model', {}, 'features/tokenizer-invalid', /model is not an object/],
    [
      'an unknown model',
      { model: { type: 'Neural', vocab: {} } },
      'features/tokenizer-unsupported',
      /type Neural/,
    ],
    [
      'an id that is no number',
      { model: { ...wordPiece, vocab: { a: 'x' } } },
      'features/tokenizer-invalid',
      /"a" the id "x"/,
    ],
    [
      'an id of billions',
      { model: { ...wordPiece, vocab: { a: 4e9 } } },
      'features/tokenizer-invalid',
      /4000000000/,
    ],
    [
      'no unknown token',
      { model: { ...wordPiece, vocab: { a: 0 } } },
      'features/tokenizer-invalid',
      /unk_token/,
    ],
    [
      'a merge of nothing',
      { model: { type: 'BPE', vocab: { a: 0 }, merges: ['a b'] } },
      'features/tokenizer-invalid',
      /merges \["a","b"\]/,
    ],
    [
      'random merges',
      { model: { type: 'BPE', vocab: { a: 0 }, merges: [], dropout: 0.1 } },
      'features/tokenizer-unsupported',
      /at random/,
    ],
    [
      'a broken table',
      { model: wordPiece, normalizer: { type: 'Precompiled', precompiled_charsmap: 'AAAA' } },
      'features/tokenizer-invalid',
      /cut short/,
    ],
    [
      'an unknown normaliser',
      { model: wordPiece, normalizer: { type: 'Rot13' } },
      'features/tokenizer-unsupported',
      /normalizer is of type Rot13/,
    ],
    [
      'an unknown pre-tokeniser',
      { model: wordPiece, pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'X' }] } },
      'features/tokenizer-unsupported',
      /pre_tokenizer\[0\] is of type X/,
    ],
  ])('is refused: %s', (_, json, code, message) => {
    let error: unknown;
    try {
      loadTokenizer(json);
    } catch (cause) {
      error = cause;
    }
    expect(error).toBeInstanceOf(AttuneError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });
});
