import { getTableColumns, getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/store/store.ts';
import * as tables from '../../../src/store/tables.ts';
import { BACKENDS, makeDatabase } from './backends.ts';
import { queryOn } from './query-on.ts';

const skipped = BACKENDS.find(({ name }) => name === 'PostgreSQL')!.skipped;

describe.skipIf(skipped !== undefined)(
  `the tables on PostgreSQL${skipped ? `, skipped: ${skipped}` : ''}`,
  () => {
    let database: Awaited<ReturnType<typeof makeDatabase>>;
    beforeAll(async () => {
      database = await makeDatabase();
    });
    afterAll(() => database?.remove());

    it('are made once by services that start together, and not again', async () => {
      const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ url: database.url })));
      for (const store of stores) await store.close();
      const again = await openStore({ url: database.url });
      await again.close();
      expect(await queryOn(database.url, 'SELECT number, name FROM attune.migrations')).toEqual([
        { number: 1, name: 'tables' },
        { number: 2, name: 'stream-positions' },
        { number: 3, name: 'monitor-reports' },
        { number: 4, name: 'review-chances' },
        { number: 5, name: 'page-indexes' },
        { number: 6, name: 'pictures' },
        { number: 7, name: 'review-evidence' },
        { number: 8, name: 'audits-apart' },
      ]);
    });

    it('are those that the queries know, column by column', async () => {
      const found = await queryOn(
        database.url,
        `SELECT table_name AS table, column_name AS name, is_nullable = 'YES' AS nullable,
        CASE data_type WHEN 'ARRAY' THEN ltrim(udt_name, '_') ELSE data_type END AS type
      FROM information_schema.columns WHERE table_schema = 'attune' AND table_name <> 'migrations' ORDER BY 1, 2`,
      );
      const known = Object.values(tables as Readonly<Record<string, unknown>>)
        .filter((value): value is PgTable => is(value, PgTable))
        .flatMap((table) =>
          Object.values(getTableColumns(table)).map((column) => ({
            table: getTableName(table),
            name: column.name,
            nullable: !column.notNull && !column.primary,
            type: typeOf(column.getSQLType()),
          })),
        )
        .sort((a, b) => (`${a.table} ${a.name}` < `${b.table} ${b.name}` ? -1 : 1));
      expect(found).toEqual(known);
    });

    it('of a newer version of Attune are left alone', async () => {
      await queryOn(database.url, "INSERT INTO attune.migrations VALUES (99, 'of the future', now())");
      await expect(openStore({ url: database.url })).rejects.toMatchObject({
        code: 'store/newer-schema',
        details: { found: 99 },
      });
    });

    /** As information_schema spells it. */
    function typeOf(type: string): string {
      if (type.startsWith('timestamp')) return 'timestamp with time zone';
      if (type === 'real[]') return 'float4';
      return type.replace('[]', '');
    }
  },
);
