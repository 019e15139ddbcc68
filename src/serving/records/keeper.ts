/**
 * Keeps what was predicted of products that have an id: the product as it was sent, and each answer with its model, version and
 * evidence. A caller who may not write products adds those that are not there and changes none that is. Answers go out first and are
 * written after, in order, a few hundred at a time. While the database is away they wait, up to a bound, and are written when it is back;
 * closing writes what waits. What the database refuses is left out, and said. Of the answers that are accepted unseen a share is drawn for
 * people to look at.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ProductInput, ProductPrediction } from '../../prediction/prediction.ts';
import type { PredictionWrite } from '../../store/predictions.ts';
import { contentHash, type StoredProduct } from '../../store/products.ts';
import type { Store } from '../../store/store.ts';
import { isAway } from '../patiently.ts';
import { type PrecisionTargets, withAudits } from './audits.ts';
import { predictionWrites } from './prediction-writes.ts';
import { isAsStored, productWrite } from './product-writes.ts';

export type Kept = {
  readonly product: ProductInput;
  readonly prediction: ProductPrediction;
  readonly model: string;
  readonly version: string;
  /** Fields that the model reads. */
  readonly reads: readonly string[];
  /** Whether the caller may change a product that is there. */
  readonly mayWrite: boolean;
};

export type KeeperOptions = {
  readonly store: Pick<Store, 'products' | 'predictions' | 'reviews'>;
  /** What the accepted answers of a version of a model promise; undefined where it is not known. */
  readonly targetsOf?: (model: string, version: string) => PrecisionTargets | undefined;
  /** What is done for products that were written: it may be done again. */
  readonly onWritten?: (products: readonly ProductInput[]) => Promise<void>;
  /** Told of a failure, and of how many products are lost by it: none while it is tried again. */
  readonly onTrouble: (error: unknown, dropped: number) => void;
  /** Products that wait at most; 10,000 when left out. */
  readonly mostWaiting?: number;
};

const AT_ONCE = 200;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

export class Keeper {
  readonly #options: Required<KeeperOptions>;
  #waiting: Kept[] = [];
  #running: Promise<void> | undefined;
  #closing = false;

  constructor(options: KeeperOptions) {
    this.#options = {
      mostWaiting: 10_000,
      targetsOf: () => undefined,
      onWritten: async () => {},
      ...options,
    };
  }

  /** Products without an id have nothing that they could be found by, and are not kept. */
  keep(answers: readonly Kept[]): void {
    const { mostWaiting, onTrouble } = this.#options;
    const found = answers.filter(({ product }) => product.id !== undefined && product.id !== '');
    const room = Math.max(0, mostWaiting - this.#waiting.length);
    if (found.length > room)
      onTrouble(new Error(`${mostWaiting} products wait for the database already.`), found.length - room);
    this.#waiting.push(...found.slice(0, room));
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Writes what waits; once, without trying again. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    /** So many are written one by one: one of them is refused. */
    let singly = 0;
    while (this.#waiting.length > 0) {
      const piece = this.#waiting.slice(0, singly > 0 ? 1 : AT_ONCE);
      const done = () => {
        this.#waiting = this.#waiting.slice(piece.length);
        singly = Math.max(0, singly - piece.length);
        pause = FIRST_PAUSE_MS;
      };
      try {
        await this.#write(piece);
        done();
      } catch (error) {
        if (!isAway(error)) {
          if (piece.length > 1) singly = piece.length;
          else {
            this.#options.onTrouble(error, 1);
            done();
          }
          continue;
        }
        const dropped = this.#closing ? this.#waiting.length : 0;
        this.#options.onTrouble(error, dropped);
        if (this.#closing) this.#waiting = [];
        else await delay(pause);
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
    }
  }

  async #write(piece: readonly Kept[]): Promise<void> {
    await this.#put(piece.filter(({ mayWrite }) => mayWrite));
    await this.#add(piece.filter(({ mayWrite }) => !mayWrite));
    await this.#options.onWritten(piece.map(({ product }) => product));
  }

  async #put(piece: readonly Kept[]): Promise<void> {
    const { products } = this.#options.store;
    const last = lastOfEach(piece);
    const before = await this.#stored(last);
    const writes = last.map(({ product }) => productWrite(product, before.get(product.id!)));
    await products.put(writes);
    await this.#record(last.flatMap((one, i) => answersOf(one, contentHash(writes[i]!))));
  }

  /** An answer counts where the model read what the store has: the product was new, or was sent as it is there. */
  async #add(piece: readonly Kept[]): Promise<void> {
    const { products } = this.#options.store;
    const last = lastOfEach(piece);
    await products.add(last.map(({ product }) => productWrite(product)));
    const stored = await this.#stored(last);
    await this.#record(
      last.flatMap((one) => {
        const there = stored.get(one.product.id!);
        return there !== undefined && isAsStored(one.product, there, one.reads)
          ? answersOf(one, there.contentHash)
          : [];
      }),
    );
  }

  async #record(answers: readonly PredictionWrite[]): Promise<void> {
    const { store, targetsOf } = this.#options;
    await store.predictions.record(await withAudits(store, answers, targetsOf));
  }

  async #stored(list: readonly Kept[]): Promise<ReadonlyMap<string, StoredProduct>> {
    const found = await this.#options.store.products.get(list.map(({ product }) => product.id!));
    return new Map(found.map((one) => [one.id, one]));
  }
}

function lastOfEach(piece: readonly Kept[]): readonly Kept[] {
  return [...new Map(piece.map((one) => [one.product.id!, one])).values()];
}

function answersOf({ product, prediction, model: name, version }: Kept, hash: string) {
  return predictionWrites(product.id!, prediction, { name, version }, hash);
}
