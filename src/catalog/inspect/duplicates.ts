/**
 * Products that say the same. Of a catalog of moderate size near-copies are found as the split finds them; of a larger
 * one only those with the same words are counted, in SQL, which spills what does not fit.
 */
import { findDuplicates, SKETCHED_CHARACTERS } from '../duplicates.ts';
import type { Source } from '../source.ts';
import { sqlName } from '../sql.ts';

export type Duplicates = {
  /** Products that have a text at all. */
  readonly withText: number;
  /** Products beyond the first with the same words in their texts (case and punctuation do not count). */
  readonly copies: number;
  /** Whether texts that are nearly the same count too. */
  readonly near: boolean;
  /** Rows beyond the first with an id that was there before. */
  readonly sameId: number;
};

/** Of each text field, as many characters tell products apart where millions are looked up. */
const LOOKED_UP_CHARACTERS = 200;

/** Up to so many products texts are compared, not only looked up. */
const COMPARED_PRODUCTS = 50_000;

export async function countDuplicates(
  source: Source,
  inputs: readonly string[],
  id: string | undefined,
  relation: string,
  products: number,
): Promise<Duplicates> {
  const ids = await sameId(source, id, relation);
  if (inputs.length === 0) return { withText: 0, copies: 0, near: true, sameId: ids };
  const near = products <= COMPARED_PRODUCTS;
  const found = near ? await nearCopies(source, inputs, relation) : await sameWords(source, inputs, relation);
  return { ...found, near, sameId: ids };
}

async function nearCopies(
  source: Source,
  inputs: readonly string[],
  relation: string,
): Promise<{ withText: number; copies: number }> {
  const text = `concat_ws(' ', ${fieldsSql(inputs, SKETCHED_CHARACTERS)})`;
  const texts = `SELECT rowid AS item, ${text} AS text FROM ${relation} WHERE trim(${text}) <> ''`;
  const [row] = await source.query(`SELECT count(*) AS n FROM (${texts})`);
  const { same, near } = await findDuplicates(source, `${texts} ORDER BY rowid`);
  const later = new Set<number>();
  for (const pairs of [same, near])
    pairs.forEach((a, b) => {
      later.add(Math.max(a, b));
    });
  return { withText: Number(row!.n), copies: later.size };
}

function fieldsSql(inputs: readonly string[], characters: number): string {
  return inputs.map((name) => `substr(CAST(${sqlName(name)} AS VARCHAR), 1, ${characters})`).join(', ');
}

async function sameWords(
  source: Source,
  inputs: readonly string[],
  relation: string,
): Promise<{ withText: number; copies: number }> {
  const text = `lower(concat_ws(' ', ${fieldsSql(inputs, LOOKED_UP_CHARACTERS)}))`;
  const [row] = await source.query(
    `SELECT count(*) AS n, count(DISTINCT key) AS d FROM (
       SELECT hash(regexp_extract_all(text, '[\\p{L}\\p{N}]+')) AS key
       FROM (SELECT ${text} AS text FROM ${relation}) WHERE trim(text) <> '')`,
  );
  return { withText: Number(row!.n), copies: Number(row!.n) - Number(row!.d) };
}

async function sameId(source: Source, id: string | undefined, relation: string): Promise<number> {
  if (id === undefined) return 0;
  const text = `trim(CAST(${sqlName(id)} AS VARCHAR))`;
  const [row] = await source.query(
    `SELECT count(*) AS n, count(DISTINCT ${text}) AS d FROM ${relation} WHERE ${text} <> ''`,
  );
  return Number(row!.n) - Number(row!.d);
}
