/** Which products a page shows, as SQL over the table of products. */
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { type Provenance, products } from './tables.ts';

export type AttributeFilter = {
  readonly attribute: string;
  /** The value in force, or one of several; `null`: not applicable. */
  readonly value?: string | null;
  /** Who said the value in force. */
  readonly provenance?: readonly Provenance[];
  /** True: no value is in force. */
  readonly missing?: boolean;
  /** Of the current prediction. */
  readonly status?: readonly ('auto' | 'review' | 'abstain')[];
  /** Of the current prediction, 0 to 1, both ends included. */
  readonly confidence?: { readonly min?: number; readonly max?: number };
  /** That made the current prediction. */
  readonly model?: { readonly name: string; readonly version?: string };
};

/** All conditions hold; one that is left out always does. `null` is "has none". */
export type ProductFilter = {
  readonly supplier?: string | null;
  readonly category?: string | null;
  readonly locale?: string | null;
  readonly attributes?: readonly AttributeFilter[];
};

export function whereOf({ attributes = [], ...own }: ProductFilter): SQL | undefined {
  const plain = (['supplier', 'category', 'locale'] as const).map((name) => {
    const wanted = own[name];
    if (wanted === undefined) return undefined;
    return wanted === null ? isNull(products[name]) : eq(products[name], wanted);
  });
  return and(...plain, ...attributes.flatMap((filter) => [inForce(filter), predicted(filter)]));
}

function inForce({ attribute, value, provenance, missing }: AttributeFilter): SQL | undefined {
  if (missing === true) return sql`NOT ${valueExists(attribute, [])}`;
  if (value === undefined && provenance === undefined && missing === undefined) return undefined;
  const conditions: SQL[] = [];
  if (value === null) conditions.push(sql`v.value IS NULL`);
  else if (value !== undefined) conditions.push(sql`v.value = ${value}`);
  if (provenance !== undefined)
    conditions.push(sql`v.provenance = ANY(${sql.param([...provenance])}::text[])`);
  return valueExists(attribute, conditions);
}

function valueExists(attribute: string, conditions: readonly SQL[]): SQL {
  const all = [sql`v.product_id = ${products.id}`, sql`v.attribute = ${attribute}`, ...conditions];
  return sql`EXISTS (SELECT 1 FROM attune.attribute_values v WHERE ${sql.join(all, sql` AND `)})`;
}

function predicted({ attribute, status, confidence, model }: AttributeFilter): SQL | undefined {
  const conditions: SQL[] = [];
  if (status !== undefined) conditions.push(sql`c.status = ANY(${sql.param([...status])}::text[])`);
  if (confidence?.min !== undefined)
    conditions.push(sql`c.confidence >= ${confidence.min}::double precision`);
  if (confidence?.max !== undefined)
    conditions.push(sql`c.confidence <= ${confidence.max}::double precision`);
  if (model !== undefined) conditions.push(sql`c.model = ${model.name}`);
  if (model?.version !== undefined) conditions.push(sql`c.version = ${model.version}`);
  if (conditions.length === 0) return undefined;
  const all = [sql`c.product_id = ${products.id}`, sql`c.attribute = ${attribute}`, ...conditions];
  return sql`EXISTS (SELECT 1 FROM attune.predictions c WHERE ${sql.join(all, sql` AND `)})`;
}
