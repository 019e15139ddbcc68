/**
 * Micro-batching: products of concurrent requests are predicted together, as many batches at once as the predictor
 * works on.
 *
 * A batch starts when nothing is at work, when it is full, of products or of tokens, or when its first product has waited
 * `maxWaitMs`. Requests take turns, a product each, so that a request of a thousand does not hold up a request of one. What waits is bounded: a
 * request that finds no room is refused at once. A model that fails on a batch is asked again for each product of it
 * alone: a neighbour's product never costs anybody an answer.
 *
 * It knows nothing of HTTP.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AttuneError } from '../base/errors.ts';
import type { Predictor, ProductInput, ProductPrediction } from '../prediction/prediction.ts';
import { clientGone } from './client-gone.ts';
import type { RequestErrorCode } from './errors.ts';
import type { Limits } from './options.ts';
import { characters, tokensOf } from './product-size.ts';
import { queueFull } from './queue-full.ts';

/** What became of one product. */
export type Outcome =
  | { readonly ok: true; readonly prediction: ProductPrediction }
  | { readonly ok: false; readonly error: unknown };

export type SubmitOptions = {
  readonly topK: number;
  /** Whether the predictor is to say what each modality contributed; false when left out. */
  readonly contributions?: boolean;
  /** Aborted when nobody waits for the answer any more: what has not been predicted by then never is. */
  readonly signal: AbortSignal;
};

type Job = {
  readonly products: readonly ProductInput[];
  readonly topK: number;
  readonly contributions: boolean;
  readonly outcomes: Outcome[];
  readonly finish: () => void;
  /** When it was submitted, by the process's own clock. */
  readonly since: number;
  /** Products handed to a batch so far, and products without an outcome. */
  taken: number;
  open: number;
};

type Place = { readonly job: Job; readonly at: number };

export type BatcherLimits = Pick<
  Limits,
  'maxBatch' | 'maxBatchTokens' | 'maxWaitMs' | 'maxQueued' | 'maxQueuedCharacters'
>;

/** How many products a batch had, how long each waited for it, and how long the model worked, in seconds. */
export type OnBatch = (size: number, queuedSeconds: readonly number[], seconds: number) => void;

export class Batcher {
  readonly #predictor: Pick<Predictor, 'predict' | 'parallel'>;
  readonly #limits: BatcherLimits;
  readonly #onBatch: OnBatch;
  #jobs: Job[] = [];
  #waiting = 0;
  #waitingCharacters = 0;
  #waitingTokens = 0;
  #running = false;
  /** Batches at work, and who waits for one of them to end. */
  #atWork = 0;
  #oneEnded: (() => void) | undefined;
  /** Ends the wait for a fuller batch. */
  #full: (() => void) | undefined;
  #waitingForRoom: (() => void)[] = [];
  /** Running mean of the time a product takes, for Retry-After. */
  #millisecondsPerProduct = 20;

  /** @param onBatch - told of each batch when it is done */
  constructor(
    predictor: Pick<Predictor, 'predict' | 'parallel'>,
    limits: BatcherLimits,
    onBatch: OnBatch = () => {},
  ) {
    this.#predictor = predictor;
    this.#limits = limits;
    this.#onBatch = onBatch;
  }

