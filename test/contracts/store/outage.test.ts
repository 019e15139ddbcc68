/** A database that goes away and comes back. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../src/store/store.ts';
import { shirts } from './bench.ts';
import { type OwnPostgres, ownPostgres, postgresPrograms } from './own-postgres.ts';
import { queryOn } from './query-on.ts';

const skipped = postgresPrograms() === undefined;

describe.skipIf(skipped)(
  `a PostgreSQL that goes away${skipped ? ', skipped: none is installed' : ''}`,
  () => {
    let own: OwnPostgres;
    let store: Store;
    beforeAll(async () => {
      own = await ownPostgres();
      own.start();
      store = await openStore({ url: own.url, connections: 3 });
    }, 600_000);
    afterAll(async () => {
      await store?.close();
      own?.remove();
    });

    it.each(['fast', 'kill'] as const)(
      '(%s) is said to be away, and used again when it is back',
      async (how) => {
        const accepted = new Set<string>();
        const failed: string[] = [];
        let stopped = false;
        const writers = [0, 1, 2, 3].map(async (writer) => {
          for (let i = 0; !stopped; i++) {
            const [shirt] = shirts(1, `${how}-${writer}-${i}`);
            try {
              await store.products.put([shirt!]);
              accepted.add(shirt!.id);
            } catch (error) {
              failed.push((error as { code: string }).code);
              await wait(20);
            }
          }
        });
        const until = async (holds: () => boolean) => {
          while (!holds()) await wait(5);
        };
        await until(() => accepted.size > 20);
        own.stop(how);
        await until(() => failed.length > 8);
        await expect(store.ping()).rejects.toMatchObject({ code: 'store/unavailable' });
        const before = accepted.size;
        own.start();
        await until(() => accepted.size > before + 20);
        stopped = true;
        await Promise.all(writers);
        expect(new Set(failed)).toEqual(new Set(['store/unavailable']));
        const found = await store.products.get([...accepted]);
        expect(found.map(({ id }) => id).sort(), 'what was accepted is there').toEqual([...accepted].sort());
        await store.ping();
      },
      600_000,
    );

    it('loses single connections without a word', async () => {
      for (let i = 0; i < 10; i++) {
        const all = [1, 2, 3].map(() => store.ping());
        await Promise.all(all);
        await queryOn(
          own.url,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'attune'",
        );
        await wait(20);
      }
      const work = Array.from({ length: 6 }, (_, i) => store.products.put(shirts(2, `last-${i}`)));
      await Promise.all(work);
    }, 600_000);

    it('that never was there is said to be away at the start', async () => {
      own.stop('fast');
      await expect(openStore({ url: own.url })).rejects.toMatchObject({ code: 'store/unavailable' });
      own.start();
      const again = await openStore({ url: own.url });
      expect(await again.products.count()).toBeGreaterThan(40);
      await again.close();
    }, 600_000);

    it('closed to a user, or without the database that is asked for, says so', async () => {
      await queryOn(own.url, "CREATE ROLE weak LOGIN PASSWORD 'x'");
      await queryOn(own.url, 'CREATE DATABASE strict');
      await queryOn(own.url, 'REVOKE ALL ON DATABASE strict FROM PUBLIC');
      const address = (user: string, database: string) =>
        own.url.replace('attune@', `${user}@`).replace(/\/postgres$/, `/${database}`);
      const refused = { code: 'store/refused' };
      await expect(openStore({ url: address('weak', 'strict') })).rejects.toMatchObject(refused);
      await expect(openStore({ url: address('nobody', 'postgres') })).rejects.toMatchObject(refused);
      await expect(openStore({ url: address('attune', 'nowhere') })).rejects.toMatchObject(refused);
    }, 600_000);
  },
);
