import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../features/text/load-tokenizer.ts';
import type { Tokenizer } from '../../features/text/tokenizer.ts';
import { trainBytePair } from '../../features/text/train-byte-pair.ts';
import { writeText } from '../../features/text/write-text.ts';
import { fairLimit, PromptWriter } from './prompt.ts';
import type { GeneratedSpec, GeneratorSpec } from './spec.ts';

const TITLE: GeneratedSpec = {
  attribute: 'title',
  description: 'what a shopper reads first',
  reads: ['description'],
  given: ['color', 'material'],
  maxTokens: 8,
  beams: 1,
  lengthPenalty: 1,
  noRepeat: 0,
  list: false,
};
const SPEC: GeneratorSpec = {
  decoder: {},
  fields: [
    { name: 'title', maxTokens: 16 },
    { name: 'description', maxTokens: 400 },
  ],
  table: ['price'],
  category: true,
  maxPromptTokens: 200,
  attributes: [TITLE],
};
const PRODUCT = {
  category: 'Shoes',
  texts: ['THE ANSWER', 'Light runner with a mesh upper.'],
  table: ['49.90'],
  values: { color: ['navy', 'white'], title: ['THE ANSWER'] },
};

describe('a prompt', () => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    const files = await trainBytePair(['Light runner with a mesh upper.'], { vocabularySize: 270 });
    tokenizer = loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
  });
  const shown = (spec: GeneratorSpec, attribute: GeneratedSpec, product: typeof PRODUCT) =>
    writeText(tokenizer, [...new PromptWriter(spec, tokenizer).prompt(attribute, product)]);

  it('has a line for each thing that is known, then the name of what is asked', () => {
    expect(shown(SPEC, TITLE, PRODUCT)).toBe(
      'category: Shoes\ncolor: navy, white\nprice: 49.90\ndescription: Light runner with a mesh upper.\n' +
        'title (what a shopper reads first):',
    );
  });

  it('never has the text input that its attribute does not read', () => {
    expect(shown(SPEC, TITLE, PRODUCT)).not.toContain('ANSWER');
  });

  it('stays within its tokens, and the longest text gives way', () => {
    const product = { ...PRODUCT, texts: ['', 'mesh '.repeat(300)] };
    const writer = new PromptWriter(SPEC, tokenizer);
    expect(writer.prompt(TITLE, product)).toHaveLength(SPEC.maxPromptTokens);
    expect(shown(SPEC, TITLE, product)).toMatch(/^category: Shoes\ncolor: navy, white\n.*mesh \S*\ntitle/s);
  });

  it('reads back what it would have a decoder write', () => {
    const writer = new PromptWriter(SPEC, tokenizer);
    const long = { ...TITLE, maxTokens: 64 };
    const text = [...writer.answer(long, ['Mesh runner'])];
    expect(text.at(-1)).toBe(writer.end);
    expect(writer.read(long, text.slice(0, -1))).toEqual(['Mesh runner']);
    const list = [...writer.answer({ ...long, list: true }, ['light', 'mesh upper'])];
    expect(writer.read({ ...long, list: true }, list.slice(0, -1))).toEqual(['light', 'mesh upper']);
    expect([...writer.answer(TITLE, [])]).toEqual([writer.end]);
    expect(writer.read(TITLE, [])).toEqual([]);
  });

  it('cuts an answer that is too long, which then does not end', () => {
    const writer = new PromptWriter(SPEC, tokenizer);
    const ids = writer.answer(TITLE, ['an answer that is much too long for its limit']);
    expect(ids).toHaveLength(TITLE.maxTokens);
    expect(ids).not.toContain(writer.end);
  });
});

describe('fairLimit', () => {
  it('is the largest limit at which all fit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 6 }), fc.nat(200), (lengths, room) => {
        const used = (limit: number) => lengths.reduce((total, each) => total + Math.min(each, limit), 0);
        const limit = fairLimit(lengths, room);
        expect(used(limit)).toBeLessThanOrEqual(room);
        if (limit < Math.max(...lengths)) expect(used(limit + 1)).toBeGreaterThan(room);
      }),
    );
  });
});
