/**
 * Before the batcher: what was answered before is not computed again, and what is being computed is not computed twice.
 *
 * A product that stands in several requests at once is predicted for the first of them, and the others wait with it. Work is
 * dropped when nobody waits any more for any product of the request that started it.
 */
import type { ProductInput } from '../../prediction/prediction.ts';
import type { Batcher, Outcome, SubmitOptions } from '../batcher.ts';
import { clientGone } from '../client-gone.ts';
import type { AnswerCache } from './answer-cache.ts';
import { contentKey } from './content-key.ts';

/** What one request handed to the batcher. */
type Job = { readonly stop: AbortController; waiters: number };
type Flight = { readonly outcome: Promise<Outcome>; readonly job: Job };

export type AnswersOptions = {
  readonly batcher: Batcher;
  readonly cache: AnswerCache;
  /** Of the model: answers of another one are never taken. */
  readonly identity: string;
  readonly readsIds: boolean;
  readonly onLookUp: (hits: number, misses: number) => void;
};

export class Answers {
  readonly #options: AnswersOptions;
  readonly #flights = new Map<string, Flight>();

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /**
   * Outcomes in the order of the products.
   * @throws AttuneError `serving/queue-full`, `serving/client-gone`
   */
  async predict(
    products: readonly ProductInput[],
    { signal, ...asked }: Required<SubmitOptions> & { readonly patient: boolean },
  ): Promise<readonly Outcome[]> {
    const { cache, identity, readsIds, onLookUp } = this.#options;
    const keys = products.map((product) => `${identity}:${contentKey(product, { ...asked, readsIds })}`);
    const found = await cache.get(keys);
    const hits = found.filter((prediction) => prediction !== undefined).length;
    onLookUp(hits, keys.length - hits);
    if (signal.aborted) throw clientGone();
    if (hits === keys.length) return found.map((prediction) => ({ ok: true, prediction: prediction! }));
    this.#start(
      keys.flatMap((key, i) =>
        found[i] === undefined && !this.#flights.has(key) ? [{ key, product: products[i]! }] : [],
      ),
      asked,
    );
    const waited = keys.map((key, i) => (found[i] === undefined ? this.#flights.get(key)! : undefined));
    const jobs = new Set(waited.flatMap((flight) => flight?.job ?? []));
    for (const job of jobs) job.waiters++;
    const left = leaving(signal);
    try {
      const all = waited.map((flight, i): Outcome | Promise<Outcome> =>
        flight === undefined ? { ok: true, prediction: found[i]! } : flight.outcome,
      );
      return await Promise.race([Promise.all(all), left.promise]);
    } finally {
      left.done();
      for (const job of jobs) if (--job.waiters === 0) job.stop.abort();
    }
  }

  /** Hands products to the batcher, each key once. */
  #start(
    rows: readonly { readonly key: string; readonly product: ProductInput }[],
    { patient, ...asked }: Omit<Required<SubmitOptions>, 'signal'> & { readonly patient: boolean },
  ): void {
    const own = [...new Map(rows.map((row) => [row.key, row])).values()];
    if (own.length === 0) return;
    const { batcher, cache } = this.#options;
    const job: Job = { stop: new AbortController(), waiters: 0 };
    const products = own.map(({ product }) => product);
    const options = { ...asked, signal: job.stop.signal };
    const outcomes = patient ? batcher.submitPatiently(products, options) : batcher.submit(products, options);
    own.forEach(({ key }, i) => {
      const outcome = outcomes.then((all) => all[i]!);
      const flight = { outcome, job };
      this.#flights.set(key, flight);
      outcome
        .then((one) => {
          if (one.ok) cache.set(key, one.prediction);
        })
        .catch(() => {})
        .finally(() => this.#flights.delete(key));
    });
  }
}

/** Rejects when the signal aborts. */
function leaving(signal: AbortSignal): { readonly promise: Promise<never>; readonly done: () => void } {
  let leave!: () => void;
  const promise = new Promise<never>((_, reject) => {
    leave = () => reject(clientGone());
  });
  promise.catch(() => {});
  signal.addEventListener('abort', leave, { once: true });
  return { promise, done: () => signal.removeEventListener('abort', leave) };
}
