/** Threads that embed: each has a model of its own and is given texts whenever it is free. */
import { Worker } from 'node:worker_threads';
import { AttuneError } from '../base/errors.ts';
import { EmbedModel, type EmbedModelOptions } from './embed-model.ts';
import type { EmbedReply, EmbedRequest, Failure } from './embed-worker.ts';
import { predictionError } from './errors.ts';

export type Vectors = { readonly width: number; readonly vectors: Float32Array };

/** What computes vectors, here or in another thread. */
export interface EmbedRunner {
  embed(texts: readonly string[]): Promise<Vectors>;
  close(): Promise<void>;
}

/** The model in this thread, which it blocks while it computes. */
export async function runHere(options: EmbedModelOptions): Promise<EmbedRunner> {
  const model = await EmbedModel.open(options);
  return {
    embed: async (texts) => ({ width: model.width, vectors: await model.embed(texts) }),
    close: () => model.close(),
  };
}

/** The model in a thread of its own; returns when it is ready. */
export async function runInThread(options: EmbedModelOptions): Promise<EmbedRunner> {
  const runner = new ThreadRunner(options);
  try {
    await runner.ask(undefined);
  } catch (error) {
    await runner.close();
    throw error;
  }
  return runner;
}

class ThreadRunner implements EmbedRunner {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(vectors: Vectors): void; reject(error: unknown): void }>();
  #next = 0;
  #ended: AttuneError | undefined;

  constructor(options: EmbedModelOptions) {
    // Without the program's own Node options: some (--input-type) make a worker fail.
    const settings = { workerData: options, execArgv: [] };
    this.#worker = new Worker(new URL('./embed-worker.js', import.meta.url), settings);
    this.#worker.on('message', (reply: EmbedReply) => this.#settle(reply));
    this.#worker.on('error', (cause) => this.#end(`failed: ${cause.message}`, cause));
    this.#worker.on('exit', (code) => this.#end(`ended with ${code}`));
    this.#worker.unref();
  }

  embed(texts: readonly string[]): Promise<Vectors> {
    return this.ask(texts);
  }

  ask(texts: readonly string[] | undefined): Promise<Vectors> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, texts } satisfies EmbedRequest);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: EmbedReply): void {
    const waiting = this.#waiting.get(reply.id)!;
    this.#waiting.delete(reply.id);
    // An idle thread must not keep the program alive.
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('failure' in reply) waiting.reject(errorOf(reply.failure));
    else waiting.resolve(reply);
  }

  #end(how: string, cause?: unknown): void {
    this.#ended ??= predictionError('prediction/thread-failed', `A thread that computes embeddings ${how}.`, {
      cause,
    });
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

function errorOf({ code, message, hint }: Failure): Error {
  if (code === undefined) return predictionError('prediction/thread-failed', message);
  return new AttuneError(code, message, hint === undefined ? {} : { hint });
}
