/**
 * The one door to onnxruntime. A session runs one graph; `State` beside it holds parameters and optimiser state.
 *
 * `run` blocks the event loop (so does creating a session): call it in a worker thread when anything else must live.
 */
import { InferenceSession, Tensor as RuntimeTensor } from 'onnxruntime-node';
import { AttuneError } from '../base/errors.ts';
import { type Dim, namesOf, resolve, showShape } from './dimensions.ts';
import { graphError } from './errors.ts';
import { type EmitOptions, emitModel, type LeafType } from './onnx/emit.ts';
import type { Fill } from './ops/leaf.ts';
import { drawMask } from './random-mask.ts';
import type { DType, Tensor, TensorData, TensorType } from './tensor.ts';
import { verify } from './verify.ts';

export const DEVICES = ['cpu', 'webgpu', 'cuda'] as const;
export type Device = (typeof DEVICES)[number];

/** A dense array: row-major elements and the sizes of its axes. */
export type Value = { readonly dtype: DType; readonly dims: readonly number[]; readonly data: TensorData };
export type Values = Readonly<Record<string, Value>>;

export type SessionOptions = Omit<EmitOptions, 'emptyList'> & {
  readonly device?: Device;
  /** Threads inside one operation; the default is onnxruntime's, one a core. */
  readonly threads?: number;
};

/**
 * The binding (onnxruntime-node 1.30) writes a result in place where it is told to, and then copies it all the same, for
 * a tensor that nobody asked for; with all gradients of a model that is a tenth of a training step. It hands results
 * over in their order after the run is done, and stops at one that is no tensor. This is such a one, the first; it is
 * asked for when every other result has its place.
 */
const UNREADABLE = 'unreadable';
const REFUSAL = /non tensor type/i;

/** What fills the inputs that no caller gives. */
export type RandomKey = { readonly seed: number; readonly step: number };

export class Session {
  readonly inputs: readonly LeafType[];
  readonly outputs: readonly (TensorType & { readonly name: string })[];
  readonly #runtime: InferenceSession;
  readonly #masks = new Map<string, Uint8Array>();

  private constructor(runtime: InferenceSession, inputs: readonly LeafType[], outputs: Session['outputs']) {
    this.#runtime = runtime;
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * Prepares a graph to run.
   * @param outputs - the graph's results by name
   * @throws graph/illegal when the graph is not legal; graph/device-unavailable when the device is not there; graph/runtime-failed when the runtime refuses it
   */
  static async create(
    outputs: Readonly<Record<string, Tensor>>,
    options: SessionOptions = {},
  ): Promise<Session> {
    verify(Object.values(outputs));
    const model = emitModel(outputs, { ...options, emptyList: UNREADABLE });
    return new Session(await createRuntime(model.bytes, options), model.inputs, model.outputs);
  }

  /**
   * Runs the graph once.
   * @param values - every input and parameter by name, except inputs with a fill
   * @param into - outputs to write in place; their memory must not be that of any input
   * @param key - draws the inputs with a fill; required when there are any
   */
  async run(values: Values, into: Values = {}, key?: RandomKey): Promise<Record<string, Value>> {
    const sizes = this.#sizes(values);
    const feeds: Record<string, RuntimeTensor> = {};
    for (const leaf of this.inputs) {
      const fill = leaf.node.attributes.fill as Fill | undefined;
      const value = values[leaf.name] ?? (fill && this.#fill(leaf, fill, sizes, key));
      if (value === undefined)
        throw graphError(
          'graph/missing-input',
          `The graph needs the input "${leaf.name}" (${leaf.dtype} ${showShape(leaf.shape)}).`,
        );
      feeds[leaf.name] = wrap(value);
    }
    const targets = Object.keys(into).length === 0 ? into : this.#everyTarget(into);
    const fetches: Record<string, RuntimeTensor | null> = targets === into ? {} : { [UNREADABLE]: null };
    for (const { name } of this.outputs) {
      const target = targets[name];
      if (target && Object.values(values).some((value) => value.data === target.data)) {
        throw graphError('graph/unexpected-input', `The output "${name}" would be written over an input.`);
      }
      fetches[name] = target ? wrap(target) : null;
    }
    let results: InferenceSession.OnnxValueMapType = {};
    try {
      results = await this.#runtime.run(feeds, fetches);
    } catch (cause) {
      if (targets === into || !REFUSAL.test(messageOf(cause)))
        throw graphError('graph/runtime-failed', `The runtime failed to run a graph: ${messageOf(cause)}`, {
          cause,
        });
    }
    return Object.fromEntries(
      this.outputs.map(({ name }) => [name, targets[name] ?? unwrap(results[name] as RuntimeTensor)]),
    );
  }

  /** Frees the runtime's memory; the session cannot run afterwards. */
  async close(): Promise<void> {
    await this.#runtime.release();
  }

  /** A place for every output, the given ones and new ones; only the given ones where a size is not known beforehand. */
  #everyTarget(into: Values): Values {
    const others = this.outputs.filter(({ name }) => into[name] === undefined);
    if (
      others.some(({ dtype, shape }) => dtype !== 'float32' || shape.some((dim) => typeof dim !== 'number'))
    )
      return into;
    const made = others.map(({ name, dtype, shape }): [string, Value] => {
      const dims = shape as readonly number[];
      return [name, { dtype, dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)) }];
    });
    return { ...into, ...Object.fromEntries(made) };
  }

  #sizes(values: Values): ReadonlyMap<string, number> {
    const sizes = new Map<string, number>();
    for (const { name, dtype, shape } of this.inputs) {
      const value = values[name];
      if (value === undefined) continue;
      const fits =
        value.dtype === dtype &&
        value.dims.length === shape.length &&
        shape.every((dim, axis) => agrees(dim, value.dims[axis]!, sizes));
      if (!fits) {
        throw graphError(
          'graph/unexpected-input',
          `The input "${name}" must be ${dtype} ${showShape(shape)}. Got ${value.dtype} ${showShape(value.dims)}.`,
          {
            details: { name, expected: shape, dims: value.dims },
          },
        );
      }
    }
    return sizes;
  }

  #fill(leaf: LeafType, fill: Fill, sizes: ReadonlyMap<string, number>, key: RandomKey | undefined): Value {
    if (key === undefined)
      throw graphError(
        'graph/missing-input',
        `The graph draws "${leaf.name}" at random: run needs a seed and a step.`,
      );
    const dims = leaf.shape.map((dim) => resolve(dim, sizes) ?? 0);
    const length = dims.reduce((a, b) => a * b, 1);
    let buffer = this.#masks.get(leaf.name);
    if (buffer === undefined || buffer.length < length) {
      buffer = new Uint8Array(Math.ceil(length / 4) * 4);
      this.#masks.set(leaf.name, buffer);
    }
    drawMask(buffer, length, fill.keep, key.seed, key.step, leaf.name);
    return { dtype: 'uint8', dims, data: buffer.subarray(0, length) };
  }
}

