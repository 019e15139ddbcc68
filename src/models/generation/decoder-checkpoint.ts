/** A GPT-2 folder of Hugging Face as a decoder: read with everything checked, and written so that `GPT2LMHeadModel` loads it. */
import { carriedAlong } from '../architectures/carried-along.ts';
import type { TextEncoder } from '../architectures/encoder.ts';
import { openArchitecture } from '../architectures/registry.ts';
import type { JsonObject } from '../checkpoint/files.ts';
import { type Checkpoint, MAX_SHARD_BYTES, readCheckpoint, writeCheckpoint } from '../checkpoint/folder.ts';
import { alignNames, checkTensors } from '../checkpoint/tensor-names.ts';
import type { TokenizerFiles } from '../checkpoint/tokenizer-files.ts';
import { languageModelParameters } from '../heads/language-model.ts';

const DECODER_TYPES = ['gpt2'] as const;

export type DecoderCheckpoint = Checkpoint & { readonly encoder: TextEncoder };

/** @throws models/architecture-unsupported for anything but GPT-2 with tied embeddings, and what reading a checkpoint throws */
export async function readDecoder(folder: string): Promise<DecoderCheckpoint> {
  const checkpoint = await readCheckpoint(folder, DECODER_TYPES);
  const encoder = openArchitecture(checkpoint.config);
  const specs = [...encoder.parameters, ...languageModelParameters(encoder)];
  const weights = alignNames(
    checkpoint.weights,
    specs.map(({ name }) => name),
  );
  checkTensors(new Map(specs.map(({ name, shape }) => [name, shape])), weights, {
    ignore: [...carriedAlong(encoder, true)],
  });
  return { ...checkpoint, encoder, weights };
}

export type DecoderContent = {
  readonly config: Readonly<Record<string, unknown>>;
  readonly tokenizerFiles: TokenizerFiles;
  read(name: string): Float32Array;
};

export async function writeDecoder(
  folder: string,
  { config, tokenizerFiles, read }: DecoderContent,
): Promise<void> {
  const encoder = openArchitecture(config);
  await writeCheckpoint(folder, {
    config: { ...(config as JsonObject), architectures: ['GPT2LMHeadModel'] },
    tokenizerFiles,
    tensors: encoder.parameters.map(({ name, shape }) => ({
      name: encoder.prefix + name,
      shape,
      read: () => read(name),
    })),
    dtype: 'F32',
    maxShardBytes: MAX_SHARD_BYTES,
    maxTokens: encoder.maxTokens,
  });
}
