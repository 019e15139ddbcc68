/**
 * A graph of elementwise operations as one loop over memory, in place. The runtime computes each operation of a graph by
 * itself, reading and writing whole tensors; an optimiser's update, a dozen operations over three arrays as long as the
 * model, is then mostly memory traffic. Here each element is read once and written once, and nothing needs a second copy.
 */
import { showShape } from '../dimensions.ts';
import { graphError } from '../errors.ts';
import { topologicalOrder } from '../order.ts';
import { evaluate } from '../reference.ts';
import type { Node, ReferenceArray, Tensor } from '../tensor.ts';
import { allocateGroups, memoryOf } from './float-heap.ts';
import { type LoopStep, loopModule, VECTOR, type VectorCode } from './wasm-module.ts';

/** Elements computed at once of arrays that are no heap's and have to be copied. */
const BLOCK = 16384;
const FLOAT = 4;

/** Operations of the table that have an instruction. */
const CODES: Readonly<Record<string, Exclude<VectorCode, 'load' | 'store' | 'splat'>>> = {
  abs: 'abs',
  add: 'add',
  divide: 'divide',
  multiply: 'multiply',
  negate: 'negate',
  sqrt: 'sqrt',
  subtract: 'subtract',
};

type Run = (bytes: number, ...placesAndScalars: number[]) => void;

const nameOf = (node: Node) => node.attributes.name as string;
const isLeaf = ({ kind }: Node) => kind === 'input' || kind === 'parameter';
const isScalar = (node: Node) => node.outputs[0]!.shape.length === 0;

export class ElementwiseLoop {
  /** Leaves that are arrays, in the order of their places in memory. */
  readonly arrays: readonly string[];
  readonly #replaced: readonly string[];
  readonly #scalars: readonly Tensor[];
  readonly #module: WebAssembly.Module;
  /** The loop for each memory that it has run in. */
  readonly #runs = new WeakMap<WebAssembly.Memory, Run>();
  #scratch: readonly Float32Array[] | undefined;
  /** The scalars of the last run and what the loop takes for them: a step runs it for each parameter with the same ones. */
  #last: { readonly scalars: Readonly<Record<string, number>>; readonly numbers: number[] } | undefined;

