/** Embeddings of texts with a sentence-transformers checkpoint (or any encoder), streaming, on every core. */
import { availableParallelism } from 'node:os';
import type { EmbedModelOptions, Vectors } from './embed-model.ts';
import { type EmbedRunner, openRunners } from './embed-pool.ts';
import { predictionError } from './errors.ts';
import { DEFAULT_TOKENS_PER_BATCH, type Precision } from './precision.ts';
import { leastLoaded } from './thread.ts';

export type EmbedderOptions = {
  /** A Hugging Face folder: config.json, tokenizer.json, model.safetensors; pooling as sentence-transformers writes it. */
  readonly checkpoint: string;
  /** `int8` is about twice as fast; a row's vector then is the same bits whatever its neighbours. Default fp32. */
  readonly precision?: Precision;
  /** Processor threads in all; default one a core. */
  readonly threads?: number;
  /**
   * Threads that each hold a model of their own, which is faster than several threads in one model as long as the
   * copies fit in memory. 0 computes in the caller's thread, which is blocked meanwhile. Default: as many as `threads`.
   */
  readonly workers?: number;
  /** Tokens computed at once by a model; default 512. */
  readonly maxTokensPerBatch?: number;
};

/** Texts given to a worker at once: enough that texts of equal length fill batches. */
const TEXTS_PER_TASK = 512;
/** Tasks a worker has at once, so that it need not wait for the next one. */
const TASKS_PER_WORKER = 2;

export class Embedder {
  readonly #runners: readonly EmbedRunner[];

  private constructor(runners: readonly EmbedRunner[]) {
    this.#runners = runners;
  }

  /**
   * @throws prediction/bad-option; models/* and features/* for a checkpoint that cannot be read;
   *   prediction/thread-failed when a worker does not start
   */
  static async open(options: EmbedderOptions): Promise<Embedder> {
    const threads = whole('threads', options.threads ?? availableParallelism(), 1);
    const workers = whole('workers', options.workers ?? threads, 0);
    const model: EmbedModelOptions = {
      checkpoint: options.checkpoint,
      precision: options.precision ?? 'fp32',
      threads: Math.max(1, Math.floor(threads / Math.max(1, workers))),
      maxTokensPerBatch: whole('maxTokensPerBatch', options.maxTokensPerBatch ?? DEFAULT_TOKENS_PER_BATCH, 1),
    };
    return new Embedder(await openRunners(workers, model));
  }

  /**
   * Vectors in the order of the texts. A stream of texts is read as fast as it is computed, so memory does not grow
   * with its length.
   * @param texts - a list, or a stream of lists
   * @returns lists of vectors, float32 `[width]` each
   */
  async *embed(texts: readonly string[] | AsyncIterable<readonly string[]>): AsyncGenerator<Float32Array[]> {
    const stream = Symbol.asyncIterator in texts;
    const size = stream ? TEXTS_PER_TASK : taskSize(texts.length, this.#runners.length);
    const running: Promise<Vectors>[] = [];
    try {
      for await (const task of regrouped(stream ? texts : [texts], size)) {
        if (running.length >= TASKS_PER_WORKER * this.#runners.length) yield await oldest(running);
        const result = leastLoaded(this.#runners).do(task);
        // Whoever waits for it hears of a failure; until then it is not unhandled.
        result.catch(() => {});
        running.push(result);
      }
      while (running.length > 0) yield await oldest(running);
    } finally {
      await Promise.allSettled(running);
    }
  }

  /** Ends the threads and frees the models. */
  async close(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.close()));
  }
}

/** A list is cut into a few tasks a worker, so that all end at about the same time. */
function taskSize(texts: number, workers: number): number {
  return Math.min(TEXTS_PER_TASK, Math.max(1, Math.ceil(texts / (2 * TASKS_PER_WORKER * workers))));
}

/** The vectors of the task that was given first, which leaves the list. */
async function oldest(running: Promise<Vectors>[]): Promise<Float32Array[]> {
  const { width, vectors } = await running.shift()!;
  return Array.from({ length: vectors.length / width }, (_, i) => vectors.slice(i * width, (i + 1) * width));
}

/** The same texts, `size` at a time. */
async function* regrouped(
  source: AsyncIterable<readonly string[]> | Iterable<readonly string[]>,
  size: number,
): AsyncGenerator<readonly string[]> {
  let held: string[] = [];
  for await (const texts of source) {
    for (let start = 0; start < texts.length; ) {
      const taken = texts.slice(start, start + size - held.length);
      held.push(...taken);
      start += taken.length;
      if (held.length < size) continue;
      yield held;
      held = [];
    }
  }
  if (held.length > 0) yield held;
}

function whole(option: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw predictionError(
    'prediction/bad-option',
    `The option "${option}" of an Embedder must be a whole number of at least ${least}. Got ${value}.`,
  );
}
