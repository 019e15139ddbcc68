/**
 * Samples that the channels of an encoder are measured on before its weights are rounded. They are random token ids,
 * drawn the same at each start: the loud channels are the model's own, whatever the text, and an answer must not depend
 * on which texts came first.
 */
import { Random } from '../base/random.ts';
import type { Values } from '../graph/session.ts';
import type { TextEncoder } from '../models/architectures/encoder.ts';

const BATCHES = 8;
const ROWS = 6;
const TOKENS = 24;
/** Names these draws; any number does, so long as it stays. */
const STREAM = 0x0e19;

/** @param maxTokens - the longest row that the model reads */
export function sampleInputs(encoder: TextEncoder, maxTokens: number): Values[] {
  const random = new Random(STREAM);
  const tokens = Math.min(maxTokens, TOKENS);
  const dims = [ROWS, tokens];
  const int32 = (data: Int32Array) => ({ dtype: 'int32', dims, data }) as const;
  return Array.from({ length: BATCHES }, () => ({
    ids: int32(Int32Array.from({ length: ROWS * tokens }, () => random.below(encoder.vocabulary))),
    mask: int32(new Int32Array(ROWS * tokens).fill(1)),
    segments: int32(new Int32Array(ROWS * tokens)),
  }));
}
