/**
 * Any ONNX file as a frozen encoder: pixel values or a sound's features in, one vector out. Which input and output are read is found
 * when training starts and stands in the spec; a bundle has the file beside it.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { transposed } from '../../features/audio/sound-input.ts';
import { type FileTensor, ModelFile, type Value } from '../../graph/session.ts';
import { modelError } from '../errors.ts';
import { ONNX_FILE } from './frozen.ts';
import type { FileEncoderSpec } from './spec.ts';
import type { VectorEncoder } from './vector-encoder.ts';

/** What stands in a spec's `encoder`. */
export type OnnxFileConfig = {
  readonly model_type: typeof ONNX_FILE;
  readonly input: string;
  readonly output: string;
  /** Of the input: what one file is, with a 1 before it for the batch. */
  readonly dims: readonly number[];
  /** Whether a sound's [bands, frames] are turned to [frames, bands], as AST's files read them. */
  readonly framesFirst: boolean;
  /** Numbers in a vector. */
  readonly width: number;
};

/** Outputs that hold one vector a file, by their usual names, the most telling first. */
const POOLED = [
  'pooler_output',
  'image_embeds',
  'audio_embeds',
  'sentence_embedding',
  'embeddings',
  'features',
];
const HIDDEN = 'last_hidden_state';

/** How a bundle names the file of a field. */
export const onnxFileName = (field: string) =>
  `encoder-${createHash('sha256').update(field).digest('hex').slice(0, 12)}.onnx`;

/**
 * Finds which input and output of a file serve, and runs it once.
 * @param shape - of what is made of one file: [3, height, width] of a picture, [rows, columns] of a sound
 * @param framesFirst - whether the file reads a sound's frames before its bands
 * @throws models/onnx-unfit saying which inputs and outputs it has and what was expected
 */
export async function describeOnnxFile(
  path: string,
  shape: readonly number[],
  framesFirst: boolean,
  threads: number | undefined,
): Promise<OnnxFileConfig> {
  const file = await openFile(path, threads);
  try {
    const input = inputOf(path, file.inputs, framesFirst ? shape.toReversed() : shape);
    const output = outputOf(path, file.outputs);
    const config = { model_type: ONNX_FILE, output, framesFirst, ...input, width: 0 } as const;
    const zeros = new Float32Array(input.dims.reduce((a, b) => a * b, 1));
    const [batch, ...rest] = (await run(file, config, zeros)).dims;
    if (batch !== 1 || rest.length < 1 || rest.length > 3) throw unfitOutput(path, file.outputs, output);
    return { ...config, width: rest.length === 2 ? rest[1]! : rest[0]! };
  } finally {
    await file.close();
  }
}

export async function openOnnxEncoder(
  path: string,
  { encoder }: Pick<FileEncoderSpec, 'encoder'>,
  threads: number | undefined,
): Promise<VectorEncoder> {
  const config = encoder as unknown as OnnxFileConfig;
  const file = await openFile(path, threads);
  const { width, dims, framesFirst } = config;
  return {
    fingerprint: `${ONNX_FILE} ${file.sha256} ${JSON.stringify(config)}`,
    width,
    encode: async (values) => {
      const turned = framesFirst ? transposed(values, dims[2]!, dims[1]!) : values;
      return averaged(await run(file, config, turned));
    },
    close: () => file.close(),
  };
}

async function openFile(path: string, threads: number | undefined) {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw modelError('models/checkpoint-missing', `${path} cannot be read: ${cause.message}.`, { cause });
  });
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = await ModelFile.open(bytes, threads === undefined ? {} : { threads }).catch((cause: Error) => {
    throw modelError('models/onnx-unfit', `${path} cannot be opened: ${cause.message}`, {
      cause,
      hint: 'It must be one ONNX file that holds its weights. Export it again without external data.',
    });
  });
  return Object.assign(file, { sha256 });
}

function inputOf(
  path: string,
  inputs: readonly FileTensor[],
  shape: readonly number[],
): Pick<OnnxFileConfig, 'input' | 'dims'> {
  const wanted = [1, ...shape];
  // A wave may come without an axis of rows.
  const forms = shape[0] === 1 ? [wanted, [1, ...shape.slice(1)]] : [wanted];
  const [only] = inputs;
  const dims = only && forms.find((form) => fits(only.shape, form));
  if (only && dims && inputs.length === 1 && only.dtype === 'float32') return { input: only.name, dims };
  throw modelError(
    'models/onnx-unfit',
    `${path} reads ${inputs.map(shown).join(' and ') || 'nothing'}; one input of float32 [${wanted.join(', ')}] was expected, which is what preprocessor_config.json makes.`,
    {
      hint: 'Its first axis is the batch: 1, or of any size. Export the model again so, or correct the size in preprocessor_config.json.',
    },
  );
}

const fits = (shape: FileTensor['shape'], wanted: readonly number[]) =>
  shape.length === wanted.length &&
  shape.every((dim, i) => typeof dim === 'string' || dim < 0 || dim === wanted[i]);

/** By its name, else the only one, else the only one of rank 2. */
function outputOf(path: string, outputs: readonly FileTensor[]): string {
  const names = outputs.map(({ name }) => name);
  const named = [...POOLED, HIDDEN].find((name) => names.includes(name));
  const vectors = outputs.filter(({ shape }) => shape.length === 2);
  const found =
    named ?? (outputs.length === 1 ? names[0] : vectors.length === 1 ? vectors[0]!.name : undefined);
  if (found === undefined) throw unfitOutput(path, outputs, undefined);
  const { dtype, shape } = outputs.find(({ name }) => name === found)!;
  // Without a known shape the first run tells.
  if (dtype !== 'float32' || (shape.length > 0 && (shape.length < 2 || shape.length > 4)))
    throw unfitOutput(path, outputs, found);
  return found;
}

function unfitOutput(path: string, outputs: readonly FileTensor[], found: string | undefined): Error {
  const which =
    found === undefined ? 'none of them says by its name that it is the vector' : `${found} is none of these`;
  return modelError(
    'models/onnx-unfit',
    `${path} gives ${outputs.map(shown).join(' and ') || 'nothing'}; a float32 output [batch, width], [batch, tokens, width] or [batch, channels, height, width] was expected, and ${which}.`,
    {
      hint: `Name the output that holds the vector ${POOLED[0]} or ${POOLED.at(-1)}, or ${HIDDEN} where it is to be averaged.`,
    },
  );
}

const shown = ({ name, dtype, shape }: FileTensor) => `${name} (${dtype} [${shape.join(', ')}])`;

function run(
  file: ModelFile,
  { input, output, dims }: Pick<OnnxFileConfig, 'input' | 'output' | 'dims'>,
  data: Float32Array,
): Promise<Value> {
  return file.run({ [input]: { dtype: 'float32', dims, data } }, output);
}

/** [1, D] as it is, [1, T, D] averaged over T, [1, C, H, W] over H and W. */
function averaged({ dims, data }: Value): Float32Array {
  const [, first, second, third] = dims as readonly [number, number, number?, number?];
  if (second === undefined) return Float32Array.from(data);
  const [count, width] = third === undefined ? [first, second] : [second * third, first];
  const out = new Float64Array(width);
  for (let i = 0; i < count; i++)
    for (let d = 0; d < width; d++) out[d]! += data[third === undefined ? i * width + d : d * count + i]!;
  return Float32Array.from(out, (sum) => sum / count);
}
