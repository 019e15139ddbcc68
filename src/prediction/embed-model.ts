/** An encoder with its pooling, ready to run in this thread: texts in, vectors out. */
import { packInput } from '../features/text/pack-input.ts';
import type { Tokenizer } from '../features/text/tokenizer.ts';
import { input, parameter } from '../graph/builder.ts';
import { Session, type Values } from '../graph/session.ts';
import type { Tensor } from '../graph/tensor.ts';
import { hiddenStates, type TextEncoder } from '../models/architectures/encoder.ts';
import { MODEL_TYPES, openArchitecture } from '../models/architectures/registry.ts';
import { readCheckpoint } from '../models/checkpoint/folder.ts';
import { alignNames } from '../models/checkpoint/tensor-names.ts';
import { noDropout } from '../models/layers/dropout.ts';
import { scopeOf } from '../models/layers/scope.ts';
import { pool } from './embed-pooling.ts';
import type { Precision } from './precision.ts';
import { toEightBits } from './quantise-graph.ts';
import { sampleInputs } from './quantise-samples.ts';

/** Vectors one after another. */
export type Vectors = { readonly width: number; readonly vectors: Float32Array };

export type EmbedModelOptions = {
  /** A Hugging Face folder. */
  readonly checkpoint: string;
  readonly precision: Precision;
  /** Threads inside one operation. */
  readonly threads: number;
  /** Tokens computed at once: enough to keep the processor busy, few enough to stay in its cache. */
  readonly maxTokensPerBatch: number;
};

export class EmbedModel {
  /** Numbers in a vector. */
  readonly width: number;
  readonly #tokenizer: Tokenizer;
  readonly #session: Session;
  readonly #options: EmbedModelOptions;
  readonly #maxTokens: number;
  /** Whether a text stands between special tokens. */
  readonly #marked: boolean;

  private constructor(
    tokenizer: Tokenizer,
    session: Session,
    options: EmbedModelOptions,
    maxTokens: number,
    marked: boolean,
  ) {
    this.#tokenizer = tokenizer;
    this.#session = session;
    this.#options = options;
    this.#maxTokens = maxTokens;
    this.#marked = marked;
    this.width = session.outputs[0]!.shape[1] as number;
  }

  /** Reads the folder, quantises the weights if asked, and prepares the graph. Mean pooling where the folder does not say. */
  static async open(options: EmbedModelOptions): Promise<EmbedModel> {
    const checkpoint = await readCheckpoint(options.checkpoint, MODEL_TYPES);
    const encoder = openArchitecture(checkpoint.config);
    const stored = alignNames(
      checkpoint.weights,
      encoder.parameters.map(({ name }) => name),
    );
    const weights = new Map<string, Float32Array>();
    for (const { name } of encoder.parameters) weights.set(name, await stored.read(name));
    const hidden = encoderGraph(encoder);
    const mask = input('mask', 'int32', ['batch', 'tokens']);
    const pooling = checkpoint.pooling ?? { modes: ['mean'], normalize: false };
    let graph: Record<string, Tensor> = { embedding: pool(hidden(mask), mask, pooling) };
    const { threads } = options;
    if (options.precision === 'int8') {
      graph = await toEightBits(graph, weights, sampleInputs(encoder, checkpoint.maxTokens), threads);
    }
    const session = await Session.create(graph, { weights, threads });
    const marked = !encoder.causal;
    return new EmbedModel(checkpoint.tokenizer, session, options, checkpoint.maxTokens, marked);
  }

  /**
   * The vectors of some texts, in their order, one after another in one array. Texts of equal length are computed
   * together, so nothing is padded and no text's vector depends on what it came with.
   */
  async embed(texts: readonly string[]): Promise<Float32Array> {
    const result = new Float32Array(texts.length * this.width);
    const byLength = new Map<number, { readonly ids: Int32Array; readonly index: number }[]>();
    texts.forEach((text, index) => {
      const ids = this.#encode(text);
      const same = byLength.get(ids.length);
      if (same) same.push({ ids, index });
      else byLength.set(ids.length, [{ ids, index }]);
    });
    for (const [length, rows] of byLength) {
      const most = Math.max(1, Math.floor(this.#options.maxTokensPerBatch / length));
      for (let start = 0; start < rows.length; start += most) {
        const batch = rows.slice(start, start + most);
        const { embedding } = await this.#session.run(unpadded(batch.map(({ ids }) => ids)));
        const vectors = embedding!.data as Float32Array;
        batch.forEach(({ index }, i) => {
          result.set(vectors.subarray(i * this.width, (i + 1) * this.width), index * this.width);
        });
      }
    }
    return result;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  #encode(text: string): Int32Array {
    const encoding = this.#tokenizer.encode(text.trim(), this.#maxTokens);
    const { special } = this.#tokenizer;
    if (this.#marked) return packInput([encoding], [undefined], special, 'bert', this.#maxTokens).ids;
    return encoding.ids.length > 0 ? encoding.ids.subarray(0, this.#maxTokens) : Int32Array.of(special.pad);
  }
}

/** Hidden states as a function of the mask that pooling reads too. */
function encoderGraph(encoder: TextEncoder): (mask: Tensor) => Tensor {
  const parameters = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
  const ids = input('ids', 'int32', ['batch', 'tokens']);
  const scope = scopeOf((name) => parameters.get(name)!);
  return (mask) => hiddenStates(encoder, scope, { ids, mask }, noDropout);
}

/** Rows of equal length as the graph's inputs. */
function unpadded(rows: readonly Int32Array[]): Values {
  const tokens = rows[0]!.length;
  const dims = [rows.length, tokens];
  const ids = new Int32Array(rows.length * tokens);
  rows.forEach((row, i) => {
    ids.set(row, i * tokens);
  });
  return {
    ids: { dtype: 'int32', dims, data: ids },
    mask: { dtype: 'int32', dims, data: new Int32Array(ids.length).fill(1) },
  };
}
