/** Changes as other systems take them: a supplemental feed of Google Merchant, JSON-LD of schema.org, Shopify's metafields. */
import type { CellChange } from './changes.ts';

/** Attributes of the product data specification; others go into `product_detail`. */
const GOOGLE = new Set([
  'age_group',
  'brand',
  'color',
  'condition',
  'gender',
  'gtin',
  'material',
  'mpn',
  'pattern',
  'product_type',
  'size',
  'size_system',
  'size_type',
]);

/** Properties of schema.org's Product; others become `additionalProperty`. */
const SCHEMA = new Set([
  'brand',
  'color',
  'gtin',
  'material',
  'mpn',
  'pattern',
  'size',
  'weight',
  'width',
  'height',
]);

const key = (attribute: string) =>
  attribute
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

/** The column in which Shopify's product CSV has an attribute that is no option. */
export const shopifyColumn = (attribute: string) =>
  `${attribute} (product.metafields.custom.${key(attribute)})`;

export type FeedTable = {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, string>>[];
};

/**
 * One row a product, of the attributes that change.
 * @see https://support.google.com/merchants/answer/7052112
 */
export function googleFeed(changes: readonly CellChange[]): FeedTable {
  const known = [
    ...new Set(changes.map(({ attribute }) => key(attribute)).filter((name) => GOOGLE.has(name))),
  ].sort();
  const hasDetails = changes.some(({ attribute }) => !GOOGLE.has(key(attribute)));
  const rows = [...byProduct(changes)].map(([id, own]) => {
    const details = own
      .filter(({ attribute }) => !GOOGLE.has(key(attribute)))
      .map(({ attribute, after }) => `:${attribute}:${after.replaceAll(/[:,]/g, ' ')}`);
    const cells = own
      .filter(({ attribute }) => GOOGLE.has(key(attribute)))
      .map(({ attribute, after }) => [key(attribute), after] as const);
    return { id, ...Object.fromEntries(cells), ...(hasDetails ? { product_detail: details.join(',') } : {}) };
  });
  return { columns: ['id', ...known, ...(hasDetails ? ['product_detail'] : [])], rows };
}

/** One Product a line. @see https://schema.org/Product */
export function jsonLd(changes: readonly CellChange[]): string {
  return [...byProduct(changes)]
    .map(([sku, own]) => {
      const others = own.filter(({ attribute }) => !SCHEMA.has(key(attribute)));
      return `${JSON.stringify({
        '@context': 'https://schema.org',
        '@type': 'Product',
        sku,
        ...Object.fromEntries(
          own
            .filter(({ attribute }) => SCHEMA.has(key(attribute)))
            .map(({ attribute, after }) => [key(attribute), after]),
        ),
        ...(others.length === 0
          ? {}
          : {
              additionalProperty: others.map(({ attribute, after }) => ({
                '@type': 'PropertyValue',
                name: attribute,
                value: after,
              })),
            }),
      })}\n`;
    })
    .join('');
}

function byProduct(changes: readonly CellChange[]): ReadonlyMap<string, readonly CellChange[]> {
  const products = new Map<string, CellChange[]>();
  for (const change of changes) {
    const own = products.get(change.product) ?? [];
    own.push(change);
    products.set(change.product, own);
  }
  return products;
}
