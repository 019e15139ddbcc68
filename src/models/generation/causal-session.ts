/** Runs the step of a causal language model, and keeps what the next step needs. */
import { parameter } from '../../graph/builder.ts';
import { Session, type SessionOptions, type Value } from '../../graph/session.ts';
import type { State } from '../../graph/state.ts';
import type { RawConfig } from '../architectures/config.ts';
import type { TextEncoder } from '../architectures/encoder.ts';
import { openArchitecture } from '../architectures/registry.ts';
import { scopeOf } from '../layers/scope.ts';
import { causalStep, pastName, presentName } from './causal-graph.ts';

/** Scores of the next token of each row: log-probabilities `[rows, vocabulary]`, row-major. */
export type NextScores = { readonly rows: number; readonly vocabulary: number; readonly data: Float32Array };

/** A language model as decoding sees it. */
export type LanguageModel = {
  /** Begins texts anew with prompts of any lengths, none of them empty. */
  start(prompts: readonly Int32Array[]): Promise<Continuation>;
};

/** Texts under way. */
export type Continuation = {
  readonly scores: NextScores;
  /** Each new row goes on from a row of these (`rows`) with one more token. */
  next(rows: readonly number[], tokens: readonly number[]): Promise<Continuation>;
};

type Cache = Readonly<Record<string, Value>>;

/** Tokens so far, padding on the left: `mask` is [rows, width]. */
type Layout = { readonly mask: Int32Array; readonly width: number; readonly lengths: readonly number[] };

export class CausalSession implements LanguageModel {
  readonly encoder: TextEncoder;
  readonly #session: Session;
  readonly #state: State;

  private constructor(encoder: TextEncoder, session: Session, state: State) {
    this.encoder = encoder;
    this.#session = session;
    this.#state = state;
  }

  /** @param state - holds the model's parameters; read at each step, so training may go on changing them */
  static async open(config: RawConfig, state: State, options: SessionOptions = {}): Promise<CausalSession> {
    const encoder = openArchitecture(config);
    const tensors = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
    const outputs = causalStep(
      encoder,
      config,
      scopeOf((name) => tensors.get(name)!),
    );
    return new CausalSession(encoder, await Session.create(outputs, options), state);
  }

  start(prompts: readonly Int32Array[]): Promise<Continuation> {
    const lengths = prompts.map(({ length }) => length);
    const width = Math.max(...lengths);
    const ids = new Int32Array(prompts.length * width);
    const mask = new Int32Array(ids.length);
    const positions = new Int32Array(ids.length);
    for (const [row, prompt] of prompts.entries()) {
      const from = (row + 1) * width - prompt.length;
      ids.set(prompt, from);
      mask.fill(1, from, from + prompt.length);
      for (let i = 0; i < prompt.length; i++) positions[from + i] = i;
    }
    return this.#step(
      ids,
      positions,
      { mask, width, lengths },
      width,
      this.#nothing(),
      prompts.map(() => 0),
    );
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  #next(
    before: Layout,
    cache: Cache,
    rows: readonly number[],
    tokens: readonly number[],
  ): Promise<Continuation> {
    const width = before.width + 1;
    const mask = new Int32Array(rows.length * width);
    for (const [row, from] of rows.entries()) {
      mask.set(before.mask.subarray(from * before.width, (from + 1) * before.width), row * width);
      mask[(row + 1) * width - 1] = 1;
    }
    const positions = Int32Array.from(rows, (from) => before.lengths[from]!);
    const lengths = rows.map((from) => before.lengths[from]! + 1);
    return this.#step(Int32Array.from(tokens), positions, { mask, width, lengths }, 1, cache, rows);
  }

  /** @param added - new tokens of each row */
  async #step(
    ids: Int32Array,
    positions: Int32Array,
    layout: Layout,
    added: number,
    cache: Cache,
    rows: readonly number[],
  ): Promise<Continuation> {
    const { mask, width, lengths } = layout;
    const count = rows.length;
    const int32 = (dims: readonly number[], data: Int32Array): Value => ({ dtype: 'int32', dims, data });
    const results = await this.#state.run(this.#session, {
      ids: int32([count, added], ids),
      positions: int32([count, added], positions),
      mask: int32([count, width], mask),
      places: int32(
        [added],
        Int32Array.from({ length: added }, (_, i) => width - added + i),
      ),
      last: int32(
        [count],
        Int32Array.from({ length: count }, (_, row) => (row + 1) * added - 1),
      ),
      rows: int32([count], Int32Array.from(rows)),
      ...cache,
    });
    const { data, dims } = results.logProbabilities!;
    const present = this.#named((part, layer) => results[presentName(part, layer)]!);
    return {
      scores: { rows: count, vocabulary: dims[1]!, data: data as Float32Array },
      next: (from, tokens) => this.#next({ mask, width, lengths }, present, from, tokens),
    };
  }

  /** The cache before the first token: one row of no tokens, which every prompt goes on from. */
  #nothing(): Cache {
    const { heads, width } = this.encoder;
    return this.#named(() => ({
      dtype: 'float32',
      dims: [1, heads, 0, width / heads],
      data: new Float32Array(0),
    }));
  }

  #named(value: (part: 'keys' | 'values', layer: number) => Value): Cache {
    const parts = ['keys', 'values'] as const;
    return Object.fromEntries(
      Array.from({ length: this.encoder.layers }, (_, layer) =>
        parts.map((part): [string, Value] => [pastName(part, layer), value(part, layer)]),
      ).flat(),
    );
  }
}
