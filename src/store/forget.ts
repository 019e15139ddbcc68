/**
 * Forgets a person who asks for it: a shopper as the events have them, or a reviewer by name. What is theirs loses the name; a product, a model
 * or a value that is called the same keeps its own. What they did to products stays. Backups made before still have the name.
 */
import { type SQL, sql } from 'drizzle-orm';
import type { Query } from './database.ts';
import { NOBODY, type Theirs, withoutPerson } from './forget-json.ts';
import { given, rows } from './sql.ts';

/** How many records of which kind no longer name the person. */
export type Forgotten = Readonly<
  Record<'events' | 'responses' | 'values' | 'queue' | 'audit' | 'alerts' | 'keys' | 'idempotency', number>
>;

/**
 * A shopper goes out of events, with session, query and details, and what only they searched for and gave as a reason out of what quotes it; a
 * reviewer out of answers, values, the queue, audit, alerts and keys. To be called within a transaction.
 */
export async function forgetPerson(db: Query, person: string): Promise<Forgotten> {
  const ids = async (query: SQL) => (await rows<{ id: unknown }>(db, query)).map(({ id }) => String(id));
  const count = async (query: SQL) => (await rows(db, query)).length;
  // As `auditName` has it, a key's id stays.
  const isPerson = sql`(who = ${person}
    OR who IN (SELECT name || ' (' || id || ')' FROM attune.keys WHERE name = ${person}))`;
  // As commands sign what they do.
  const byCommand = `${person} (command)`;
  await db.execute(sql`DELETE FROM attune.responses WHERE who = ${person} AND state = 'draft'`);
  const { events, theirs } = await forgetEvents(db, person);
  const inJson = (table: string, key: string, column: string) => forgetIn(db, { table, key, column }, theirs);
  const quoting = await inJson('review_items', 'product_id text, attribute text', 'evidence');
  const queue = await count(sql`UPDATE attune.review_queue SET
      leased_until = CASE WHEN leased_to = ${person} THEN NULL ELSE leased_until END,
      leased_to = nullif(leased_to, ${person}), skipped_by = array_remove(skipped_by, ${person})
    WHERE leased_to = ${person} OR ${person} = ANY(skipped_by) RETURNING 1`);
  const responses = [
    ...(await ids(sql`UPDATE attune.responses SET who = CASE WHEN who = ${person} THEN ${NOBODY} ELSE who END,
        before = CASE WHEN before->>'who' = ${person}
          THEN jsonb_set(before, '{who}', to_jsonb(${NOBODY}::text)) ELSE before END
      WHERE who = ${person} OR before->>'who' = ${person} RETURNING id`)),
    ...(await inJson('responses', 'id bigint', 'evidence')),
  ];
  const audit = [
    ...(await ids(sql`UPDATE attune.audit SET
        who = CASE WHEN ${isPerson} THEN ${NOBODY} || substr(who, length(${person}) + 1) ELSE who END,
        subject = CASE WHEN subject = ${person} THEN ${NOBODY} ELSE subject END
      WHERE ${isPerson} OR subject = ${person} RETURNING id`)),
    ...(await inJson('audit', 'id bigint', 'details')),
  ];
  const alerts = [
    ...(await ids(
      sql`UPDATE attune.alerts SET who = ${NOBODY} WHERE who IN (${person}, ${byCommand}) RETURNING id`,
    )),
    ...(await inJson('alerts', 'id bigint', 'details')),
  ];
  return {
    events,
    queue: queue + quoting.length,
    responses: new Set(responses).size,
    values: await count(
      sql`UPDATE attune.attribute_values SET who = ${NOBODY} WHERE who = ${person} RETURNING 1`,
    ),
    audit: new Set(audit).size,
    alerts: new Set(alerts).size,
    keys: await count(
      sql`UPDATE attune.keys SET name = CASE WHEN name = ${person} THEN ${NOBODY} ELSE name END,
          created_by = CASE WHEN created_by IN (${person}, ${byCommand}) THEN ${NOBODY} ELSE created_by END
        WHERE name = ${person} OR created_by IN (${person}, ${byCommand}) RETURNING 1`,
    ),
    idempotency: (await inJson('idempotency', 'key text, route text', 'answer')).length,
  };
}

