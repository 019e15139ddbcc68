/**
 * The value in force of each attribute of each product, and who said it.
 *
 * A person's value is overwritten by a person only. A supplier's gives way to the supplier and to people. A model's is the current
 * prediction where that is sure enough to be taken as it is and nobody else said anything; it trains nothing.
 */
import { asc, type SQL, sql } from 'drizzle-orm';
import type { Context, Query } from './database.ts';
import { storeError } from './errors.ts';
import { lockProducts } from './products.ts';
import { given, grouped, isOneOf, pieces } from './sql.ts';
import { attributeValues, type Provenance } from './tables.ts';

export type AttributeValue = {
  readonly productId: string;
  readonly attribute: string;
  /** Empty: the attribute is not applicable. */
  readonly values: readonly string[];
  /** Of a number. */
  readonly unit: string | null;
  readonly provenance: Provenance;
  /** The model and its version, of a value with the provenance `model`. */
  readonly model: string | null;
  readonly version: string | null;
  /** The person, of a person's value. */
  readonly who: string | null;
  readonly updated: Date;
  /** Whether a model may learn from it: somebody else than a model has said so. */
  readonly trains: boolean;
};

export type ValueWrite = {
  readonly productId: string;
  readonly attribute: string;
  /** Numbers as texts; empty: not applicable. */
  readonly values: readonly string[];
  readonly unit?: string | null;
};

/** A value as it is to be written: `values` undefined takes away what is there. */
type Change = {
  readonly productId: string;
  readonly attribute: string;
  readonly values: readonly string[] | undefined;
  readonly unit?: string | null;
  readonly provenance: Provenance;
  readonly model?: string;
  readonly version?: string;
  readonly who?: string;
};

export type Values = ReturnType<typeof valuesIn>;

const PIECE = 5000;

export function valuesIn({ db, transaction, now }: Context) {
  return {
    /** Of each product, by attribute in alphabetical order. */
    of: (ids: readonly string[]): Promise<readonly AttributeValue[]> => readValues(db, ids),

    /**
     * Takes what a supplier's file says.
     * @returns how many were written, were so already, were kept because a person had said otherwise, and are of no product
     */
    async fromSupplier(list: readonly ValueWrite[]) {
      const counts = { written: 0, unchanged: 0, kept: 0, unknown: 0 };
      for (const piece of pieces(list, PIECE)) {
        await transaction(async (inside) => {
          const { there, current } = await lockValues(inside, piece);
          const changes = [...lastOfEach(piece).values()].flatMap((write): Change[] => {
            const before = current.get(keyOf(write));
            if (!there.has(write.productId)) counts.unknown++;
            else if (before !== undefined && isPersons(before)) counts.kept++;
            else if (before?.provenance === 'supplier' && sameValue(before, write)) counts.unchanged++;
            else {
              counts.written++;
              return [{ ...write, provenance: 'supplier' }];
            }
            return [];
          });
          await writeValues(inside, changes, now());
        });
      }
      return counts;
    },

    /**
     * Takes what a person says. `person-created` is where there was no value or the same, `person-changed` where there was another.
     * @returns what was in force before
     * @throws `store/not-found` for a product that is not there
     */
    fromPerson: (write: ValueWrite & { readonly who: string }): Promise<AttributeValue | undefined> =>
      transaction((inside) => setByPerson(inside, write, now())),
  };
}

/** `values.fromPerson`, within a transaction. */
export async function setByPerson(
  db: Query,
  write: ValueWrite & { readonly who: string },
  now: SQL,
): Promise<AttributeValue | undefined> {
  const { there, current } = await lockValues(db, [write]);
  if (!there.has(write.productId)) {
    throw storeError('store/not-found', `There is no product "${write.productId}" in the store.`, {
      details: { productId: write.productId },
    });
  }
  const before = current.get(keyOf(write));
  const same = before !== undefined && sameValue(before, write);
  if (same && isPersons(before)) return before;
  const provenance = before === undefined || same ? 'person-created' : 'person-changed';
  await writeValues(db, [{ ...write, provenance }], now);
  return before;
}

export async function readValues(db: Query, ids: readonly string[]): Promise<AttributeValue[]> {
  if (ids.length === 0) return [];
  const t = attributeValues;
  const found = await db
    .select()
    .from(t)
    .where(isOneOf(t.productId, ids))
    .orderBy(asc(t.productId), asc(t.attribute), asc(t.place));
  return [...grouped(found, keyOf).values()].map((places) => {
    const { place: _, value: __, ...first } = places[0]!;
    const values = places.flatMap(({ value }) => (value === null ? [] : [value]));
    return { ...first, values, trains: first.provenance !== 'model' };
  });
}

/** The values of the products that the list is about, which no one else changes until the transaction ends. */
export async function lockValues(db: Query, list: readonly { readonly productId: string }[]) {
  const there = await lockProducts(
    db,
    list.map(({ productId }) => productId),
  );
  const current = new Map((await readValues(db, [...there.keys()])).map((value) => [keyOf(value), value]));
  return { there, current };
}

/** Replaces values of products that are locked. */
export async function writeValues(db: Query, changes: readonly Change[], now: SQL): Promise<void> {
  if (changes.length === 0) return;
  const pairs = changes.map(({ productId, attribute }) => ({ product_id: productId, attribute }));
  await db.execute(sql`DELETE FROM attune.attribute_values v USING ${given(pairs, 'product_id text, attribute text')}
    WHERE v.product_id = given.product_id AND v.attribute = given.attribute`);
  const places = changes.flatMap(({ productId, values, unit = null, ...rest }) =>
    (values?.length === 0 ? [null] : (values ?? [])).map((value, place) => ({
      product_id: productId,
      place,
      value,
      unit,
      ...rest,
    })),
  );
  if (places.length === 0) return;
  await db.execute(sql`INSERT INTO attune.attribute_values
    SELECT product_id, attribute, place, value, unit, provenance, model, version, who, ${now} FROM ${given(
      places,
      'product_id text, attribute text, place integer, value text, unit text, provenance text, model text, version text, who text',
    )}`);
}

export const keyOf = ({ productId, attribute }: { productId: string; attribute: string }) =>
  JSON.stringify([productId, attribute]);

export const isPersons = ({ provenance }: { provenance: Provenance }) => provenance.startsWith('person');

export function sameValue(
  a: { values: readonly string[]; unit?: string | null },
  b: { values: readonly string[]; unit?: string | null },
): boolean {
  return (a.unit ?? null) === (b.unit ?? null) && JSON.stringify(a.values) === JSON.stringify(b.values);
}

/** Of several writes to one attribute of one product the last counts. */
export function lastOfEach<T extends { productId: string; attribute: string }>(
  list: readonly T[],
): Map<string, T> {
  return new Map(list.map((write) => [keyOf(write), write]));
}
