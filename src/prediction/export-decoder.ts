/** The trained decoder of texts as a GPT-2 folder, which transformers' `GPT2LMHeadModel` loads. */
import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readDecoder } from '../models/generation/decoder-checkpoint.ts';
import type { ReadBundle } from './bundle.ts';
import { DECODER_FOLDER } from './decoder-part.ts';
import { predictionError } from './errors.ts';
import type { ExportedFolder } from './export-huggingface.ts';
import { unwritable } from './unwritable.ts';

/** @throws prediction/export-exists, prediction/no-decoder, prediction/unwritable */
export async function exportDecoder(bundle: ReadBundle, path: string): Promise<ExportedFolder> {
  if (existsSync(path)) {
    throw predictionError('prediction/export-exists', `${path} is there already.`, {
      hint: 'Name another folder, or delete it first.',
    });
  }
  if (bundle.file.generator === undefined) {
    throw predictionError(
      'prediction/no-decoder',
      `The model ${bundle.file.name} writes no texts, so it has no decoder to export.`,
      { hint: 'Train with an attribute of kind generate, or export the encoder.' },
    );
  }
  const made = `${path}.${process.pid}.new`;
  try {
    await cp(join(bundle.folder, DECODER_FOLDER), made, { recursive: true });
    const { encoder } = await readDecoder(made);
    await rename(made, path);
    const sizes = encoder.parameters.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    return { path, tensors: sizes.length, parameters: sizes.reduce((a, b) => a + b, 0) };
  } catch (cause) {
    await rm(made, { recursive: true, force: true });
    throw unwritable(path, cause);
  }
}
