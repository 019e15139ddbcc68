/**
 * A bundle as one ONNX file of standard operators, for any runtime. The file is run beside the bundle on real products
 * before it is kept.
 *
 * Inputs: `ids`, `mask` (and `segments`) `[batch, tokens]` int32, as the bundle's tokenizer makes them; where values are
 * extracted also the `spans.*` arrays of its candidates; of pictures and sounds `media.<field>.values` (what the field's encoder
 * reads; of an encoder that is an ONNX file `media.<field>.vectors`, what that gives) and `media.<field>.shares`, of numbers and
 * dates `table.values`, of categories `table.categories`, of behaviour `behaviour.<field>.*`, and `fusion.present`. Outputs:
 * `probabilities.<attribute>` `[batch, values]` of a choice
 * (its last column is "not applicable" where the metadata says so) or a multi, `number.<attribute>` `[batch, 1]` in the
 * attribute's unit, and the logits `spans` `[batch, spans, attributes]` and `none` `[batch, attributes]`. What columns
 * mean, and how each input is made of a product, stands in the file's metadata under `attune`. The members of an ensemble are averaged inside. The wide part, sums over
 * n-grams of the text, is not in the file (`complete` says so): train with `model.wide=false` for a file that is the whole
 * model.
 */
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { Random } from '../base/random.ts';
import type { ObservedBehaviour } from '../catalog/product.ts';
import { emitModel } from '../graph/onnx/emit.ts';
import { runModelFile, Session, type Value, type Values } from '../graph/session.ts';
import { attributeModelParameters } from '../models/attribute/attribute-model.ts';
import { type LoadedMedia, withMedia } from '../models/attribute/example.ts';
import { mediaEncoderOf, mediaWidth } from '../models/attribute/media-vectors.ts';
import type { AttributeModelSpec, BehaviourSpec } from '../models/attribute/spec.ts';
import type { ReadBundle } from './bundle.ts';
import { type BundleModel, bundleModel } from './bundle-model.ts';
import { predictionError } from './errors.ts';
import { type ExportGraph, exportGraph } from './export-graph.ts';
import { describeInputs } from './export-inputs.ts';
import type { ProductInput } from './prediction.ts';
import { unwritable } from './unwritable.ts';

/** Largest difference of an output between the file and the bundle: of 1, or of the number where it is larger. */
export const EXPORT_TOLERANCE = 1e-4;
/** protobuf's own limit on a message, with room for the graph. */
const MAX_BYTES = 2 ** 31 - 2 ** 24;

export type ExportedOnnx = {
  readonly path: string;
  /** False where the bundle has a wide part, which the file lacks: its answers then are those of the encoder alone. */
  readonly complete: boolean;
  readonly bytes: number;
  /** Largest difference found, and on how many products. */
  readonly difference: number;
  readonly checkedOn: number;
};

export type ExportOnnxOptions = {
  /** Products that the file is checked on. */
  readonly examples: readonly ProductInput[];
  readonly overwrite?: boolean;
  readonly threads?: number;
  /** Instead of `EXPORT_TOLERANCE`. */
  readonly tolerance?: number;
};

/**
 * @throws prediction/export-exists, prediction/export-too-large, prediction/export-differs (the file is not kept then),
 *   prediction/unwritable
 */
export async function exportOnnx(
  bundle: ReadBundle,
  path: string,
  options: ExportOnnxOptions,
): Promise<ExportedOnnx> {
  if (existsSync(path) && options.overwrite !== true) {
    throw predictionError('prediction/export-exists', `${path} is there already.`, {
      hint: 'Name another file, or allow it to be replaced with --overwrite.',
    });
  }
  const { model, members } = bundle.file;
  refuseTooLarge(model, members);
  const parts = await bundleModel(bundle);
  const graph = exportGraph(model, parts);
  const { bytes } = emitModel(graph.outputs, {
    standard: true,
    weights: graph.weights,
    metadata: {
      attune: JSON.stringify({ ...metadataOf(bundle), inputs: describeInputs(model, graph.outputs) }),
    },
  });
  const partial = `${path}.partial`;
  try {
    await writeFile(partial, bytes);
    const difference = await largestDifference(partial, graph, parts, bundle, options);
    const tolerance = options.tolerance ?? EXPORT_TOLERANCE;
    if (!(difference <= tolerance)) {
      throw predictionError(
        'prediction/export-differs',
        `The exported file answers otherwise than the model: by ${difference.toExponential(1)}, where at most ${tolerance} is allowed. It was not kept.`,
        {
          hint: 'Export to Hugging Face instead, and please report this.',
          details: { difference, tolerance },
        },
      );
    }
    await rename(partial, path);
    return {
      path,
      complete: bundle.wide === undefined,
      bytes: bytes.length,
      difference,
      checkedOn: options.examples.length,
    };
  } catch (cause) {
    await rm(partial, { force: true });
    throw unwritable(path, cause);
  }
}

