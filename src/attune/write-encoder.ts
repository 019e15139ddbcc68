/** A pretrained encoder as a Hugging Face folder. */
import { cp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../models/checkpoint/files.ts';
import { writeCheckpoint } from '../models/checkpoint/folder.ts';
import type { PretrainStart } from './pretrain-start.ts';

/** transformers' own. */
const MAX_SHARD_BYTES = 5e9;

/** `model_type` -> transformers' class of the encoder with its head. */
const CLASSES: Readonly<Record<string, string>> = {
  bert: 'BertForMaskedLM',
  roberta: 'RobertaForMaskedLM',
  'xlm-roberta': 'XLMRobertaForMaskedLM',
  distilbert: 'DistilBertForMaskedLM',
  mpnet: 'MPNetForMaskedLM',
  modernbert: 'ModernBertForMaskedLM',
};

export type EncoderExtras = {
  /** File name -> its text. */
  readonly texts: Readonly<Record<string, string>>;
  /** Folder of charts, which is copied. */
  readonly events: string;
};

/**
 * Writes `config.json`, `model.safetensors` and the tokenizer, as transformers' `AutoModelForMaskedLM` loads them. The folder appears
 * whole or not at all.
 * @throws models/unwritable
 */
export async function writeEncoder(
  out: string,
  { start, encoder, parameters }: PretrainStart,
  weights: ReadonlyMap<string, Float32Array>,
  { texts, events }: EncoderExtras,
): Promise<void> {
  const made = `${out}.${process.pid}.new`;
  const own = new Set(encoder.parameters.map(({ name }) => name));
  const written = CLASSES[encoder.modelType];
  try {
    await writeCheckpoint(made, {
      config: { ...(start.encoder as JsonObject), ...(written ? { architectures: [written] } : {}) },
      tokenizerFiles: start.tokenizerFiles,
      tensors: parameters.map(({ name, shape }) => ({
        name: own.has(name) ? encoder.prefix + name : name,
        shape,
        read: () => weights.get(name)!,
      })),
      dtype: 'F32',
      maxShardBytes: MAX_SHARD_BYTES,
      maxTokens: start.maxTokens,
    });
    for (const [name, text] of Object.entries(texts)) await writeFile(join(made, name), text);
    await cp(events, join(made, 'events'), { recursive: true });
    await rename(made, out);
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    throw cause;
  }
}
