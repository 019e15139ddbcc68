/** Counts how often the labelled values of one product can only stand on the same characters of its texts. */
import type { Product } from '../catalog/product.ts';
import { overlap, placesOf } from '../features/text/places.ts';

/** Below this share of overlapping pairs, attributes are taken to stand apart. */
const MOST_OVERLAPS = 0.02;
/** Fewer pairs of values say nothing. */
const FEWEST_PAIRS = 50;

/** Looked at of each text, and places of one value at most. */
const LIMITS = { characters: 4000, most: 16 };

export class OverlapCount {
  #pairs = 0;
  #overlapping = 0;

  /** @param extracted - attributes whose values stand in the texts */
  add({ texts, labels }: Pick<Product, 'texts' | 'labels'>, extracted: readonly string[]): void {
    const fields = Object.values(texts);
    const places = extracted.flatMap((attribute) => {
      const label = labels[attribute];
      const found =
        label?.state === 'value' ? label.values.flatMap((value) => placesOf(value, fields, LIMITS)) : [];
      return found.length > 0 ? [found] : [];
    });
    for (const [i, one] of places.entries()) {
      for (const other of places.slice(0, i)) {
        this.#pairs++;
        if (one.every((a) => other.every((b) => overlap(a, b)))) this.#overlapping++;
      }
    }
  }

  /** Whether values of different attributes as good as never overlap. */
  get apart(): boolean {
    return this.#pairs >= FEWEST_PAIRS && this.#overlapping < MOST_OVERLAPS * this.#pairs;
  }
}
