/**
 * New texts out of labelled ones: a value that stands in a text gives way to another product's value of the same
 * attribute and category. What surrounds values is learned from more examples than there are. A product with labels of other
 * kinds is left as it is: a colour or a number may rest on the words that would be swapped.
 */
import type { Random } from '../base/random.ts';
import { overlap, type Place, placesOf } from '../features/text/places.ts';
import type { LabelledProduct } from './labelled.ts';

/** Values kept of each (category, attribute); later ones take the places of random earlier ones. */
const KEPT_VALUES = 512;
/** Places of one value that are looked at. */
const MOST_PLACES = 64;

type Swap = Place & { readonly attribute: string; readonly value: string };

export class ValueSwap {
  readonly #share: number;
  readonly #random: Random;
  readonly #extracted: ReadonlySet<string>;
  readonly #pool = new Map<string, string[]>();

  /** @param share - of the values that are swapped, where another is known; 0 to 1 */
  constructor(share: number, random: Random, extracted: ReadonlySet<string>) {
    this.#share = share;
    this.#random = random;
    this.#extracted = extracted;
  }

  /** The product, some of its values swapped for those of products that came before; its own serve later ones. */
  next(labelled: LabelledProduct): LabelledProduct {
    if (this.#share === 0 || this.#hasOthers(labelled)) return labelled;
    const singles: (Place & { readonly attribute: string; readonly pool: readonly string[] })[] = [];
    const fixed: Place[] = [];
    for (const [attribute, label] of Object.entries(labelled.labels)) {
      if (label.state !== 'values' || !this.#extracted.has(attribute)) continue;
      const places = label.values.flatMap((value) => placesOf(value, labelled.texts, { most: MOST_PLACES }));
      const value = label.values[0]!;
      const pool = this.#poolOf(labelled.product.category, attribute);
      const only = places[0];
      if (label.values.length === 1 && places.length === 1 && standsFree(only!, labelled.texts))
        singles.push({ ...only!, attribute, pool: [...pool] });
      else fixed.push(...places);
      if (singles.at(-1)?.attribute === attribute) this.#keep(pool, value);
    }
    const swaps = singles.flatMap((single): Swap[] => {
      const { pool, attribute, field, start, end } = single;
      if (this.#random.uniform() >= this.#share || pool.length === 0) return [];
      const alone = [...fixed, ...singles].every((other) => other === single || !overlap(other, single));
      return alone ? [{ attribute, field, start, end, value: this.#random.pick(pool) }] : [];
    });
    if (swaps.length === 0) return labelled;
    return {
      ...labelled,
      texts: labelled.texts.map((text, field) =>
        replaced(
          text,
          swaps.filter((swap) => swap.field === field),
        ),
      ),
      labels: {
        ...labelled.labels,
        ...Object.fromEntries(
          swaps.map(({ attribute, value }) => [attribute, { state: 'values', values: [value] } as const]),
        ),
      },
    };
  }

  /** Whether a label says something that is not extracted as it stands. */
  #hasOthers({ labels }: LabelledProduct): boolean {
    return Object.entries(labels).some(
      ([attribute, { state }]) =>
        state === 'number' || (state === 'values' && !this.#extracted.has(attribute)),
    );
  }

  #poolOf(category: string | undefined, attribute: string): string[] {
    const key = JSON.stringify([category, attribute]);
    const pool = this.#pool.get(key) ?? [];
    this.#pool.set(key, pool);
    return pool;
  }

  #keep(pool: string[], value: string): void {
    if (pool.length < KEPT_VALUES) pool.push(value);
    else pool[this.#random.below(KEPT_VALUES)] = value;
  }
}

/** Whether a place neither begins nor ends inside a word. */
function standsFree({ field, start, end }: Place, texts: readonly string[]): boolean {
  const text = texts[field]!;
  return (
    !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, start - 2), start)) &&
    !/^[\p{L}\p{N}]/u.test(text.slice(end, end + 2))
  );
}

function replaced(text: string, swaps: readonly Swap[]): string {
  let result = text;
  for (const { start, end, value } of swaps.toSorted((a, b) => b.start - a.start))
    result = result.slice(0, start) + value + result.slice(end);
  return result;
}
