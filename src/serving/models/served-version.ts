/**
 * A version of a model while it is served: its predictor behind a batcher, and the contracts of what it reads. It is closed
 * when it was retired and the last request that uses it has its answer.
 */
import type { ProductInput } from '../../prediction/prediction.ts';
import { predictRequestContract, productContract } from '../api/predict.ts';
import { Batcher, type Outcome, type SubmitOptions } from '../batcher.ts';
import type { Limits } from '../options.ts';
import type { OpenedVersion } from './opened-version.ts';

export class ServedVersion {
  readonly opened: OpenedVersion;
  readonly productContract: ReturnType<typeof productContract>;
  readonly requestContract: ReturnType<typeof predictRequestContract<ReturnType<typeof productContract>>>;
  readonly #batcher: Batcher;
  #uses = 0;
  #retired = false;
  readonly #closed: Promise<void>;
  #close!: () => void;

  constructor(opened: OpenedVersion, limits: Limits) {
    const { predictor } = opened;
    this.opened = opened;
    this.#batcher = new Batcher(predictor, limits);
    this.productContract = productContract(predictor.fields, {
      mediaFields: (predictor.mediaFields ?? []).map(({ name }) => name),
      tableFields: predictor.tableFields ?? [],
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
    options: SubmitOptions & { readonly patient?: boolean },
  ): Promise<readonly Outcome[]> {
    this.#uses++;
    try {
      return await (options.patient
        ? this.#batcher.submitPatiently(products, options)
        : this.#batcher.submit(products, options));
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
