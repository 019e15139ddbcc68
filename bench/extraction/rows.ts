/** The extraction data sets: OA-Mine and AE-110K (titles) and WDC-PAVE (titles and descriptions), one JSON object a line. */
import { readFileSync } from 'node:fs';
import { hashString } from '../../src/base/random.ts';

export type ExtractionProduct = {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  /** Values of each listed attribute, trimmed; none for "n/a". */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** Offers of one product. */
  readonly cluster: string | undefined;
};

type Line = {
  readonly input?: string;
  readonly input_title?: string;
  readonly input_description?: string | null;
  readonly category: string;
  readonly cluster_id?: number;
  readonly target_scores: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

export function readProducts(path: string): readonly ExtractionProduct[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((text) => {
    const line = JSON.parse(text) as Line;
    const targets = Object.entries(line.target_scores).map(([attribute, scores]) => {
      const values = Object.keys(scores).map((value) => value.trim());
      return [attribute, values.filter((value) => value !== '' && value !== 'n/a')] as const;
    });
    return {
      title: line.input ?? line.input_title ?? '',
      description: line.input_description ?? '',
      category: line.category,
      targets: Object.fromEntries(targets),
      cluster: line.cluster_id === undefined ? undefined : String(line.cluster_id),
    };
  });
}

/** Category -> the attributes that its products list. */
export function schemaOf(products: readonly ExtractionProduct[]): ReadonlyMap<string, ReadonlySet<string>> {
  const schema = new Map<string, Set<string>>();
  for (const { category, targets } of products) {
    const attributes = schema.get(category) ?? new Set();
    schema.set(category, attributes);
    for (const attribute of Object.keys(targets)) attributes.add(attribute);
  }
  return schema;
}

const NEAR = 0.8;

/**
 * Sets a share aside. Products of one cluster, and those whose titles share four fifths of their words, stay together.
 * @returns the rest, and what was set aside
 */
export function setAside(
  products: readonly ExtractionProduct[],
  share: number,
  seed: number,
): readonly [rest: readonly ExtractionProduct[], aside: readonly ExtractionProduct[]] {
  const groups = groupsOf(products);
  const isAside = (i: number) => hashString(products[groups[i]!]!.title, seed) / 2 ** 32 < share;
  return [products.filter((_, i) => !isAside(i)), products.filter((_, i) => isAside(i))];
}

/** The first product of each one's group. */
function groupsOf(products: readonly ExtractionProduct[]): readonly number[] {
  const parent = products.map((_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (parent[at] !== at) at = parent[at]!;
    return at;
  };
  const join = (i: number, j: number) => {
    const [a, b] = [root(i), root(j)];
    parent[Math.max(a, b)] = Math.min(a, b);
  };
  const words = products.map(({ title }) => new Set(title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
  const clusters = new Map<string, number>();
  for (const [i, { cluster, category }] of products.entries()) {
    if (cluster !== undefined) {
      const first = clusters.get(cluster);
      if (first === undefined) clusters.set(cluster, i);
      else join(i, first);
    }
    for (let j = 0; j < i; j++) {
      if (products[j]!.category === category && jaccard(words[i]!, words[j]!) >= NEAR) join(i, j);
    }
  }
  return products.map((_, i) => root(i));
}

function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (Math.min(a.size, b.size) < NEAR * Math.max(a.size, b.size)) return 0;
  let both = 0;
  for (const word of a) if (b.has(word)) both++;
  return both / (a.size + b.size - both);
}
