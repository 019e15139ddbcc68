/** Tensors that outlive a run: parameters, optimiser state, averages; each by name, fed to the graphs that ask for it. */
import { graphError } from './errors.ts';
import type { RandomKey, Session, Value, Values } from './session.ts';

type Slot = { readonly dims: readonly number[]; readonly data: Float32Array };

export class State {
  readonly #slots = new Map<string, Slot>();

  /** Adds or replaces a tensor. The array is taken over, not copied. */
  set(name: string, dims: readonly number[], data: Float32Array): void {
    if (data.length !== dims.reduce((a, b) => a * b, 1)) {
      throw graphError(
        'graph/shape-mismatch',
        `The state "${name}" of shape [${dims}] got ${data.length} elements.`,
      );
    }
    this.#slots.set(name, { dims, data });
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

  /** The current values, in place: a training step writes into them. */
  read(name: string): Float32Array {
    return this.#slot(name).data;
  }

  value(name: string): Value {
    return { dtype: 'float32', dims: this.dims(name), data: this.read(name) };
  }

  /**
   * Runs a session with every input that is a state tensor fed from here.
   * @param into - outputs to write in place
   */
  async run(
    session: Session,
    inputs: Values,
    into: Values = {},
    key?: RandomKey,
  ): Promise<Record<string, Value>> {
    const feeds: Record<string, Value> = { ...inputs };
    for (const { name } of session.inputs)
      if (!(name in feeds) && this.#slots.has(name)) feeds[name] = this.value(name);
    return session.run(feeds, into, key);
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name);
    if (slot === undefined) throw graphError('graph/missing-input', `There is no state tensor "${name}".`);
    return slot;
  }
}
