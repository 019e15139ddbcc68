import { describe, expect, it } from 'vitest';
import { checkDecoderMemory, decoderMemory } from './decoder-memory.ts';

const spec = (size: object, maxTokens = 40) => ({
  decoder: { model_type: 'gpt2', ...size },
  fields: [],
  table: [],
  category: false,
  maxPromptTokens: 256,
  attributes: [
    {
      attribute: 'title',
      description: undefined,
      reads: [],
      given: [],
      maxTokens,
      beams: 1,
      lengthPenalty: 1,
      noRepeat: 0,
      list: false,
    },
  ],
});
const SETTINGS = { batchSize: 16, maxTokensPerMicroBatch: 4096 };

describe('the memory of a decoder', () => {
  it('is told by its size, and grows with the texts and with what is computed at once', () => {
    const small = { vocab_size: 8000, n_positions: 320, n_embd: 192, n_layer: 4, n_head: 6 };
    const bytes = decoderMemory(spec(small), SETTINGS);
    expect(decoderMemory(spec({}), SETTINGS)).toBeGreaterThan(5 * 124e6 * 4);
    expect(decoderMemory(spec(small, 80), SETTINGS)).toBeGreaterThan(bytes);
    expect(decoderMemory(spec(small), { ...SETTINGS, maxTokensPerMicroBatch: 512 })).toBeLessThan(bytes);
  });

  it('is refused where there is not so much', () => {
    expect(() => checkDecoderMemory(spec({}), SETTINGS, 1e9)).toThrow(/decoder of texts needs about .* GB/);
    expect(checkDecoderMemory(spec({}), SETTINGS, 1e12)).toBe(decoderMemory(spec({}), SETTINGS));
  });
});
