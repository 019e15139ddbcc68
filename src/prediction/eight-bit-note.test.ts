import { expect, it } from 'vitest';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { eightBitNote } from './eight-bit-note.ts';

/** A BERT of one layer, whose largest product is with `[4 * width, width]`; its tables of words and positions are larger. */
const specOf = (width: number): AttributeModelSpec => ({
  encoder: {
    model_type: 'bert',
    vocab_size: 4096,
    hidden_size: width,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    intermediate_size: 4 * width,
    max_position_embeddings: 4096,
    type_vocab_size: 2,
  },
  vocabulary: undefined,
  pooling: 'mean',
  fields: [{ name: 'title', maxTokens: 32 }],
  categoryContext: false,
  maxTokens: 32,
  choices: [{ attribute: 'kind', kind: 'choice', values: ['a', 'b'], notApplicable: false }],
  numbers: [],
  spans: undefined,
});

it('says that eight bits change nothing where no matrix is large enough, and nothing otherwise', () => {
  expect(eightBitNote(specOf(64), 'int8')).toMatch(/changes nothing .* 65,536 numbers/);
  expect(eightBitNote(specOf(128), 'int8')).toBeUndefined();
  for (const precision of ['fp32', undefined] as const)
    expect(eightBitNote(specOf(64), precision)).toBeUndefined();
});
