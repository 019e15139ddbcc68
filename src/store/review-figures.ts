/** Looks over the queue and the answers as a whole. */
import { type SQL, sql } from 'drizzle-orm';
import type { AttributeKind } from '../catalog/product.ts';
import { isAsSaid } from '../prediction/judge-answer.ts';
import type { Query } from './database.ts';
import { isOver, rows } from './sql.ts';

/** How often people said of an attribute what a model had suggested to them. */
export type Agreement = {
  readonly attribute: string;
  /** Submitted, to a suggestion. */
  readonly answers: number;
  readonly agreed: number;
};

/** What was suggested and what was said of it; null where a person said it to the letter, which is right by any rule. */
type Said =
  | readonly [
      kind: AttributeKind | null,
      value: string | number | readonly string[] | null,
      unit: string | null,
      values: readonly string[],
      saidUnit: string | null,
    ]
  | null;

function isAgreed(said: Said): boolean {
  if (said === null) return true;
  const [kind, value, unit, values, saidUnit] = said;
  return isAsSaid({ kind, value, unit }, { values, unit: saidUnit });
}

/** `Said` of a suggestion `s` and an answer. */
const saidOf = (answer: 'r' | 'said') =>
  sql.raw(`CASE WHEN s.unit IS NOT DISTINCT FROM ${answer}.unit AND ${answer}.values =
      CASE WHEN s.not_applicable THEN '[]'::jsonb WHEN jsonb_typeof(s.value) = 'array' THEN s.value ELSE jsonb_build_array(s.value #>> '{}') END
    THEN NULL ELSE jsonb_build_array(s.kind, CASE WHEN s.not_applicable THEN NULL ELSE s.value END, s.unit, ${answer}.values, ${answer}.unit) END`);

/** By attribute. Reads all answers. */
export async function agreementOf(db: Query): Promise<Agreement[]> {
  const found = await rows<{ readonly attribute: string; readonly said: Said; readonly answers: number }>(
    db,
    sql`SELECT r.attribute, ${saidOf('r')} AS said, count(*)::integer AS answers
      FROM attune.responses r JOIN attune.suggestions s ON s.id = r.suggestion_id
      WHERE r.state = 'submitted' GROUP BY 1, 2 ORDER BY 1`,
  );
  const sums = new Map<string, { answers: number; agreed: number }>();
  for (const { attribute, said, answers } of found) {
    const before = sums.get(attribute) ?? { answers: 0, agreed: 0 };
    const agreed = before.agreed + (isAgreed(said) ? answers : 0);
    sums.set(attribute, { answers: before.answers + answers, agreed });
  }
  return [...sums].map(([attribute, each]) => ({ attribute, ...each }));
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
export async function auditsOf(db: Query, model: string, version: string): Promise<AuditSums[]> {
  const found = await rows<Omit<AuditSums, 'rightWeight'> & { readonly said: Said }>(
    db,
    sql`SELECT attribute, said, count(*)::integer AS checked, sum(1 / audit) AS weight, sum(1 / audit ^ 2) AS squares
      FROM (SELECT DISTINCT ON (r.product_id, r.attribute) r.attribute, r.audit, ${saidOf('said')} AS said
        FROM attune.responses r JOIN attune.suggestions s ON s.id = r.suggestion_id
        CROSS JOIN LATERAL (SELECT l.values, l.unit FROM attune.responses l
          WHERE l.product_id = r.product_id AND l.attribute = r.attribute AND l.state = 'submitted'
          ORDER BY l.id DESC LIMIT 1) said
        WHERE r.audit IS NOT NULL AND r.state = 'submitted' AND s.model = ${model} AND s.version = ${version}
        ORDER BY r.product_id, r.attribute, r.id DESC) audited
      GROUP BY 1, 2 ORDER BY 1`,
  );
  const sums = new Map<string, AuditSums>();
  for (const { attribute, said, checked, weight, squares } of found) {
    const before = sums.get(attribute) ?? { checked: 0, weight: 0, rightWeight: 0, squares: 0 };
    sums.set(attribute, {
      attribute,
      checked: before.checked + checked,
      weight: before.weight + weight,
      rightWeight: before.rightWeight + (isAgreed(said) ? weight : 0),
      squares: before.squares + squares,
    });
  }
  return [...sums.values()];
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
