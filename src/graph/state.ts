/**
 * Tensors that outlive a run: parameters, optimiser state, averages. Each has two buffers that take turns, because the
 * runtime writes outputs in place and an output must not share memory with an input.
 */
import { graphError } from './errors.ts';
import type { RandomKey, Session, Value, Values } from './session.ts';

type Slot = {
  readonly dims: readonly number[];
  readonly buffers: [Float32Array, Float32Array | undefined];
  side: 0 | 1;
};

export class State {
  readonly #slots = new Map<string, Slot>();

  /** Adds a tensor. The array is taken over, not copied; a tensor that no run writes costs no second buffer. */
  set(name: string, dims: readonly number[], data: Float32Array): void {
    if (data.length !== dims.reduce((a, b) => a * b, 1)) {
      throw graphError(
        'graph/shape-mismatch',
        `The state "${name}" of shape [${dims}] got ${data.length} elements.`,
      );
    }
    this.#slots.set(name, { dims, buffers: [data, undefined], side: 0 });
  }

  remove(name: string): void {
    this.#slots.delete(name);
  }

  has(name: string): boolean {
    return this.#slots.has(name);
  }

  get names(): readonly string[] {
    return [...this.#slots.keys()];
  }

  dims(name: string): readonly number[] {
    return this.#slot(name).dims;
  }

  /** The current values, in place: read them before the next run, or copy. */
  read(name: string): Float32Array {
    const { buffers, side } = this.#slot(name);
    return buffers[side]!;
  }

  value(name: string): Value {
    return { dtype: 'float32', dims: this.dims(name), data: this.read(name) };
  }

  /**
   * Runs a session with every input that is a state tensor fed from here, and outputs written back.
   * @param updates - output name -> the state tensor it becomes
   * @returns the other outputs
   */
  async run(
    session: Session,
    inputs: Values,
    updates: ReadonlyMap<string, string> = new Map(),
    key?: RandomKey,
  ): Promise<Record<string, Value>> {
    const feeds: Record<string, Value> = { ...inputs };
    for (const { name } of session.inputs)
      if (!(name in feeds) && this.#slots.has(name)) feeds[name] = this.value(name);
    const into: Record<string, Value> = {};
    for (const [output, name] of updates) {
      const slot = this.#slot(name);
      const other = slot.side === 0 ? 1 : 0;
      slot.buffers[other] ??= new Float32Array(slot.buffers[slot.side]!.length);
      into[output] = { dtype: 'float32', dims: slot.dims, data: slot.buffers[other] };
    }
    const results = await session.run(feeds, into, key);
    for (const name of updates.values()) {
      const slot = this.#slot(name);
      slot.side = slot.side === 0 ? 1 : 0;
    }
    return Object.fromEntries(Object.entries(results).filter(([name]) => !updates.has(name)));
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw graphError('graph/missing-input', `There is no state tensor "${name}".`);
    return slot;
  }
}
