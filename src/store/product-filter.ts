/** Which products a page shows, as SQL over the table of products. */
import { and, eq, gt, isNull, type SQL, sql } from 'drizzle-orm';
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

/**
 * @param after - only products after this id. It is said of each table: PostgreSQL does not infer it, and would read values and predictions
 *   from the first product on
 */
export function whereOf({ attributes = [], ...own }: ProductFilter, after?: string): SQL | undefined {
  const plain = (['supplier', 'category', 'locale'] as const).map((name) => {
    const wanted = own[name];
    if (wanted === undefined) return undefined;
    return wanted === null ? isNull(products[name]) : eq(products[name], wanted);
  });
  return and(
    ...plain,
    after === undefined ? undefined : gt(products.id, after),
    ...attributes.flatMap((filter) => [inForce(filter, after), predicted(filter, after)]),
  );
}

function inForce(
  { attribute, value, provenance, missing }: AttributeFilter,
  after: string | undefined,
): SQL | undefined {
  if (missing === true) return sql`NOT ${valueExists(attribute, after, [])}`;
  if (value === undefined && provenance === undefined && missing === undefined) return undefined;
  const conditions: SQL[] = [];
  if (value === null) conditions.push(sql`v.value IS NULL`);
  else if (value !== undefined) conditions.push(sql`v.value = ${value}`);
  if (provenance !== undefined) conditions.push(oneOf(sql`v.provenance`, provenance));
  return valueExists(attribute, after, conditions);
}

function valueExists(attribute: string, after: string | undefined, conditions: readonly SQL[]): SQL {
  const all = [
    sql`v.product_id = ${products.id}`,
    sql`v.attribute = ${attribute}`,
    ...(after === undefined ? [] : [sql`v.product_id > ${after}`]),
    ...conditions,
  ];
  return sql`EXISTS (SELECT 1 FROM attune.attribute_values v WHERE ${sql.join(all, sql` AND `)})`;
}

function predicted(
  { attribute, status, confidence, model }: AttributeFilter,
  after: string | undefined,
): SQL | undefined {
  const conditions: SQL[] = [];
  if (status !== undefined) conditions.push(oneOf(sql`c.status`, status));
  if (confidence?.min !== undefined)
    conditions.push(sql`c.confidence >= ${confidence.min}::double precision`);
  if (confidence?.max !== undefined)
    conditions.push(sql`c.confidence <= ${confidence.max}::double precision`);
  if (model !== undefined) conditions.push(sql`c.model = ${model.name}`);
  if (model?.version !== undefined) conditions.push(sql`c.version = ${model.version}`);
  if (conditions.length === 0) return undefined;
  const all = [
    sql`c.product_id = ${products.id}`,
    sql`c.attribute = ${attribute}`,
    ...(after === undefined ? [] : [sql`c.product_id > ${after}`]),
    ...conditions,
  ];
  return sql`EXISTS (SELECT 1 FROM attune.predictions c WHERE ${sql.join(all, sql` AND `)})`;
}

/** One is compared: an index then gives products in their order, which it does not for a list. */
function oneOf(column: SQL, list: readonly string[]): SQL {
  return list.length === 1
    ? sql`${column} = ${list[0]}`
    : sql`${column} = ANY(${sql.param([...list])}::text[])`;
}
