/** `attune export`: a trained model in the formats of other programs. */
import { type Progress, silent } from '../base/progress.ts';
import { type ReadBundle, readBundle } from '../prediction/bundle.ts';
import { predictionError } from '../prediction/errors.ts';
import { exportDecoder } from '../prediction/export-decoder.ts';
import { type ExportedFolder, exportHuggingFace } from '../prediction/export-huggingface.ts';
import { type ExportedOnnx, exportOnnx } from '../prediction/export-onnx.ts';
import type { ProductInput } from '../prediction/prediction.ts';

export type ExportBundleOptions = {
  /** Folder of the bundle. */
  readonly model: string;
  /** `onnx`: the model in one file, but for a wide part; `huggingface`: its encoder as a folder. */
  readonly to: 'onnx' | 'huggingface';
  /** For `huggingface`: the encoder (unless given), or the decoder of free texts. */
  readonly part?: 'encoder' | 'decoder';
  /** The file or folder to make. */
  readonly out: string;
  /** Whether a file that is there may be replaced; a folder never is. */
  readonly overwrite?: boolean;
  readonly threads?: number;
  readonly progress?: Progress;
};

export type ExportBundleResult =
  | ({ readonly to: 'onnx' } & ExportedOnnx)
  | ({ readonly to: 'huggingface' } & ExportedFolder);

/**
 * What is exported is compared with the bundle before it is kept.
 * @throws prediction/bundle-missing, prediction/export-exists, prediction/export-differs, prediction/export-too-large,
 *   prediction/no-decoder, prediction/only-texts
 */
export async function exportBundle(options: ExportBundleOptions): Promise<ExportBundleResult> {
  const { model, to, part = 'encoder', out, overwrite, threads, progress = silent } = options;
  const bundle = await readBundle(model);
  progress({ kind: 'stage', stage: 'Exporting and checking', total: undefined });
  if (to === 'huggingface') {
    const write = part === 'decoder' ? exportDecoder : exportHuggingFace;
    return { to, ...(await write(bundle, out)) };
  }
  requireHeads(bundle);
  const examples = bundle.examples.length > 0 ? bundle.examples : wordsOfModel(bundle.file.model.fields);
  const exported = await exportOnnx(bundle, out, {
    examples,
    overwrite: overwrite ?? false,
    ...(threads === undefined ? {} : { threads }),
  });
  return { to, ...exported };
}

/** @throws prediction/only-texts */
function requireHeads({ file }: ReadBundle): void {
  if (file.attributes.some(({ schema }) => schema.kind !== 'generate')) return;
  throw predictionError(
    'prediction/only-texts',
    `The model ${file.name} only writes texts, and an ONNX file holds no decoder.`,
    { hint: 'Export its decoder: attune export --to huggingface --part decoder FOLDER.' },
  );
}

/** A model without test products is checked on its fields' names, one text longer than the other. */
function wordsOfModel(fields: readonly { readonly name: string }[]): readonly ProductInput[] {
  const names = fields.map(({ name }) => name);
  return [1, 3].map((times) => ({
    texts: Object.fromEntries(names.map((name) => [name, names.join(' ').repeat(times)])),
  }));
}
