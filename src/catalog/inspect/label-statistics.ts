/** How often every value of every attribute occurs, counted in SQL over all rows. */
import type { Source } from '../source.ts';
import { sqlName, sqlText } from '../sql.ts';
import { LABELS } from './label-table.ts';
import type { Sample } from './sample.ts';

export type LabelStatistics = {
  readonly attribute: string;
  /** Products with a value, and those where the attribute does not apply. */
  readonly labelled: number;
  readonly notApplicable: number;
  readonly distinct: number;
  /** Value and count, the commonest first; at most `MOST_VALUES`. */
  readonly counts: readonly (readonly [string, number])[];
  /** Labelled products with more than one value. */
  readonly several: number;
};

const MOST_VALUES = 20_000;

/** @param notApplicable - cells that mean "has no such attribute", in any case */
export async function labelStatistics(
  source: Source,
  notApplicable: readonly string[],
): Promise<readonly LabelStatistics[]> {
  const none = `lower(value) IN (${[...notApplicable.map((word) => sqlText(word.toLowerCase())), "''"].join(', ')})`;
  const totals = await source.query(
    `SELECT attribute, count(*) FILTER (real > 0) AS labelled, count(*) FILTER (real = 0) AS none,
       count(*) FILTER (real > 1) AS several
     FROM (SELECT attribute, id, count(*) FILTER (NOT ${none}) AS real
       FROM ${LABELS} GROUP BY attribute, id)
     GROUP BY attribute ORDER BY labelled DESC, attribute`,
  );
  const distinct = await source.query(
    `SELECT attribute, count(DISTINCT value) AS n FROM ${LABELS} WHERE NOT ${none} GROUP BY attribute`,
  );
  const distinctOf = new Map(distinct.map((row) => [String(row.attribute), Number(row.n)]));
  const counts = new Map<string, [string, number][]>();
  const stream = source.stream(
    `SELECT attribute, value, n FROM (
       SELECT attribute, value, count(*) AS n,
         row_number() OVER (PARTITION BY attribute ORDER BY count(*) DESC, value) AS place
       FROM ${LABELS} WHERE NOT ${none} GROUP BY attribute, value)
     WHERE place <= ${MOST_VALUES} ORDER BY attribute, place`,
  );
  for await (const chunk of stream) {
    for (const row of chunk) {
      const attribute = String(row.attribute);
      const list = counts.get(attribute) ?? [];
      list.push([String(row.value), Number(row.n)]);
      counts.set(attribute, list);
    }
  }
  return totals.map((row) => {
    const attribute = String(row.attribute);
    return {
      attribute,
      labelled: Number(row.labelled),
      notApplicable: Number(row.none),
      several: Number(row.several),
      distinct: distinctOf.get(attribute) ?? 0,
      counts: counts.get(attribute) ?? [],
    };
  });
}

/** Labels of the sampled rows: row of the sample -> attribute -> values, "not applicable" left out. */
export async function sampledLabels(
  source: Source,
  sample: Sample,
  notApplicable: readonly string[],
): Promise<readonly ReadonlyMap<string, readonly string[]>[]> {
  const place = new Map(sample.ids.map((id, i) => [id, i]));
  const labels = sample.ids.map(() => new Map<string, string[]>());
  const none = new Set(notApplicable.map((word) => word.toLowerCase()));
  const stream = source.stream(
    `SELECT id, attribute, value FROM ${LABELS} WHERE hash(id) % 1000000 < ${sample.threshold}`,
  );
  for await (const chunk of stream) {
    for (const row of chunk) {
      const index = place.get(Number(row.id));
      const value = String(row.value);
      if (index === undefined || none.has(value.toLowerCase())) continue;
      const attribute = String(row.attribute);
      const of = labels[index]!;
      of.set(attribute, [...(of.get(attribute) ?? []), value]);
    }
  }
  return labels;
}

/** More categories than this are no list that a person wants in a config. */
const MOST_CATEGORIES = 100;

/**
 * Where attributes apply, told from where they have labels ("not applicable" is one too): attribute -> categories, in
 * the order of the alphabet. Only attributes that some category of at least `LEAST_PRODUCTS` products lacks wholly.
 * @param thorough - labels were given attribute by attribute (an object, long rows), so a missing one says something;
 *   of columns, an attribute must be filled for most products of the categories that have it
 */
export async function applicableCategories(
  source: Source,
  table: string,
  category: string | undefined,
  thorough: boolean,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const result = new Map<string, readonly string[]>();
  if (category === undefined) return result;
  const name = `trim(CAST(${sqlName(category)} AS VARCHAR))`;
  const sizes = await source.query(
    `SELECT ${name} AS category, count(*) AS n FROM ${table} WHERE ${name} <> '' GROUP BY 1 LIMIT ${MOST_CATEGORIES + 1}`,
  );
  if (sizes.length > MOST_CATEGORIES || sizes.length < 2) return result;
  const sizeOf = new Map(sizes.map((row) => [String(row.category), Number(row.n)]));
  const rows = await source.query(
    `SELECT attribute, ${name} AS category, count(DISTINCT l.id) AS n FROM ${LABELS} l JOIN ${table} t ON t.rowid = l.id
     WHERE ${name} <> '' GROUP BY 1, 2 ORDER BY 1, 2`,
  );
  const found = new Map<string, [string, number][]>();
  for (const row of rows) {
    const attribute = String(row.attribute);
    found.set(attribute, [...(found.get(attribute) ?? []), [String(row.category), Number(row.n)]]);
  }
  for (const [attribute, categories] of found) {
    const has = new Set(categories.map(([each]) => each));
    const lacking = [...sizeOf].filter(([each, size]) => !has.has(each) && size >= LEAST_PRODUCTS);
    const labelled = categories.reduce((sum, [, n]) => sum + n, 0);
    const within = [...has].reduce((sum, each) => sum + sizeOf.get(each)!, 0);
    if (lacking.length > 0 && (thorough || labelled > within * 0.5)) result.set(attribute, [...has]);
  }
  return result;
}

const LEAST_PRODUCTS = 10;
