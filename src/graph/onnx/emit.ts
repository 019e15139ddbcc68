/** Writes a graph as an ONNX model: each operation's own ONNX form, leaves as inputs or as stored weights. */
import { coefficientOf, type Dim, namesOf, type Shape } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import { definitionOf, type OpKind } from '../ops/table.ts';
import { topologicalOrder } from '../order.ts';
import type { DType, Emitter, Node, OnnxAttributes, Tensor, TensorData, TensorType } from '../tensor.ts';
import {
  ATTRIBUTE_TYPE,
  ELEMENT_TYPE,
  encodeModel,
  type OnnxAttribute,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './schema.ts';

export type EmitOptions = {
  /** Standard operators only, for any runtime; otherwise onnxruntime's fused ones are used too. */
  readonly standard?: boolean;
  /** Weights to store in the file, by parameter name; a parameter that is not here becomes an input. */
  readonly weights?: ReadonlyMap<string, Float32Array>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Puts a result of this name before the others that is an empty list of tensors, for a purpose of the runtime's. */
  readonly emptyList?: string;
};

export type LeafType = TensorType & { readonly name: string; readonly node: Node };
export type EmittedModel = {
  readonly bytes: Uint8Array;
  readonly inputs: readonly LeafType[];
  readonly outputs: readonly (TensorType & { readonly name: string })[];
};

const OPSET = 20;
/** protobuf's own limit on one message. */
const MAX_BYTES = 2 ** 31 - 1;

/** @param outputs - the graph's results by name */
export function emitModel(
  outputs: Readonly<Record<string, Tensor>>,
  options: EmitOptions = {},
): EmittedModel {
  const writer = new Writer(Object.values(outputs), options);
  const inputs: LeafType[] = [];
  const names = new Map<Node, readonly string[]>();
  for (const node of writer.order) {
    const inputNames = node.inputs.map(({ node: from, index }) => names.get(from)![index]!);
    names.set(node, definitionOf(node.kind as OpKind).emit(inputNames, node.attributes, writer, node));
    if (node.kind !== 'input' && node.kind !== 'parameter') continue;
    const name = node.attributes.name as string;
    const weights = node.kind === 'parameter' ? options.weights?.get(name) : undefined;
    if (weights) writer.store(name, 'float32', node.outputs[0]!.shape as readonly number[], weights);
    else inputs.push({ ...node.outputs[0]!, name, node });
  }
  writer.nameOutputs(
    Object.entries(outputs).map(([name, { node, index }]) => [names.get(node)![index]!, name] as const),
  );
  const results = Object.entries(outputs).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const bytes = writer.finish(inputs, results, options);
  return { bytes, inputs, outputs: results };
}

class Writer implements Emitter {
  readonly order: readonly Node[];
  readonly standard: boolean;
  readonly #used = new Map<Node, Set<number>>();
  readonly #weights: EmitOptions['weights'];
  #nodes: OnnxNode[] = [];
  readonly #stored: OnnxTensor[] = [];
  readonly #constants = new Map<string, string>();
  readonly #sizes = new Map<string, string>();
  /** Where the size of a named dimension can be read: an input's name and axis. */
  readonly #sources = new Map<string, { readonly input: string; readonly axis: number }>();
  #count = 0;
  #storedBytes = 0;

  constructor(outputs: readonly Tensor[], { standard = false, weights }: EmitOptions) {
    this.standard = standard;
    this.#weights = weights;
    this.order = topologicalOrder(outputs);
    for (const tensor of [...outputs, ...this.order.flatMap((node) => node.inputs)]) {
      this.#used.set(tensor.node, (this.#used.get(tensor.node) ?? new Set()).add(tensor.index));
    }
    for (const node of this.order) {
      if (node.kind !== 'input') continue;
      node.outputs[0]!.shape.forEach((dim, axis) => {
        if (typeof dim === 'string' && !this.#sources.has(dim))
          this.#sources.set(dim, { input: node.attributes.name as string, axis });
      });
    }
  }

  isUsed(node: Node, output: number): boolean {
    return this.#used.get(node)?.has(output) ?? false;
  }

  isStored({ node }: Tensor): boolean {
    return node.kind === 'parameter' && (this.#weights?.has(node.attributes.name as string) ?? false);
  }

  add(
    opType: string,
    inputs: readonly string[],
    attributes: OnnxAttributes = {},
    options: { domain?: string; outputs?: number } = {},
  ): string {
    return this.addMany(opType, inputs, options.outputs ?? 1, attributes, options.domain)[0]!;
  }

  addMany(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes: OnnxAttributes = {},
    domain?: string,
  ): readonly string[] {
    const stem = `${opType}_${this.#count++}`;
    const output = Array.from({ length: outputs }, (_, i) => (i === 0 ? stem : `${stem}.${i}`));
    this.#nodes.push({
      input: inputs,
      output,
      name: stem,
      opType,
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
      ...(domain === undefined ? {} : { domain }),
    });
    return output;
  }

  tensor(dtype: DType, shape: readonly number[], data: TensorData): string {
    return this.#constant(dtype, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  int64(values: readonly number[], scalar = false): string {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant('int64', scalar ? [] : [values.length], new Uint8Array(data.buffer));
  }

  float32(value: number): string {
    return this.tensor('float32', [], Float32Array.of(value));
  }

  int32(value: number): string {
    return this.tensor('int32', [], Int32Array.of(value));
  }

  shapeTensor(shape: Shape): string {
    if (shape.every((dim) => typeof dim === 'number')) return this.int64(shape);
    const parts = shape.map((dim) => (typeof dim === 'number' ? this.int64([dim]) : this.#size(dim)));
    return parts.length === 1 ? parts[0]! : this.add('Concat', parts, { axis: 0 });
  }

  /** Stores a weight under its own name. */
  store(name: string, dtype: DType, dims: readonly number[], data: TensorData): void {
    this.#push({
      name,
      dims,
      dataType: ELEMENT_TYPE[dtype],
      rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    });
  }

  /**
   * Gives results the names under which they are asked for. A result that a node made is renamed where it is made,
   * which costs nothing; one that is itself an input, a constant or asked for twice is copied.
   */
  nameOutputs(pairs: readonly (readonly [from: string, to: string])[]): void {
    const made = new Set(this.#nodes.flatMap((node) => node.output));
    const names = new Map<string, string>();
    const copies: OnnxNode[] = [];
    for (const [from, to] of pairs) {
      if (made.has(from) && !names.has(from)) names.set(from, to);
      else
        copies.push({ input: [from], output: [to], name: `output_${to}`, opType: 'Identity', attribute: [] });
    }
    const renamed = (name: string) => names.get(name) ?? name;
    this.#nodes = [...this.#nodes, ...copies].map((node) => ({
      ...node,
      input: node.input.map(renamed),
      output: node.output.map(renamed),
    }));
  }

  finish(
    inputs: readonly LeafType[],
    outputs: readonly (TensorType & { name: string })[],
    { metadata = {}, emptyList }: EmitOptions,
  ): Uint8Array {
    const lists = emptyList === undefined ? [] : [emptyList];
    return encodeModel({
      irVersion: 9,
      producerName: 'attune',
      producerVersion: '',
      graph: {
        name: 'attune',
        node: [...lists.map(emptyListNode), ...this.#nodes],
        initializer: this.#stored,
        input: inputs.map(valueInfo),
        output: [...lists.map(emptyListInfo), ...outputs.map(valueInfo)],
      },
      opsetImport: [
        { domain: '', version: OPSET },
        ...(this.standard ? [] : [{ domain: 'com.microsoft', version: 1 }]),
      ],
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
  }

  #size(dim: string): string {
    const known = this.#sizes.get(dim);
    if (known !== undefined) return known;
    const source = this.#sources.get(dim);
    const made = source
      ? this.add('Shape', [source.input], { start: source.axis, end: source.axis + 1 })
      : this.#productSize(dim);
    this.#sizes.set(dim, made);
    return made;
  }

  #productSize(dim: Dim): string {
    const names = namesOf(dim);
    if (names.length === 1 && names[0] === dim) {
      throw graphError(
        'graph/unknown-dimension',
        `The dimension "${dim}" is no whole axis of any input, so its size is not known when the graph runs.`,
      );
    }
    const coefficient = coefficientOf(dim);
    const factors = names.map((name) => this.#size(name));
    if (coefficient !== 1) factors.push(this.int64([coefficient]));
    return factors.reduce((a, b) => this.add('Mul', [a, b]));
  }

  #constant(dtype: keyof typeof ELEMENT_TYPE, dims: readonly number[], rawData: Uint8Array): string {
    const key = `${dtype}[${dims}]${rawData.length <= 256 ? Buffer.from(rawData).toString('hex') : `#${this.#count}`}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `constant_${this.#count++}`;
    this.#push({ name, dims, dataType: ELEMENT_TYPE[dtype], rawData });
    this.#constants.set(key, name);
    return name;
  }

  #push(tensor: OnnxTensor): void {
    this.#storedBytes += tensor.rawData?.byteLength ?? 0;
    if (this.#storedBytes > MAX_BYTES) {
      throw graphError(
        'graph/export-too-large',
        'The model is over 2 GB, more than one ONNX file can hold.',
        {
          hint: 'Keep the weights in safetensors, or export with external data.',
        },
      );
    }
    this.#stored.push(tensor);
  }
}

function attribute(name: string, value: OnnxAttributes[string]): OnnxAttribute {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
}

function valueInfo({ name, dtype, shape }: TensorType & { readonly name: string }): OnnxValue {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }));
  return { name, type: { tensorType: { elemType: ELEMENT_TYPE[dtype], shape: { dim } } } };
}

function emptyListNode(name: string): OnnxNode {
  return { input: [], output: [name], name, opType: 'SequenceEmpty', attribute: [] };
}

function emptyListInfo(name: string): OnnxValue {
  return { name, type: { sequenceType: { elemType: { tensorType: { elemType: ELEMENT_TYPE.float32 } } } } };
}