function refuseTooLarge(model: AttributeModelSpec, members: number): void {
  const weights = attributeModelParameters(model).reduce(
    (total, { shape }) => total + shape.reduce((a, b) => a * b, 1),
    0,
  );
  const bytes = 4 * members * weights;
  if (bytes <= MAX_BYTES) return;
  throw predictionError(
    'prediction/export-too-large',
    `The model has ${(bytes / 1e9).toFixed(1)} GB of weights; one ONNX file can hold 2.1 GB.`,
    { hint: 'Export a Hugging Face folder instead: attune export --to huggingface DIR.', details: { bytes } },
  );
}

function metadataOf({ file, wide }: ReadBundle) {
  const { model, attributes } = file;
  return {
    version: file.version,
    complete: wide === undefined,
    choices: model.choices,
    numbers: model.numbers,
    spans: model.spans,
    confidence: Object.fromEntries(attributes.map(({ schema, trust }) => [schema.name, trust ?? null])),
  };
}

async function largestDifference(
  path: string,
  { outputs, weights }: ExportGraph,
  { encoder, batches }: BundleModel,
  { file }: ReadBundle,
  { examples, threads }: ExportOnnxOptions,
): Promise<number> {
  const run = threads === undefined ? {} : { threads };
  const all = batches.make(
    examples.map(({ category, texts, table }, i) => {
      const product = {
        category,
        texts: file.model.fields.map(({ name }) => texts[name] ?? ''),
        table: file.model.tableInputs?.map(({ field }) => table?.[field]) ?? [],
        behaviour: file.model.behaviour && someBehaviour(file.model.behaviour, i),
      };
      return withMedia(encoder.encode(product), noise(file.model, i));
    }),
  );
  const session = await Session.create(outputs, { weights, ...run });
  try {
    const values = Object.fromEntries(session.inputs.map(({ name }): [string, Value] => [name, all[name]!]));
    return differenceOf(await session.run(values), await runModelFile(path, values, run));
  } finally {
    await session.close();
  }
}

/** A file of noise in each field of pictures or sounds: a bundle's examples have none, and the graph is to be checked whole. */
function noise({ media = [] }: AttributeModelSpec, example: number): LoadedMedia {
  const random = new Random(example, 0x2015e);
  return media.map((field) => {
    if (field.frozen) return [Float32Array.from({ length: mediaWidth(field) }, () => random.normal())];
    const { channels, height, imageWidth } = mediaEncoderOf(field);
    const size = channels * height * imageWidth;
    if (field.kind === 'audio') return [Float32Array.from({ length: size }, () => random.normal())];
    const pixels = Uint8Array.from({ length: size }, () => random.below(256));
    return [{ height, width: imageWidth, pixels }];
  });
}

/** What a bundle's examples lack as well: a vector of noise, and neighbours and words that training knew. */
function someBehaviour({ encoding: { mean, known } }: BehaviourSpec, example: number): ObservedBehaviour {
  const random = new Random(example, 0xbe4a);
  const some = (members: readonly string[]) =>
    members.slice(example, example + 3).map((text) => ({ text, weight: 1 + random.uniform() }));
  return {
    vector: Float32Array.from(mean, (center) => center + random.normal()),
    neighbours: { viewed: some(known.viewed), bought: some(known.bought) },
    queries: some(known.words),
  };
}

/** The largest |a - b| / max(1, |b|); infinite where an output is missing or of another size. */
function differenceOf(expected: Values, actual: Values): number {
  let largest = 0;
  for (const [name, { data }] of Object.entries(expected)) {
    const found = actual[name]?.data;
    if (found === undefined || found.length !== data.length) return Number.POSITIVE_INFINITY;
    for (let i = 0; i < data.length; i++) {
      const difference = Math.abs(found[i]! - data[i]!) / Math.max(1, Math.abs(data[i]!));
      if (!(difference <= largest))
        largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    }
  }
  return largest;
}
