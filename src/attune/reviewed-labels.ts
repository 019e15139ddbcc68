/** What people said of products in place of what the catalog says, some of it kept back to judge models by. */
import { hashString } from '../base/random.ts';
import type { CompleteProducts } from '../catalog/catalog.ts';
import type { Label, Product } from '../catalog/product.ts';
import type { ReviewRecord } from '../monitoring/people/reviews-file.ts';
import { reviewKey } from '../monitoring/retrain/learned-reviews.ts';
import type { KnownIds } from '../monitoring/summary/known-ids.ts';
import { contentKey } from './observe-files.ts';

const HELD_OUT = 0x4e1d;
/** One reviewed product in three is kept back. */
const HELD_OUT_OF = 3;

/** What the model learned that is to be replaced. */
export type ChampionKnows = {
  /** Products by what they say (`contentKey`). */
  readonly products: KnownIds;
  /** Answers of people (`reviewKey`), those that were held out then too. */
  readonly reviews: KnownIds;
};

type Reviewed = { readonly label: Label; readonly key: string };

export class ReviewedLabels {
  /** Product -> attribute -> what was said last. */
  readonly #labels = new Map<string, Map<string, Reviewed>>();
  readonly #champion: ChampionKnows;

  constructor(reviews: readonly ReviewRecord[], champion: ChampionKnows) {
    this.#champion = champion;
    for (const review of reviews) {
      const { product, attribute, values } = review;
      const labels = this.#labels.get(product) ?? new Map<string, Reviewed>();
      const label: Label = values === undefined ? { state: 'not-applicable' } : { state: 'value', values };
      labels.set(attribute, { label, key: reviewKey(review) });
      this.#labels.set(product, labels);
    }
  }

  isReviewed({ id }: Pick<Product, 'id'>, attribute: string): boolean {
    return this.#labels.get(id)?.has(attribute) ?? false;
  }

  /**
   * Products of the catalog with what people said of them. A third of the reviewed ones, of each group all or none, is held out: nothing is
   * said of what was reviewed. One that stands alone and that the champion learned from is not: it could not judge the two.
   */
  readonly forTraining: CompleteProducts = async (products) =>
    products.map((product) => this.#completed(product, this.#isHeldOut(product)));

  /** All that people said of products of the catalog, without what the champion learned: it may have learned it otherwise, or by heart. */
  readonly forJudging: CompleteProducts = async (products) =>
    products.map((product) => {
      const completed = this.#completed(product, false);
      if (!this.#champion.products.has(contentKey(product))) return completed;
      const unseen = Object.entries(completed.labels).filter(
        ([attribute]) => !this.#learned(product, attribute),
      );
      return { ...completed, labels: Object.fromEntries(unseen) };
    });

  /** Of products as `forJudging` leaves them: those that the challenger did not learn from, with what people said and nothing else. */
  heldOut(products: readonly Product[]): readonly Product[] {
    return products.flatMap((product) => {
      if (!this.#isDrawn(product)) return [];
      const reviewed = Object.entries(product.labels).filter(([attribute]) =>
        this.isReviewed(product, attribute),
      );
      return reviewed.length === 0 ? [] : { ...product, labels: Object.fromEntries(reviewed) };
    });
  }

  /** A function of the group, else of the id. */
  #isDrawn({ id, group }: Product): boolean {
    return this.#labels.has(id) && hashString(group ?? id, HELD_OUT) % HELD_OUT_OF === 0;
  }

  #isHeldOut(product: Product): boolean {
    if (!this.#isDrawn(product)) return false;
    const reviewed = [...this.#labels.get(product.id)!.keys()];
    return product.group !== undefined || !reviewed.every((attribute) => this.#learned(product, attribute));
  }

  /** Whether the champion learned a label of it, the catalog's or a person's. */
  #learned(product: Product, attribute: string): boolean {
    if (!this.#champion.products.has(contentKey(product))) return false;
    const reviewed = this.#labels.get(product.id)?.get(attribute);
    return (
      product.labels[attribute] !== undefined ||
      (reviewed !== undefined && this.#champion.reviews.has(reviewed.key))
    );
  }

  #completed(product: Product, hide: boolean): Product {
    const reviewed = this.#labels.get(product.id);
    if (reviewed === undefined) return product;
    const kept = Object.entries(product.labels).filter(([attribute]) => !reviewed.has(attribute));
    const said = [...reviewed].map(([attribute, { label }]) => [attribute, label] as const);
    return { ...product, labels: Object.fromEntries(hide ? kept : [...kept, ...said]) };
  }
}
