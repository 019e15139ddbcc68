import { beforeAll, describe, expect, it } from 'vitest';
import { loadTokenizer } from '../../features/text/load-tokenizer.ts';
import type { Tokenizer } from '../../features/text/tokenizer.ts';
import { trainWordPiece } from '../../features/text/train-wordpiece.ts';
import { ExampleEncoder, type ProductText, type SpanExample } from './example.ts';
import { FEATURES, type LabelledText, learnLexicon } from './lexicon.ts';
import type { AttributeModelSpec } from './spec.ts';
import { SHAPE_FEATURES } from './words.ts';

const FIELDS = [
  { name: 'title', maxTokens: 12 },
  { name: 'description', maxTokens: 24 },
];
const SPEC: AttributeModelSpec = {
  encoder: {
    model_type: 'bert',
    vocab_size: 200,
    hidden_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 64,
    max_position_embeddings: 64,
    type_vocab_size: 2,
  },
  vocabulary: undefined,
  pooling: 'mean',
  fields: FIELDS,
  categoryContext: true,
  maxTokens: 48,
  choices: [],
  numbers: [],
  spans: {
    pairs: [
      { category: 'Mugs', attribute: 'color' },
      { category: 'Mugs', attribute: 'material' },
      { category: 'Lamps', attribute: 'power' },
    ],
    maxWords: 2,
    width: 8,
    apart: false,
  },
};
const LABELLED: readonly LabelledText[] = [
  { category: 'Mugs', fields: ['red mug 300ml', ''], labels: { color: ['red'], volume: ['300'] } },
  { category: 'Mugs', fields: ['red jug', 'of glass'], labels: { color: ['red'], material: ['glass'] } },
];

let tokenizer: Tokenizer;
let encoder: ExampleEncoder;
beforeAll(async () => {
  const texts = [...LABELLED.flatMap(({ fields }) => fields), 'Mugs', 'Lamps', 'big lamp'];
  const files = await trainWordPiece(texts, { vocabularySize: 200 });
  tokenizer = loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
  const wordLimits = FIELDS.map(({ maxTokens }) => maxTokens);
  const lexicon = await learnLexicon(() => LABELLED, { maxWords: 2, wordLimits });
  encoder = new ExampleEncoder(SPEC, tokenizer, lexicon);
});

const spansOf = (product: ProductText): SpanExample => encoder.encode(product).spans!;
const textsOf = ({ candidates }: SpanExample, texts: readonly string[]) =>
  candidates.map(({ field, start, end }) => texts[field]!.slice(start, end));

describe('candidates', () => {
  const texts = ['red mug', 'of glass'];

  it('are the runs of words of each field, with the tokens that they begin and end in', () => {
    const { packed, spans } = encoder.encode({ category: 'Mugs', texts });
    const found = spans!;
    expect(textsOf(found, texts)).toEqual(['red', 'red mug', 'mug', 'of', 'of glass', 'glass']);
    for (const [c, { field, start, end }] of found.candidates.entries()) {
      // The category stands before the fields.
      expect(packed.fields[found.starts[c]!]).toBe(field + 1);
      expect(packed.starts[found.starts[c]!]).toBe(start);
      expect(packed.ends[found.ends[c]!]).toBe(end);
    }
    expect(found.shapes).toHaveLength(6 * SHAPE_FEATURES);
    expect(found.features).toHaveLength(6 * 2 * FEATURES);
  });

  it('are only what the budget of tokens holds', () => {
    const long = ['red '.repeat(40).trim(), ''];
    const found = spansOf({ category: 'Mugs', texts: long });
    const last = Math.max(...found.candidates.map(({ end }) => end));
    expect(last).toBeLessThan(long[0]!.length);
    expect(Math.max(...found.ends)).toBeLessThan(SPEC.maxTokens);
  });

  it('of an empty product are none', () => {
    const { packed, spans } = encoder.encode({ category: undefined, texts: ['', ''] });
    expect(spans!.candidates).toEqual([]);
    expect(packed.ids.length).toBeGreaterThan(0);
  });

  it('may end inside a word where training knows such a value, but not for the one product that says so', () => {
    const own = ['red mug 300ml', ''];
    expect(textsOf(spansOf({ category: 'Mugs', texts: own }), own)).toContain('300');
    const found = spansOf({ category: 'Mugs', texts: own, labels: LABELLED[0]!.labels });
    expect(textsOf(found, own)).not.toContain('300');
  });
});

describe('attributes', () => {
  it('are those that training saw in the category; all of them where the category is new', () => {
    const found = spansOf({ category: 'Mugs', texts: ['red mug', ''] });
    expect(found.attributes).toEqual(['color', 'material']);
    expect([...found.pairs]).toEqual([0, 1]);
    const elsewhere = spansOf({ category: 'Vases', texts: ['red vase', ''] });
    expect(elsewhere.attributes).toEqual(['color', 'material', 'power']);
    expect([...elsewhere.pairs]).toEqual([3, 3, 3]);
  });

  it('may be asked for by name, one that training never saw included', () => {
    const found = spansOf({ category: 'Lamps', texts: ['big lamp', ''], attributes: ['power', 'size'] });
    expect([...found.pairs]).toEqual([2, 3]);
  });
});

it('a name without tokens is the unknown token', () => {
  const [empty, named] = encoder.encodeNames(['', 'red']);
  expect([...empty!]).toEqual([tokenizer.special.unknown]);
  expect([...named!]).toEqual([...tokenizer.encode('red').ids]);
});