/**
 * Runs an ONNX file once, as any other program would: how an export is checked.
 * @throws graph/runtime-failed when the runtime refuses the file or fails on it
 */
export async function runModelFile(
  path: string,
  values: Values,
  options: Pick<SessionOptions, 'device' | 'threads'> = {},
): Promise<Record<string, Value>> {
  const runtime = await createRuntime(path, options);
  try {
    const feeds = runtime.inputNames.map((name) => {
      const value = values[name];
      if (value === undefined)
        throw graphError('graph/missing-input', `${path} needs the input "${name}", which it did not get.`);
      return [name, wrap(value)] as const;
    });
    const results = await runtime.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [name, unwrap(tensor as RuntimeTensor)]),
    );
  } catch (cause) {
    if (cause instanceof AttuneError) throw cause;
    throw graphError('graph/runtime-failed', `The runtime failed to run ${path}: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    await runtime.release();
  }
}

/** An input or output of an ONNX file; an axis without a fixed size has a name, or none. */
export type FileTensor = {
  readonly name: string;
  /** As onnxruntime names it: float32, float16, int64. */
  readonly dtype: string;
  readonly shape: readonly (number | string)[];
};

/** An ONNX file of somebody else's, to be run many times; close it. */
export class ModelFile {
  readonly inputs: readonly FileTensor[];
  readonly outputs: readonly FileTensor[];
  readonly #runtime: InferenceSession;

  private constructor(runtime: InferenceSession) {
    this.#runtime = runtime;
    this.inputs = runtime.inputMetadata.map(fileTensor);
    this.outputs = runtime.outputMetadata.map(fileTensor);
  }

  /** @param bytes - of the whole file; weights in a second file are not found. @throws graph/runtime-failed */
  static async open(
    bytes: Uint8Array,
    options: Pick<SessionOptions, 'device' | 'threads'> = {},
  ): Promise<ModelFile> {
    return new ModelFile(await createRuntime(bytes, options));
  }

  /** @param values - every input by name; @returns the one output that is asked for. @throws graph/runtime-failed */
  async run(values: Values, output: string): Promise<Value> {
    try {
      const feeds = Object.entries(values).map(([name, value]) => [name, wrap(value)] as const);
      const results = await this.#runtime.run(Object.fromEntries(feeds), [output]);
      return unwrap(results[output] as RuntimeTensor);
    } catch (cause) {
      throw graphError('graph/runtime-failed', `The runtime failed to run a file: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  async close(): Promise<void> {
    await this.#runtime.release();
  }
}

function fileTensor(metadata: InferenceSession.ValueMetadata): FileTensor {
  const { name } = metadata;
  return metadata.isTensor
    ? { name, dtype: metadata.type, shape: metadata.shape }
    : { name, dtype: 'no tensor', shape: [] };
}

/** Whether a size fits; the first whole axis of a name gives the name its size. */
function agrees(dim: Dim, size: number, sizes: Map<string, number>): boolean {
  if (typeof dim === 'string' && namesOf(dim)[0] === dim && !sizes.has(dim)) sizes.set(dim, size);
  const known = resolve(dim, sizes);
  return known === undefined || known === size;
}

/** @param model - the bytes of an ONNX file, or its path */
async function createRuntime(model: Uint8Array | string, options: SessionOptions): Promise<InferenceSession> {
  const device = options.device ?? 'cpu';
  try {
    // Its overloads know each of the two, not their union.
    return await InferenceSession.create(model as string, {
      executionProviders: [device],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      logSeverityLevel: 3,
    });
  } catch (cause) {
    if (device !== 'cpu' && /not available|not found|backend|provider/i.test(messageOf(cause))) {
      throw graphError(
        'graph/device-unavailable',
        `The device "${device}" is not available here: ${messageOf(cause)}`,
        { cause, hint: 'Use device cpu.' },
      );
    }
    throw graphError('graph/runtime-failed', `The runtime refused a graph: ${messageOf(cause)}`, { cause });
  }
}

const messageOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));

function wrap({ dtype, dims, data }: Value): RuntimeTensor {
  return new RuntimeTensor(dtype, data as Float32Array, dims);
}

function unwrap(tensor: RuntimeTensor): Value {
  return { dtype: tensor.type as DType, dims: tensor.dims, data: tensor.data as TensorData };
}
