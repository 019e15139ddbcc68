/** Stores as processes have them: two on one folder, one that is killed, and backups by command. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { contentOf, filled } from '../contracts/store/archive.suite.ts';
import { BACKENDS, makeDatabase } from '../contracts/store/backends.ts';
import { attune, DIST, workspace } from './attune.ts';

const { folder } = workspace('store');
const place = (name: string) => join(folder(), name);

/** A process that writes products one after the other and says each that was accepted. */
function writer(store: string) {
  const code = `
    import { openStore } from ${JSON.stringify(pathToFileURL(join(DIST, 'store', 'store.js')).href)};
    const store = await openStore({ folder: process.argv[1] });
    for (let i = 0; ; i++) {
      const id = String(i).padStart(6, '0');
      await store.products.put([{ id, fields: { title: 'x'.repeat(3000) } }]);
      await store.values.fromSupplier([{ productId: id, attribute: 'color', values: ['Red'] }]);
      process.stdout.write(id + '\\n');
    }`;
  return spawn(process.execPath, ['--input-type=module', '-e', code, store], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('an embedded store', () => {
  it('belongs to one process at a time, outlives its death, and keeps what was accepted', async () => {
    const path = place('killed');
    for (let round = 1; round <= 2; round++) {
      const child = writer(path);
      const ended = new Promise((resolve) => child.on('close', resolve));
      const accepted: string[] = [];
      for await (const id of createInterface({ input: child.stdout })) {
        accepted.push(id);
        if (accepted.length === 20) {
          await expect(openStore({ folder: path })).rejects.toMatchObject({
            code: 'store/folder-locked',
            details: { pid: child.pid, host: hostname() },
          });
        }
        if (accepted.length === 20 + 35 * round) child.kill('SIGKILL');
      }
      await ended;
      expect(existsSync(join(path, 'lock')), 'the dead process has left its lock').toBe(true);
      const store = await openStore({ folder: path });
      const values = await store.values.of(accepted);
      expect(values.map(({ productId }) => productId)).toEqual(accepted);
      expect(await store.products.count()).toBeGreaterThanOrEqual(accepted.length);
      await store.close();
      expect(readdirSync(path)).toEqual(['data']);
    }
  }, 600_000);

  it('is taken over from a machine that has not been heard of for long, and not from one that has', async () => {
    const path = place('shared');
    await (await openStore({ folder: path })).close();
    const owner = { token: 't', pid: 1, host: 'another-machine', begun: '7' };
    const lockedAt = (ago: number) =>
      writeFileSync(
        join(path, 'lock'),
        JSON.stringify({ ...owner, beat: new Date(Date.now() - ago).toISOString() }),
      );
    lockedAt(30_000);
    await expect(openStore({ folder: path })).rejects.toMatchObject({ code: 'store/folder-locked' });
    lockedAt(600_000);
    const store = await openStore({ folder: path });
    await expect(openStore({ folder: path }), 'also in one process').rejects.toMatchObject({
      code: 'store/folder-locked',
    });
    await store.close();
  });

  it('is not made where other things are, or where the database is damaged', async () => {
    const path = place('others');
    const { code, stderr } = await attune(folder(), 'restore', 'none.gz', '--store', folder());
    expect(stderr).toContain('[store/folder-invalid]');
    expect(code).toBe(1);
    await (await openStore({ folder: path })).close();
    writeFileSync(join(path, 'data', 'global', 'pg_control'), 'nothing');
    await expect(openStore({ folder: path })).rejects.toMatchObject({ code: 'store/folder-invalid' });
    expect(existsSync(join(path, 'lock'))).toBe(false);
  }, 600_000);
});

const skipped = BACKENDS.find(({ name }) => name === 'PostgreSQL')!.skipped;

describe('attune backup, restore and store', () => {
  it('say what is missing', async () => {
    const none = await attune(folder(), 'backup', 'x.gz', '--store', 'no-store');
    expect(none.stderr).toContain('There is no store in no-store.');
    expect(none.code).toBe(1);
    expect(existsSync(place('no-store'))).toBe(false);
    const mistyped = await attune(folder(), 'store', 'forget', 'ann', '--store', 'no-store');
    expect(mistyped.stderr).toContain('[store/not-found]');
  });

  it.skipIf(skipped !== undefined)(
    `bring an embedded store to PostgreSQL and back${skipped ? `, skipped: ${skipped}` : ''}`,
    async () => {
      const database = await makeDatabase();
      try {
        const first = await openStore({ folder: place('first') });
        await filled(first);
        const content = await contentOf(first);
        await first.close();
        const run = async (...args: string[]) => {
          const ran = await attune(folder(), ...args, '--json');
          expect(ran.code, ran.stderr).toBe(0);
          return { ...ran, told: JSON.parse(ran.stdout) as { records: Record<string, number> } };
        };
        const out = await run('backup', 'first.gz', '--store', 'first');
        expect(out.told.records.products).toBe(6);
        const into = await run('restore', 'first.gz', '--store', database.url);
        expect(into.told.records).toEqual(out.told.records);
        expect(into.stderr).toContain('Restored 6 products, ');
        await run('backup', 'second.gz', '--store', database.url);
        await run('restore', 'second.gz', '--store', 'third');
        const third = await openStore({ folder: place('third') });
        expect(await contentOf(third)).toEqual(content);
        await third.events.add([{ at: new Date('2020-01-01'), kind: 'view', shopper: 'eve' }]);
        await third.close();
        const { told } = await run('store', 'forget', 'eve', '--store', 'third');
        expect(told).toMatchObject({ forgotten: { events: 1, responses: 0 } });
        const expired = await run('store', 'expire', 'events', '--older-than', '90d', '--store', 'third');
        expect(expired.told).toMatchObject({ deleted: { audit: 0 } });
        expect(expired.stderr).toMatch(/^Deleted 2 events/);
        const left = await openStore({ folder: place('third') });
        expect(await left.events.page({ until: new Date('2021-01-01') })).toEqual([]);
        await left.close();

        const again = await attune(folder(), 'restore', 'first.gz', '--store', database.url);
        expect(again.stderr).toContain('[store/not-empty]');
        expect(again.code).toBe(1);
        await run('restore', 'first.gz', '--store', database.url, '--replace');
        expect(readFileSync(place('first.gz')).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
      } finally {
        await database.remove();
      }
    },
    900_000,
  );
});
