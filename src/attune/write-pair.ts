/** The aligned encoders as a Hugging Face folder. */
import { join } from 'node:path';
import { SMALL_PAIR } from '../models/architectures/small-pair.ts';
import type { JsonObject } from '../models/checkpoint/files.ts';
import { MAX_SHARD_BYTES, writeCheckpoint } from '../models/checkpoint/folder.ts';
import type { ParameterSpec } from '../models/layers/parameters.ts';
import type { PairStart } from './prepare-pairs.ts';
import { type RecipeExtras, writeRecipeFolder } from './recipe-folder.ts';

/** Where the text encoder lies by itself in the folder of a pair; a CLIP's or SigLIP's reads only beside its pictures. */
export const textFolder = (folder: string, { encoder }: Pick<PairStart, 'encoder'>): string | undefined =>
  encoder.modelType === SMALL_PAIR ? join(folder, 'text') : undefined;

/**
 * Writes `config.json`, `model.safetensors`, the tokenizer and `preprocessor_config.json`: of a CLIP or SigLIP as transformers does.
 * The small encoders, which transformers does not know, have their text encoder in `text/` as well, a BERT by itself.
 * The folder appears whole or not at all.
 * @throws models/checkpoint-unreadable where it cannot be written
 */
export async function writePair(
  out: string,
  { config, encoder, tokenizerFiles, preprocessor, maxTokens }: PairStart,
  weights: ReadonlyMap<string, Float32Array>,
  extras: RecipeExtras,
): Promise<void> {
  const sources = (parameters: readonly ParameterSpec[], prefix = '') =>
    parameters.map(({ name, shape }) => ({ name, shape, read: () => weights.get(prefix + name)! }));
  const common = { tokenizerFiles, dtype: 'F32', maxShardBytes: MAX_SHARD_BYTES, maxTokens } as const;
  const write = async (made: string) => {
    await writeCheckpoint(made, { ...common, config, preprocessor, tensors: sources(encoder.parameters) });
    const text = textFolder(made, { encoder });
    if (text === undefined) return;
    await writeCheckpoint(text, {
      ...common,
      config: config.text_config as JsonObject,
      tensors: sources(encoder.text.parameters, encoder.text.prefix),
      pooling: { modes: ['mean'], normalize: false },
    });
  };
  await writeRecipeFolder(out, write, extras);
}
