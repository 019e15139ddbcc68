import { describe, expect, it } from 'vitest';
import { languageModelParameters } from '../heads/language-model.ts';
import { carriedAlong } from './carried-along.ts';
import { MODEL_TYPES, openArchitecture } from './registry.ts';

const encoderOf = (modelType: string) => openArchitecture({ model_type: modelType });
const matches = (patterns: readonly RegExp[], name: string) => patterns.some((pattern) => pattern.test(name));

describe('carriedAlong', () => {
  it.each([
    ['bert', 'bert.pooler.dense.weight'],
    ['bert', 'pooler.dense.bias'],
    ['bert', 'embeddings.position_ids'],
    ['bert', 'cls.seq_relationship.weight'],
    ['bert', 'cls.predictions.decoder.weight'],
    ['roberta', 'lm_head.decoder.bias'],
    ['distilbert', 'vocab_projector.weight'],
    ['modernbert', 'decoder.weight'],
    ['gpt2', 'h.11.attn.bias'],
    ['gpt2', 'transformer.h.0.attn.masked_bias'],
    ['gpt2', 'lm_head.weight'],
  ])('lets %s checkpoints have %s', (modelType, name) => {
    expect(matches(carriedAlong(encoderOf(modelType), true), name)).toBe(true);
  });

  it.each(MODEL_TYPES)(
    'hides no parameter of %s, and its head only when the head is not wanted',
    (modelType) => {
      const encoder = encoderOf(modelType);
      const head = languageModelParameters(encoder).map(({ name }) => name);
      const body = encoder.parameters.map(({ name }) => name);
      const wanted = [...body, ...head];
      expect(wanted.filter((name) => matches(carriedAlong(encoder, true), name))).toEqual([]);
      expect(wanted.filter((name) => matches(carriedAlong(encoder, false), name))).toEqual(head);
    },
  );

  it("does not let a classifier go unnoticed, nor another model's layers", () => {
    const patterns = carriedAlong(encoderOf('bert'), false);
    for (const name of ['classifier.weight', 'encoder.layer.12.output.dense.weight', 'attn.bias']) {
      expect(matches(patterns, name)).toBe(false);
    }
  });
});
