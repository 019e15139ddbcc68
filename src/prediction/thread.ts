/** Threads that hold a model each, so that the caller's own thread is never blocked while they compute. */
import { Worker } from 'node:worker_threads';
import { AttuneError } from '../base/errors.ts';
import { predictionError } from './errors.ts';
import { END, type Failure, type Reply, type Request } from './thread-door.ts';

type Waiting = { resolve(result: unknown): void; reject(error: unknown): void };

export class Thread<Task, Result> {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ended: AttuneError | undefined;

  private constructor(script: URL, data: unknown) {
    // Without the program's own Node options: some (--input-type) make a worker fail.
    this.#worker = new Worker(script, { workerData: data, execArgv: [] });
    this.#worker.on('message', (reply: Reply) => this.#settle(reply));
    this.#worker.on('error', (cause) => this.#end(`failed: ${cause.message}`, cause));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        this.#end(`ended with ${code}`);
        resolve();
      });
    });
    this.#worker.unref();
  }

  /**
   * Starts threads of a compiled script that calls `openDoor`, and returns when each one's model is ready.
   * @throws what opening a model throws; prediction/thread-failed. None is left running then.
   */
  static async start<Task, Result>(
    count: number,
    script: URL,
    data: unknown,
  ): Promise<readonly Thread<Task, Result>[]> {
    const threads = Array.from({ length: count }, () => new Thread<Task, Result>(script, data));
    const ready = await Promise.allSettled(threads.map((thread) => thread.#request(undefined)));
    const failed = ready.find((result) => result.status === 'rejected');
    if (failed === undefined) return threads;
    await Promise.all(threads.map((thread) => thread.close()));
    throw failed.reason;
  }

  /** How many tasks are not answered yet; infinite when the thread has ended. */
  get load(): number {
    return this.#ended === undefined ? this.#waiting.size : Number.POSITIVE_INFINITY;
  }

  /** @throws what the task throws in the thread; prediction/thread-failed when the thread has ended */
  async do(task: Task): Promise<Result> {
    return (await this.#request(task)) as Result;
  }

  /**
   * What was not answered fails; the thread ends when what it computes now is done, since onnxruntime aborts the whole process
   * where a thread is ended under a run of it.
   */
  async close(): Promise<void> {
    if (this.#ended === undefined) {
      this.#worker.ref();
      this.#worker.postMessage(END);
      this.#end('was closed');
    }
    await this.#exited;
  }

  #request(task: Task | undefined): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#next++;
      this.#waiting.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ id, task } satisfies Request);
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    // Closed meanwhile.
    if (waiting === undefined) return;
    this.#waiting.delete(reply.id);
    // An idle thread must not keep the program alive.
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('failure' in reply) waiting.reject(errorOf(reply.failure));
    else waiting.resolve(reply.result);
  }

  #end(how: string, cause?: unknown): void {
    this.#ended ??= predictionError(
      'prediction/thread-failed',
      `A thread that computes predictions ${how}.`,
      {
        cause,
      },
    );
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** The one with the fewest tasks; of equals the first. */
export function leastLoaded<T extends { readonly load: number }>(threads: readonly T[]): T {
  return threads.reduce((a, b) => (b.load < a.load ? b : a));
}

function errorOf({ code, message, hint }: Failure): Error {
  if (code === undefined) return predictionError('prediction/failed', `The model failed: ${message}`);
  return new AttuneError(code, message, hint === undefined ? {} : { hint });
}
