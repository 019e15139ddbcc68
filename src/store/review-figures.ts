/** Looks over the queue and the answers as a whole. */
import { type SQL, sql } from 'drizzle-orm';
import type { Query } from './database.ts';
import { isOver, rows } from './sql.ts';

/** How often people said of an attribute what a model had suggested to them. */
export type Agreement = {
  readonly attribute: string;
  /** Submitted, to a suggestion. */
  readonly answers: number;
  readonly agreed: number;
};

/** A suggestion `s` as a list of texts, which is how an answer stands there. */
const SUGGESTED =
  sql.raw(`CASE WHEN s.not_applicable OR s.value IS NULL OR jsonb_typeof(s.value) = 'null' THEN '[]'::jsonb
    WHEN jsonb_typeof(s.value) = 'array' THEN s.value ELSE jsonb_build_array(s.value #>> '{}') END`);

/** By attribute. Reads all answers. */
export function agreementOf(db: Query): Promise<Agreement[]> {
  return rows<Agreement>(
    db,
    sql`SELECT r.attribute, count(*)::integer AS answers,
        (count(*) FILTER (WHERE r.values = ${SUGGESTED}))::integer AS agreed
      FROM attune.responses r JOIN attune.suggestions s ON s.id = r.suggestion_id
      WHERE r.state = 'submitted' GROUP BY r.attribute ORDER BY r.attribute`,
  );
}

/** What came of the audits of an attribute: how many, and sums over them, each standing for 1/chance answers. */
export type AuditSums = {
  readonly attribute: string;
  readonly checked: number;
  /** Sums of 1/chance: of all, of those with which people agreed; and of its square. */
  readonly weight: number;
  readonly rightWeight: number;
  readonly squares: number;
};

/** By attribute, of answers that one version of a model gave and were accepted unseen. What a person said last counts. */
export function auditsOf(db: Query, model: string, version: string): Promise<AuditSums[]> {
  return rows<AuditSums>(
    db,
    sql`SELECT attribute, count(*)::integer AS checked, sum(1 / chance) AS weight,
        coalesce(sum(1 / chance) FILTER (WHERE agreed), 0) AS "rightWeight", sum(1 / chance ^ 2) AS squares
      FROM (SELECT DISTINCT ON (r.product_id, r.attribute) r.attribute, r.chance, said.values = ${SUGGESTED} AS agreed
        FROM attune.responses r JOIN attune.suggestions s ON s.id = r.suggestion_id
        CROSS JOIN LATERAL (SELECT l.values FROM attune.responses l
          WHERE l.product_id = r.product_id AND l.attribute = r.attribute AND l.state = 'submitted'
          ORDER BY l.id DESC LIMIT 1) said
        WHERE r.reason = 'audit' AND r.state = 'submitted' AND s.model = ${model} AND s.version = ${version}
        ORDER BY r.product_id, r.attribute, r.id DESC) audited
      GROUP BY attribute ORDER BY attribute`,
  );
}

/**
 * Products that wait for the same attribute with the same suggestion and that nobody else has: those of the same category and
 * supplier first, then the most urgent.
 */
export async function lookAlikesOf(
  db: Query,
  {
    who,
    productId,
    attribute,
    limit,
    now,
  }: { who: string; productId: string; attribute: string; limit: number; now: SQL },
): Promise<readonly string[]> {
  const found = await rows<{ product_id: string }>(
    db,
    sql`SELECT i.product_id
      FROM attune.review_items own
      JOIN attune.suggestions said ON said.id = own.suggestion_id
      JOIN attune.products me ON me.id = own.product_id
      JOIN attune.review_items i ON i.attribute = own.attribute AND i.product_id <> own.product_id
      JOIN attune.suggestions s ON s.id = i.suggestion_id
        AND s.value IS NOT DISTINCT FROM said.value AND s.not_applicable = said.not_applicable
      JOIN attune.review_queue q ON q.product_id = i.product_id
        AND (q.leased_until IS NULL OR ${isOver(sql`q.leased_until`, now)} OR q.leased_to = ${who})
      JOIN attune.products p ON p.id = i.product_id
      WHERE own.product_id = ${productId} AND own.attribute = ${attribute}
      ORDER BY (p.category IS NOT DISTINCT FROM me.category) DESC, (p.supplier IS NOT DISTINCT FROM me.supplier) DESC,
        i.priority DESC, i.product_id
      LIMIT ${limit}`,
  );
  return found.map(({ product_id }) => product_id);
}