  /** Products that wait for a batch. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Outcomes in the order of the products.
   *
   * @throws AttuneError `serving/queue-full` with `retryAfterSeconds` in its details; `serving/client-gone` when the
   * signal aborts first
   */
  submit(
    products: readonly ProductInput[],
    { topK, contributions = false, signal }: SubmitOptions,
  ): Promise<readonly Outcome[]> {
    if (signal.aborted) return Promise.reject(clientGone());
    if (products.length === 0) return Promise.resolve([]);
    if (!this.#hasRoom(products)) return Promise.reject(this.#queueFull(products.length));
    return new Promise((resolve, reject) => {
      const drop = () => {
        this.#remove(job);
        reject(clientGone());
      };
      const job: Job = {
        products,
        topK,
        contributions,
        outcomes: [],
        since: performance.now(),
        taken: 0,
        open: products.length,
        finish: () => {
          signal.removeEventListener('abort', drop);
          resolve(job.outcomes);
        },
      };
      signal.addEventListener('abort', drop, { once: true });
      this.#jobs.push(job);
      this.#count(products, 1);
      if (this.#isFull()) this.#full?.();
      if (!this.#running) void this.#run();
    });
  }

  /** As `submit`, for a caller that is patient: waits for room where `submit` refuses. */
  async submitPatiently(
    products: readonly ProductInput[],
    options: SubmitOptions,
  ): Promise<readonly Outcome[]> {
    while (!options.signal.aborted && !this.#hasRoom(products))
      await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
    return this.submit(products, options);
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting > 0) {
      if (this.#atWork >= (this.#predictor.parallel ?? 1))
        await new Promise<void>((resolve) => {
          this.#oneEnded = resolve;
        });
      if (!this.#isFull() && this.#limits.maxWaitMs > 0) {
        // What is asked alone gains nothing by waiting; what comes in the same turn joins it.
        if (this.#atWork === 0) await nextTurn();
        else await this.#moreOrDeadline();
      }
      void this.#work(this.#take());
    }
    this.#running = false;
  }

  async #work(batch: readonly Place[]): Promise<void> {
    this.#atWork++;
    const started = performance.now();
    await this.#predict(batch);
    if (batch.length > 0) {
      const milliseconds = performance.now() - started;
      this.#learnPace(milliseconds / batch.length);
      const queued = batch.map(({ job }) => (started - job.since) / 1000);
      this.#onBatch(batch.length, queued, milliseconds / 1000);
    }
    // The model may have held the event loop: let answers out and requests in.
    await nextTurn();
    this.#atWork--;
    this.#oneEnded?.();
    this.#oneEnded = undefined;
  }

  #moreOrDeadline(): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(deadline);
        this.#full = undefined;
        resolve();
      };
      const deadline = setTimeout(go, this.#limits.maxWaitMs);
      this.#full = go;
    });
  }

  /**
   * One product of each request in turn, until the batch is full or nothing waits. Contributions cost many passes: those who
   * asked for them share batches with one another only.
   */
  #take(): readonly Place[] {
    const batch: Place[] = [];
    const wanted = this.#jobs[0]?.contributions;
    let tokens = 0;
    while (batch.length < this.#limits.maxBatch) {
      const next = this.#jobs.findIndex(({ contributions }) => contributions === wanted);
      const job = this.#jobs[next];
      if (job === undefined) break;
      const product = job.products[job.taken]!;
      tokens += tokensOf(product);
      if (batch.length > 0 && tokens > this.#limits.maxBatchTokens) break;
      this.#jobs.splice(next, 1);
      batch.push({ job, at: job.taken++ });
      this.#count([product], -1);
      if (job.taken < job.products.length) this.#jobs.push(job);
    }
    this.#announceRoom();
    return batch;
  }

  async #predict(batch: readonly Place[]): Promise<void> {
    if (batch.length === 0) return;
    const products = batch.map(({ job, at }) => job.products[at]!);
    const topK = Math.max(...batch.map(({ job }) => job.topK));
    const options = batch[0]!.job.contributions ? { topK, contributions: true } : { topK };
    let predictions: readonly ProductPrediction[];
    try {
      predictions = await this.#predictor.predict(products, options);
      if (predictions.length !== products.length)
        throw new Error(`${predictions.length} predictions came back for ${products.length} products.`);
    } catch (error) {
      if (batch.length === 1) return settle(batch[0]!, { ok: false, error });
      for (const place of batch) {
        await this.#predict([place]);
        await nextTurn();
      }
      return;
    }
    batch.forEach((place, i) => {
      settle(place, { ok: true, prediction: predictions[i]! });
    });
  }

  #isFull(): boolean {
    return this.#waiting >= this.#limits.maxBatch || this.#waitingTokens >= this.#limits.maxBatchTokens;
  }

  /** A request larger than the whole queue is taken when nothing else waits: otherwise it never could be. */
  #hasRoom(products: readonly ProductInput[]): boolean {
    if (this.#waiting === 0) return true;
    return (
      this.#waiting + products.length <= this.#limits.maxQueued &&
      this.#waitingCharacters + characters(products) <= this.#limits.maxQueuedCharacters
    );
  }

  #remove(job: Job): void {
    const before = this.#jobs.length;
    this.#jobs = this.#jobs.filter((other) => other !== job);
    if (this.#jobs.length === before) return;
    this.#count(job.products.slice(job.taken), -1);
    this.#announceRoom();
  }

  #count(products: readonly ProductInput[], sign: 1 | -1): void {
    this.#waiting += sign * products.length;
    this.#waitingCharacters += sign * characters(products);
    for (const product of products) this.#waitingTokens += sign * tokensOf(product);
  }

  #announceRoom(): void {
    const waiting = this.#waitingForRoom;
    this.#waitingForRoom = [];
    for (const resume of waiting) resume();
  }

  #learnPace(millisecondsPerProduct: number): void {
    this.#millisecondsPerProduct += 0.1 * (millisecondsPerProduct - this.#millisecondsPerProduct);
  }

  #queueFull(products: number): AttuneError<RequestErrorCode> {
    return queueFull(
      `${this.#waiting} products wait already; there is no room for ${products} more.`,
      (this.#waiting * this.#millisecondsPerProduct) / (1000 * (this.#predictor.parallel ?? 1)),
    );
  }
}

function settle({ job, at }: Place, outcome: Outcome): void {
  job.outcomes[at] = outcome;
  job.open--;
  if (job.open === 0) job.finish();
}