/** Events of their sessions too where these name no other shopper. */
async function forgetEvents(db: Query, person: string): Promise<{ events: number; theirs: Theirs }> {
  const isTheirs = sql`(shopper = ${person} OR (shopper IS NULL AND session IN
    (SELECT own.session FROM attune.events own WHERE own.shopper = ${person} AND own.session IS NOT NULL)))`;
  const [said] = await rows<{ queries: string[]; reasons: string[] }>(
    db,
    sql`SELECT coalesce(jsonb_agg(DISTINCT lower(query)) FILTER (WHERE query IS NOT NULL), '[]') AS queries,
      coalesce(jsonb_agg(DISTINCT details->>'reason') FILTER (WHERE details->>'reason' IS NOT NULL), '[]') AS reasons
      FROM attune.events WHERE ${isTheirs}`,
  );
  const events = await rows(
    db,
    sql`UPDATE attune.events SET shopper = NULL, session = NULL, query = NULL, key = NULL, details = '{}'
      WHERE ${isTheirs} RETURNING 1`,
  );
  const stillSaid = async (column: string, words: readonly string[]) =>
    words.length === 0
      ? []
      : (
          await rows<{ word: string }>(
            db,
            sql`SELECT DISTINCT ${sql.raw(column)} AS word FROM attune.events
              WHERE ${sql.raw(column)} = ANY(${sql.param([...words])}::text[])`,
          )
        ).map(({ word }) => word);
  const only = async (column: string, words: readonly string[]) => {
    const others = new Set(await stillSaid(column, words));
    return new Set(words.filter((word) => !others.has(word)));
  };
  return {
    events: events.length,
    theirs: {
      name: person,
      queries: await only('lower(query)', said!.queries),
      reasons: await only("details->>'reason'", said!.reasons),
    },
  };
}

/** @param key - columns and their types @returns the keys of the records that were changed, as texts */
async function forgetIn(
  db: Query,
  { table, key, column }: { readonly table: string; readonly key: string; readonly column: string },
  theirs: Theirs,
): Promise<string[]> {
  const names = key.split(', ').map((one) => one.split(' ')[0]!);
  const json = sql.raw(`${column}::text`);
  // A shopper may have said much: their words are looked for in what quotes shoppers at all.
  const quoting = (['queries', 'reasons'] as const).filter((words) => theirs[words].size > 0);
  const quoted = [theirs.name, ...quoting].flatMap(quotedForms);
  const found = await rows<Record<string, unknown> & { json: unknown }>(
    db,
    sql`SELECT ${sql.raw(names.join(', '))}, ${sql.raw(column)} AS json FROM ${sql.raw(`attune.${table}`)}
      WHERE EXISTS (SELECT 1 FROM unnest(${sql.param(quoted)}::text[]) word WHERE strpos(${json}, word) > 0) FOR UPDATE`,
  );
  const changed = found.flatMap(({ json: before, ...place }) => {
    const after = withoutPerson(before, theirs);
    return JSON.stringify(after) === JSON.stringify(before) ? [] : [{ ...place, json: after }];
  });
  if (changed.length > 0)
    await db.execute(sql`UPDATE ${sql.raw(`attune.${table}`)} t SET ${sql.raw(column)} = given.json
      FROM ${given(changed, `${key}, json jsonb`)}
      WHERE ${sql.raw(names.map((name) => `t.${name} = given.${name}`).join(' AND '))}`);
  return changed.map(({ json: _, ...place }) => Object.values(place).map(String).join('\n'));
}

/** A text as it stands in JSON, and in JSON within JSON. */
function quotedForms(text: string): readonly string[] {
  return [JSON.stringify(text), JSON.stringify(JSON.stringify(text)).slice(1, -1)];
}
