/** What people said of products in place of what the catalog says, some of it kept back to judge models by. */
import { hashString } from '../base/random.ts';
import type { CompleteProducts } from '../catalog/catalog.ts';
import type { Label, Product } from '../catalog/product.ts';
import type { ReviewRecord } from '../monitoring/people/reviews-file.ts';

const HELD_OUT = 0x4e1d;
/** One reviewed product in three is kept back. */
const HELD_OUT_OF = 3;

export class ReviewedLabels {
  /** Product -> attribute -> what was said last. */
  readonly #labels = new Map<string, Map<string, Label>>();

  constructor(reviews: readonly ReviewRecord[]) {
    const inOrder = [...reviews].sort((a, b) => (a.time ?? 0) - (b.time ?? 0));
    for (const { product, attribute, values } of inOrder) {
      const labels = this.#labels.get(product) ?? new Map<string, Label>();
      labels.set(attribute, values === undefined ? { state: 'not-applicable' } : { state: 'value', values });
      this.#labels.set(product, labels);
    }
  }

  isReviewed({ id }: Pick<Product, 'id'>, attribute: string): boolean {
    return this.#labels.get(id)?.has(attribute) ?? false;
  }

  /** Whether the product's reviews judge models and train none: a function of its id. */
  isHeldOut({ id }: Pick<Product, 'id'>): boolean {
    return this.#labels.has(id) && hashString(id, HELD_OUT) % HELD_OUT_OF === 0;
  }

  /** Products with what people said of them; of those held out nothing is said of what was reviewed. */
  readonly forTraining: CompleteProducts = async (products) =>
    products.map((product) => this.#completed(product, this.isHeldOut(product)));

  /** All of it. */
  readonly forJudging: CompleteProducts = async (products) =>
    products.map((product) => this.#completed(product, false));

  #completed(product: Product, hide: boolean): Product {
    const reviewed = this.#labels.get(product.id);
    if (reviewed === undefined) return product;
    const kept = Object.entries(product.labels).filter(([attribute]) => !reviewed.has(attribute));
    return { ...product, labels: Object.fromEntries(hide ? kept : [...kept, ...reviewed]) };
  }
}
