/** How a shadow's answers compare with those that were given. */
import type { AttributePrediction, ProductPrediction } from '../../prediction/prediction.ts';

export class ShadowTally {
  #products = 0;
  #failed = 0;
  #dropped = 0;
  readonly #differing = new Map<string, number>();

  /** @param shadow - undefined where it failed on the product */
  count(given: ProductPrediction, shadow: ProductPrediction | undefined): void {
    if (shadow === undefined) {
      this.#failed++;
      return;
    }
    this.#products++;
    const names = new Set([...Object.keys(given.attributes), ...Object.keys(shadow.attributes)]);
    for (const name of names)
      if (!agree(given.attributes[name], shadow.attributes[name]))
        this.#differing.set(name, (this.#differing.get(name) ?? 0) + 1);
  }

  /** Products that the shadow was not asked for, so that it held up nobody. */
  drop(products: number): void {
    this.#dropped += products;
  }

  toJSON() {
    return {
      products: this.#products,
      failed: this.#failed,
      dropped: this.#dropped,
      differing: Object.fromEntries(this.#differing),
    };
  }
}

/** Of the same value, whatever the confidence. */
function agree(a: AttributePrediction | undefined, b: AttributePrediction | undefined): boolean {
  const said = (one: AttributePrediction | undefined) =>
    one === undefined ? undefined : JSON.stringify([one.value, one.unit, one.notApplicable]);
  return said(a) === said(b);
}
