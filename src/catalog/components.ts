/**
 * Which items belong together, from pairs that do: union-find over typed arrays, 4 bytes an item.
 */

/** Pairs of items and how similar the two are, 0 to 1; kept in typed arrays that grow. */
export class Pairs {
  #a = new Int32Array(1024);
  #b = new Int32Array(1024);
  #similarity = new Float32Array(1024);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(a: number, b: number, similarity: number): void {
    if (this.#count === this.#a.length) {
      this.#a = grown(this.#a, new Int32Array(2 * this.#count));
      this.#b = grown(this.#b, new Int32Array(2 * this.#count));
      this.#similarity = grown(this.#similarity, new Float32Array(2 * this.#count));
    }
    this.#a[this.#count] = a;
    this.#b[this.#count] = b;
    this.#similarity[this.#count] = similarity;
    this.#count++;
  }

  forEach(visit: (a: number, b: number, similarity: number) => void): void {
    for (let i = 0; i < this.#count; i++) visit(this.#a[i]!, this.#b[i]!, this.#similarity[i]!);
  }
}

function grown<T extends Int32Array | Float32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The root of an item's component, with path halving. */
function find(parents: Int32Array, item: number): number {
  let at = item;
  while (parents[at] !== at) {
    parents[at] = parents[parents[at]!]!;
    at = parents[at]!;
  }
  return at;
}

/** The smaller root wins, so that the outcome does not depend on the order of the pairs. */
function unite(parents: Int32Array, a: number, b: number): void {
  const [rootA, rootB] = [find(parents, a), find(parents, b)];
  parents[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
}

/** A chain of near-copies longer than the cap is cut at ever higher similarities; the last lets no near-copy join. */
const CUTS = [0, 0.85, 0.95, Number.POSITIVE_INFINITY] as const;

export type Components = {
  /** For each item, the smallest item of its component. */
  readonly roots: Int32Array;
  /** Items whose component was cut because it grew over the cap. */
  readonly cut: number;
};

/**
 * @param same - pairs that must never part: equal texts, one group
 * @param near - pairs of similar texts; they join items unless their component gets larger than `cap`, when only the
 * more similar of them still do. Catalogs with template texts would otherwise be one component.
 * @param cap - most items that near-copies may join; those that `same` joins count as one
 */
export function joinComponents(count: number, same: Pairs, near: Pairs, cap: number): Components {
  const base = Int32Array.from({ length: count }, (_, item) => item);
  same.forEach((a, b) => {
    unite(base, a, b);
  });
  for (let item = 0; item < count; item++) base[item] = find(base, item);
  const levels = new Uint8Array(count);
  let cut = 0;
  for (;;) {
    const roots = base.slice();
    near.forEach((a, b, similarity) => {
      if (similarity >= CUTS[levels[a]!]! && similarity >= CUTS[levels[b]!]!) unite(roots, a, b);
    });
    const sizes = new Int32Array(count);
    for (let item = 0; item < count; item++) {
      roots[item] = find(roots, item);
      if (base[item] === item) sizes[roots[item]!]!++;
    }
    let raised = 0;
    for (let item = 0; item < count; item++) {
      if (sizes[roots[item]!]! <= cap || levels[item]! >= CUTS.length - 1) continue;
      if (levels[item] === 0) cut++;
      levels[item]!++;
      raised++;
    }
    if (raised === 0) return { roots, cut };
  }
}
