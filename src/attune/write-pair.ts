/** The aligned encoders as a Hugging Face folder. */
import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SMALL_PAIR } from '../models/architectures/small-pair.ts';
import type { JsonObject } from '../models/checkpoint/files.ts';
import { writeCheckpoint } from '../models/checkpoint/folder.ts';
import type { ParameterSpec } from '../models/layers/parameters.ts';
import type { PairStart } from './prepare-pairs.ts';

/** transformers' own. */
const MAX_SHARD_BYTES = 5e9;

export type PairExtras = {
  /** File name -> its text. */
  readonly texts: Readonly<Record<string, string>>;
  /** Folder of charts, which is copied. */
  readonly events: string;
};

/** Where the text encoder lies by itself in the folder of a pair; a CLIP's or SigLIP's reads only beside its pictures. */
export const textFolder = (folder: string, { encoder }: Pick<PairStart, 'encoder'>): string | undefined =>
  encoder.modelType === SMALL_PAIR ? join(folder, 'text') : undefined;

/**
 * Writes `config.json`, `model.safetensors`, the tokenizer and `preprocessor_config.json`: of a CLIP or SigLIP as transformers does.
 * The small encoders, which transformers does not know, have their text encoder in `text/` as well, a BERT by itself.
 * The folder appears whole or not at all.
 * @throws models/unwritable
 */
export async function writePair(
  out: string,
  { config, encoder, tokenizerFiles, preprocessor, maxTokens }: PairStart,
  weights: ReadonlyMap<string, Float32Array>,
  { texts, events }: PairExtras,
): Promise<void> {
  const made = `${out}.${process.pid}.new`;
  const sources = (parameters: readonly ParameterSpec[], prefix = '') =>
    parameters.map(({ name, shape }) => ({ name, shape, read: () => weights.get(prefix + name)! }));
  const common = { tokenizerFiles, dtype: 'F32', maxShardBytes: MAX_SHARD_BYTES, maxTokens } as const;
  try {
    await writeCheckpoint(made, { ...common, config, preprocessor, tensors: sources(encoder.parameters) });
    const text = textFolder(made, { encoder });
    if (text !== undefined) {
      await writeCheckpoint(text, {
        ...common,
        config: config.text_config as JsonObject,
        tensors: sources(encoder.text.parameters, encoder.text.prefix),
        pooling: { modes: ['mean'], normalize: false },
      });
    }
    for (const [name, text] of Object.entries(texts)) await writeFile(join(made, name), text);
    await cp(events, join(made, 'events'), { recursive: true });
    await rename(made, out);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    throw cause;
  }
}
