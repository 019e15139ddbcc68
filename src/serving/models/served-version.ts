/**
 * A version of a model while it is served: its predictor behind a cache and a batcher, and the contracts of what it reads. It is closed
 * when it was retired and the last request that uses it has its answer.
 */
import type { Predictor, ProductInput } from '../../prediction/prediction.ts';
import { predictRequestContract, productContract } from '../api/predict.ts';
import { Batcher, type Outcome, type SubmitOptions } from '../batcher.ts';
import type { AnswerCache } from '../cache/answer-cache.ts';
import { Answers } from '../cache/answers.ts';
import type { Metrics } from '../observe/metrics.ts';
import { inSpan } from '../observe/tracing.ts';
import type { Limits } from '../options.ts';
import type { OpenedVersion } from './opened-version.ts';

/** What all versions share. */
export type Serving = {
  readonly limits: Limits;
  readonly cache: AnswerCache;
  readonly metrics: Pick<Metrics, 'batch' | 'lookUp'>;
};

export class ServedVersion {
  readonly opened: OpenedVersion;
  /** Names of all fields that it reads. */
  readonly reads: readonly string[];
  readonly productContract: ReturnType<typeof productContract>;
  readonly requestContract: ReturnType<typeof predictRequestContract<ReturnType<typeof productContract>>>;
  readonly #batcher: Batcher;
  readonly #answers: Answers;
  #uses = 0;
  #retired = false;
  readonly #closed: Promise<void>;
  #close!: () => void;

  constructor(opened: OpenedVersion, { limits, cache, metrics }: Serving) {
    const { predictor, identity, readsIds = false } = opened;
    const labels = { model: opened.name, version: opened.version };
    this.opened = opened;
    const traced: Pick<Predictor, 'predict' | 'parallel'> = {
      ...(predictor.parallel === undefined ? {} : { parallel: predictor.parallel }),
      predict: (...asked) => inSpan('attune.infer', () => predictor.predict(...asked), { root: true }),
    };
    this.#batcher = new Batcher(traced, limits, (...batch) => metrics.batch(labels, ...batch));
    this.#answers = new Answers({
      batcher: this.#batcher,
      cache,
      identity,
      readsIds,
      onLookUp: (hits, misses) => metrics.lookUp(labels, hits, misses),
    });
    const mediaFields = (predictor.mediaFields ?? []).map(({ name }) => name);
    const tableFields = predictor.tableFields ?? [];
    this.reads = [...predictor.fields, ...mediaFields, ...tableFields];
    this.productContract = productContract(predictor.fields, {
      mediaFields,
      tableFields,
      givenAttributes: predictor.givenAttributes ?? [],
    });
    this.requestContract = predictRequestContract(this.productContract, limits.maxProducts);
    this.#closed = new Promise<void>((resolve) => {
      this.#close = resolve;
    }).then(() => opened.close());
    // Whoever retires it is told.
    this.#closed.catch(() => {});
  }

  get version(): string {
    return this.opened.version;
  }

  /** Products that wait for a batch. */
  get waiting(): number {
    return this.#batcher.waiting;
  }

  /**
   * Outcomes in the order of the products.
   * @param patient - waits for room in the queue where it would be refused
   * @throws AttuneError `serving/queue-full`, `serving/client-gone`
   */
  async predict(
    products: readonly ProductInput[],
    { contributions = false, patient = false, ...options }: SubmitOptions & { readonly patient?: boolean },
  ): Promise<readonly Outcome[]> {
    this.#uses++;
    try {
      return await this.#answers.predict(products, { ...options, contributions, patient });
    } finally {
      this.#uses--;
      this.#closeIfUnused();
    }
  }

  /** Takes no new work from now on; resolves when the last is done and the predictor is closed. */
  retire(): Promise<void> {
    this.#retired = true;
    this.#closeIfUnused();
    return this.#closed;
  }

  #closeIfUnused(): void {
    if (this.#retired && this.#uses === 0) this.#close();
  }
}
