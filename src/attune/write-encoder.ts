/** A pretrained encoder as a Hugging Face folder. */
import type { JsonObject } from '../models/checkpoint/files.ts';
import { MAX_SHARD_BYTES, writeCheckpoint } from '../models/checkpoint/folder.ts';
import type { PretrainStart } from './pretrain-start.ts';
import { type RecipeExtras, writeRecipeFolder } from './recipe-folder.ts';

/** `model_type` -> transformers' class of the encoder with its head. */
const CLASSES: Readonly<Record<string, string>> = {
  bert: 'BertForMaskedLM',
  roberta: 'RobertaForMaskedLM',
  'xlm-roberta': 'XLMRobertaForMaskedLM',
  distilbert: 'DistilBertForMaskedLM',
  mpnet: 'MPNetForMaskedLM',
  modernbert: 'ModernBertForMaskedLM',
};

/**
 * Writes `config.json`, `model.safetensors` and the tokenizer, as transformers' `AutoModelForMaskedLM` loads them. The folder appears
 * whole or not at all.
 * @throws models/checkpoint-unreadable where it cannot be written
 */
export async function writeEncoder(
  out: string,
  { start, encoder, parameters }: PretrainStart,
  weights: ReadonlyMap<string, Float32Array>,
  extras: RecipeExtras,
): Promise<void> {
  const own = new Set(encoder.parameters.map(({ name }) => name));
  const written = CLASSES[encoder.modelType];
  const content = {
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
  } as const;
  await writeRecipeFolder(out, (made) => writeCheckpoint(made, content), extras);
}
