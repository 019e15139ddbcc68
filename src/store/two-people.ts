/** Where two people or more answered the same attribute of the same product: how often they agree, and what is to be settled. */
import { type SQL, sql } from 'drizzle-orm';
import type { Query } from './database.ts';
import { NOBODY } from './forget-json.ts';
import { given, rows } from './sql.ts';

export type PeopleAgreement = {
  readonly attribute: string;
  /** Products of which two people or more said the attribute. */
  readonly products: number;
  /** Of two people about one product, each pair once; what each said first counts. */
  readonly pairs: number;
  readonly agreed: number;
};

export type Disagreement = {
  readonly productId: string;
  readonly attribute: string;
  /** Of the latest answer: a page ends with it. */
  readonly latest: number;
  /** What each person said last, the one in force first. */
  readonly answers: readonly {
    readonly who: string;
    /** Empty: not applicable. */
    readonly values: readonly string[];
    readonly unit: string | null;
    readonly at: Date;
  }[];
};

/** Those of people who were forgotten stand under one name, however many they were. */
const KNOWN = sql`r.state = 'submitted' AND r.who <> ${NOBODY}`;

/** What is said, whatever the order of several values. */
const ANSWER = sql`jsonb_build_array(
  (SELECT coalesce(jsonb_agg(v ORDER BY v), '[]'::jsonb) FROM jsonb_array_elements_text(r.values) v), r.unit)`;

/** One row a person, product and attribute, of those that two people or more answered. */
const twice = (attribute: string | undefined): SQL => sql`
  shared AS (
    SELECT r.product_id, r.attribute FROM attune.responses r
    WHERE ${KNOWN} ${attribute === undefined ? sql`` : sql`AND r.attribute = ${attribute}`}
    GROUP BY r.product_id, r.attribute HAVING count(DISTINCT r.who) > 1),
  said AS (
    SELECT r.product_id, r.attribute, r.who, max(r.id) AS latest,
      (array_agg(${ANSWER} ORDER BY r.id))[1] AS first, (array_agg(${ANSWER} ORDER BY r.id DESC))[1] AS last
    FROM attune.responses r JOIN shared USING (product_id, attribute)
    WHERE ${KNOWN} GROUP BY r.product_id, r.attribute, r.who)`;

/** By attribute. Reads all answers. */
export function peopleAgreementOf(db: Query): Promise<PeopleAgreement[]> {
  return rows<PeopleAgreement>(
    db,
    sql`WITH ${twice(undefined)},
      votes AS (SELECT product_id, attribute, first, count(*) AS n FROM said GROUP BY product_id, attribute, first),
      each AS (SELECT product_id, attribute, sum(n) AS people, sum(n * (n - 1) / 2) AS agreed
        FROM votes GROUP BY product_id, attribute)
      SELECT attribute, count(*)::integer AS products, sum(people * (people - 1) / 2)::integer AS pairs,
        sum(agreed)::integer AS agreed
      FROM each GROUP BY attribute ORDER BY attribute`,
  );
}

/**
 * What people said last of one attribute of one product, where they differ and no two of them say what is in force; the latest first.
 * @param before - the `latest` of the last one of the page before
 */
export async function disagreementsOf(
  db: Query,
  { attribute, before, limit = 50 }: { attribute?: string; before?: number; limit?: number },
): Promise<readonly Disagreement[]> {
  const open = await rows<{ product_id: string; attribute: string; latest: string | number }>(
    db,
    sql`WITH ${twice(attribute)},
      ends AS (SELECT product_id, attribute, max(latest) AS latest FROM said GROUP BY product_id, attribute),
      force AS (SELECT e.*, s.last AS value FROM ends e JOIN said s USING (product_id, attribute) WHERE s.latest = e.latest)
      SELECT f.product_id, f.attribute, f.latest FROM force f JOIN said s USING (product_id, attribute)
      ${before === undefined ? sql`` : sql`WHERE f.latest < ${before}`}
      GROUP BY f.product_id, f.attribute, f.latest, f.value HAVING count(*) FILTER (WHERE s.last = f.value) = 1
      ORDER BY f.latest DESC LIMIT ${limit}`,
  );
  const keys = open.map(({ product_id, attribute: of }) => ({ product_id, attribute: of }));
  const answers = await rows<{
    product_id: string;
    attribute: string;
    who: string;
    values: string[];
    unit: string | null;
    created: string | Date;
  }>(
    db,
    sql`SELECT * FROM (
        SELECT DISTINCT ON (r.product_id, r.attribute, r.who)
          r.product_id, r.attribute, r.who, r.values, r.unit, r.created, r.id
        FROM attune.responses r JOIN ${given(keys, 'product_id text, attribute text')} USING (product_id, attribute)
        WHERE ${KNOWN} ORDER BY r.product_id, r.attribute, r.who, r.id DESC) AS last_said
      ORDER BY id DESC`,
  );
  return open.map(({ product_id: productId, attribute: of, latest }) => ({
    productId,
    attribute: of,
    latest: Number(latest),
    answers: answers
      .filter((one) => one.product_id === productId && one.attribute === of)
      .map(({ who, values, unit, created }) => ({ who, values, unit, at: new Date(created) })),
  }));
}