  /**
   * @param next - what each leaf becomes, by the leaf's name. Leaves and results are float32 and of one shape, whatever it
   *   says: `run` takes arrays of any length. Scalars may be computed by any operation, arrays by those that have an instruction
   * @throws graph/illegal for any other graph
   */
  constructor(next: Readonly<Record<string, Tensor>>) {
    const order = topologicalOrder(Object.values(next));
    const leaves = order.filter((node) => isLeaf(node) && !isScalar(node));
    this.arrays = leaves.map(nameOf);
    this.#replaced = Object.keys(next);
    for (const name of this.#replaced)
      if (!this.arrays.includes(name)) throw illegal(`"${name}" is no array that the graph reads`);
    const used = new Set(order.filter((node) => !isScalar(node)).flatMap(({ inputs }) => inputs));
    this.#scalars = [...used].filter(({ node }) => isScalar(node));
    const vectors = new Map<Node, number>(this.#scalars.map(({ node }, i) => [node, i]));
    const steps: LoopStep[] = [];
    for (const node of order) {
      if (isScalar(node)) continue;
      vectors.set(node, this.#scalars.length + steps.length);
      steps.push(
        isLeaf(node)
          ? { kind: 'load', array: this.arrays.indexOf(nameOf(node)) }
          : computation(node, leaves[0]!, vectors),
      );
    }
    const stores = Object.entries(next).map(([name, { node }]) => ({
      vector: vectors.get(node)!,
      array: this.arrays.indexOf(name),
    }));
    const plan = { arrays: leaves.length, scalars: this.#scalars.length, steps, stores };
    this.#module = new WebAssembly.Module(loopModule(plan));
  }

  /**
   * @param scalars - the value of each leaf that is a scalar; what is computed of scalars alone is computed in float64
   * @param arrays - the array of each other leaf, all of one length; those that `next` names are written in place. Arrays of one
   *   memory (`allocateGroups`) are computed where they are, others are copied back and forth, which takes several times as long
   * @throws graph/missing-input when a leaf has no value
   */
  run(scalars: Readonly<Record<string, number>>, arrays: Readonly<Record<string, Float32Array>>): void {
    const numbers = this.#numbers(scalars);
    const given = this.arrays.map((name) => {
      if (arrays[name] === undefined) throw graphError('graph/missing-input', `The loop needs "${name}".`);
      return arrays[name];
    });
    const length = given[0]!.length;
    if (given.some((array) => array.length !== length))
      throw graphError(
        'graph/shape-mismatch',
        `A loop's arrays must be of one length. Got ${given.map((array) => array.length)}.`,
      );
    if (length === 0) return;
    const memory = memoryOf(given[0]!);
    if (memory !== undefined && given.every((array) => array.buffer === memory.buffer))
      this.#runIn(memory, given, length, numbers);
    else this.#runOnCopies(given, numbers);
  }

  #runIn(
    memory: WebAssembly.Memory,
    arrays: readonly Float32Array[],
    length: number,
    scalars: number[],
  ): void {
    let run = this.#runs.get(memory);
    if (run === undefined) {
      const { exports } = new WebAssembly.Instance(this.#module, { loop: { memory } });
      run = exports.run as Run;
      this.#runs.set(memory, run);
    }
    const places = arrays.map(({ byteOffset }) => byteOffset);
    run(Math.ceil((length * FLOAT) / VECTOR) * VECTOR, ...places, ...scalars);
  }

  #runOnCopies(arrays: readonly Float32Array[], scalars: number[]): void {
    this.#scratch ??= allocateGroups([this.arrays.map(() => BLOCK)])[0]!;
    const scratch = this.#scratch;
    const memory = memoryOf(scratch[0]!);
    if (memory === undefined)
      throw graphError('graph/runtime-failed', 'The system gives this process no memory for WebAssembly.', {
        hint: 'Raise the limit on its addresses (`ulimit -v`): 12 GB is enough, whatever is used of it.',
      });
    const written = this.#replaced.map((name) => this.arrays.indexOf(name));
    const { length } = arrays[0]!;
    for (let at = 0; at < length; at += BLOCK) {
      const end = Math.min(length, at + BLOCK);
      for (const [i, array] of arrays.entries()) scratch[i]!.set(array.subarray(at, end));
      this.#runIn(memory, scratch, end - at, scalars);
      for (const i of written) arrays[i]!.set(scratch[i]!.subarray(0, end - at), at);
    }
  }

  #numbers(scalars: Readonly<Record<string, number>>): number[] {
    const names = Object.keys(scalars);
    const last = this.#last;
    if (
      last &&
      names.length === Object.keys(last.scalars).length &&
      names.every((name) => Object.is(scalars[name], last.scalars[name]))
    )
      return last.numbers;
    const values = Object.entries(scalars).map(([name, value]): [string, ReferenceArray] => [
      name,
      { shape: [], data: Float64Array.of(value) },
    ]);
    const numbers = evaluate(this.#scalars, Object.fromEntries(values)).map(({ data }) => data[0]!);
    this.#last = { scalars: { ...scalars }, numbers };
    return numbers;
  }
}

function computation(node: Node, leaf: Node, vectors: ReadonlyMap<Node, number>): LoopStep {
  const code = CODES[node.kind];
  const { dtype, shape } = node.outputs[0]!;
  if (code === undefined || dtype !== 'float32') throw illegal(`"${node.kind}" is not among its operations`);
  if (showShape(shape) !== showShape(leaf.outputs[0]!.shape))
    throw illegal(`its arrays have the shapes ${showShape(leaf.outputs[0]!.shape)} and ${showShape(shape)}`);
  return { kind: 'compute', code, from: node.inputs.map((input) => vectors.get(input.node)!) };
}

const illegal = (why: string) =>
  graphError('graph/illegal', `A graph cannot be one elementwise loop: ${why}.`);
