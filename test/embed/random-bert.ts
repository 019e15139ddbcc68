/** A checkpoint folder for tests: a small BERT with random weights, and a vocabulary learned from a few texts. */
import { readFileSync } from 'node:fs';
import { Random } from '../../src/base/random.ts';
import { trainWordPiece } from '../../src/features/text/train-wordpiece.ts';
import { openArchitecture } from '../../src/models/architectures/registry.ts';
import type { JsonObject } from '../../src/models/checkpoint/files.ts';
import { writeCheckpoint } from '../../src/models/checkpoint/folder.ts';
import type { Pooling } from '../../src/models/checkpoint/pooling.ts';
import { initialValues } from '../../src/models/layers/parameters.ts';

const CONFIG = new URL('../golden/architectures/fixtures/bert/config.json', import.meta.url);
/** Weights this much larger than usual, so that texts get vectors that differ. */
const LOUDNESS = 3;

export async function writeRandomBert(
  folder: string,
  options: { readonly texts: readonly string[]; readonly width: number; readonly pooling: Pooling },
): Promise<void> {
  const { texts, width, pooling } = options;
  const sizes = { hidden_size: width, intermediate_size: 2 * width };
  const config = { ...JSON.parse(readFileSync(CONFIG, 'utf8')), ...sizes };
  const files = await trainWordPiece(texts, { vocabularySize: config.vocab_size });
  await writeCheckpoint(folder, {
    config,
    tokenizerFiles: files as { 'tokenizer.json': JsonObject; 'tokenizer_config.json': JsonObject },
    tensors: openArchitecture(config).parameters.map((spec, i) => ({
      name: spec.name,
      shape: spec.shape,
      read: async () => initialValues(spec, new Random(1, i)).map((v) => LOUDNESS * v),
    })),
    dtype: 'F32',
    maxShardBytes: 1e9,
    pooling,
    maxTokens: 16,
  });
}
