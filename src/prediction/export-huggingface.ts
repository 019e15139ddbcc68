/**
 * The trained encoder as a Hugging Face folder, which transformers' `AutoModel` and sentence-transformers load. The heads
 * are Attune's own and stay in the bundle. The folder is read back and compared before it takes its name.
 */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { encoderOf } from '../models/attribute/attribute-model.ts';
import { readsText } from '../models/attribute/fusion.ts';
import type { JsonObject } from '../models/checkpoint/files.ts';
import { MAX_SHARD_BYTES, readCheckpoint, writeCheckpoint } from '../models/checkpoint/folder.ts';
import type { ReadBundle } from './bundle.ts';
import { predictionError } from './errors.ts';
import { unwritable } from './unwritable.ts';

export type ExportedFolder = { readonly path: string; readonly tensors: number; readonly parameters: number };

/** @throws prediction/export-exists, prediction/no-text-encoder, prediction/export-differs (the folder is not kept then), prediction/unwritable */
export async function exportHuggingFace(bundle: ReadBundle, path: string): Promise<ExportedFolder> {
  if (existsSync(path)) {
    throw predictionError('prediction/export-exists', `${path} is there already.`, {
      hint: 'Name another folder, or delete it first.',
    });
  }
  const { file, checkpoint } = bundle;
  if (!readsText(file.model)) {
    throw predictionError(
      'prediction/no-text-encoder',
      `The model ${file.name} reads no text, so it has no text encoder to export.`,
      { hint: 'Export it to ONNX instead: attune export --to onnx FILE.' },
    );
  }
  const encoder = encoderOf(file.model);
  const made = `${path}.${process.pid}.new`;
  try {
    await writeCheckpoint(made, {
      config: file.model.encoder as JsonObject,
      tokenizerFiles: checkpoint.tokenizerFiles,
      tensors: encoder.parameters.map(({ name, shape }) => ({
        name,
        shape,
        read: () => checkpoint.weights.read(name),
      })),
      dtype: 'F32',
      maxShardBytes: MAX_SHARD_BYTES,
      pooling: { modes: [file.model.pooling === 'first' ? 'cls' : 'mean'], normalize: false },
      maxTokens: file.model.maxTokens,
    });
    const written = await readCheckpoint(made, [encoder.modelType]);
    for (const { name } of encoder.parameters) {
      const [expected, actual] = [await checkpoint.weights.read(name), await written.weights.read(name)];
      if (!bytesOf(expected).equals(bytesOf(actual))) {
        throw predictionError(
          'prediction/export-differs',
          `The tensor ${name} of the exported folder is not the model's. The folder was not kept.`,
          { hint: 'Check the disk, and export again.', details: { name } },
        );
      }
    }
    await rename(made, path);
    const sizes = encoder.parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    return { path, tensors: sizes.length, parameters: sizes.reduce((a, b) => a + b, 0) };
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    throw unwritable(path, cause);
  }
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength);
