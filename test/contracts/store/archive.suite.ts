import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBackup, writeBackup } from '../../../src/store/backup-file.ts';
import type { Store } from '../../../src/store/store.ts';
import * as tables from '../../../src/store/tables.ts';
import { type Bench, emptied, predicted, shirts } from './bench.ts';

/** Something in every table. */
export async function filled(store: Store): Promise<void> {
  const media = [{ field: 'photo', reference: 'ü "x".jpg', contentHash: 'ff' }];
  await store.products.put(shirts(5).map((shirt) => ({ ...shirt, media, locale: 'de' })));
  await store.products.put([{ id: 'odd ["x",{}]\n\\', fields: { price: 0.1, big: 1e21, text: '12\u2028' } }]);
  await store.pictures.keep([{ productId: 'a-00', contentHash: 'ff', jpeg: Buffer.from([0, 255]) }], 10);
  await store.values.fromSupplier([{ productId: 'a-00', attribute: 'color', values: ['Red', 'Blue'] }]);
  await store.predictions.record([
    predicted('a-01', { confidence: 0.1 + 0.2 }),
    predicted('a-02', { status: 'review', confidence: 0.4, value: '12' }),
    predicted('a-03', { status: 'review', confidence: 0.4 }),
  ]);
  await store.predictions.record([
    predicted('a-01', { version: '2', evidence: [{ field: 't', start: 0, end: 1, text: '€' }] }),
  ]);
  await store.reviews.submit({ productId: 'a-02', attribute: 'color', values: ['Green'], who: 'ann' });
  await store.reviews.take('ann');
  const id = randomUUID();
  await store.models.register({ name: id, version: '1', folder: '/m', checksum: 'c', figures: { f1: 0.9 } });
  await store.models.promote(id, '1');
  await store.runs.start({ id, kind: 'train', config: { a: [1, null] } });
  await store.events.add([{ at: new Date(1), kind: 'view', shopper: 's', price: 1 / 3 }]);
  await store.alerts.add({ monitor: 'm', severity: 'info', title: 't' });
  await store.monitorReports.add({ model: 'm', version: '1', signals: { d: 1 }, report: { notes: [] } });
  await store.audit.add({ who: 'w', action: 'a', subject: 's' });
  await store.keys.create({ name: 'k', role: 'admin', createdBy: 'w' });
  await store.idempotency.begin(id, '/r', 'h');
  await store.work.plan(id, [{ from: 0 }]);
  await store.vectors.put(id, [{ productId: 'a-00', embedding: [0.1, 1 / 3, -1e-30], contentHash: 'h' }]);
  await store.positions.advance('s', [{ productId: 'a-00', epoch: 1_764_000_000_000, sequence: 7 }]);
}

/** Its records as text, sorted: two stores with the same ones have the same. */
export async function contentOf(store: Store): Promise<string[]> {
  const lines: string[] = [];
  await store.archive.dump(async (line) => void lines.push(line));
  return lines.slice(1, -1).sort();
}

export function archiveSuite(bench: Bench): void {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'attune-backup-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe('a backup', () => {
    it('holds everything, and brings it back as it was', async () => {
      const { store } = bench;
      await filled(store);
      const before = await contentOf(store);
      const path = join(folder, 'whole.gz');
      const { counts, bytes } = await writeBackup(store, path);
      expect(
        Object.entries(counts).filter(([, count]) => count === 0),
        'every table is tried',
      ).toEqual([]);
      const known = Object.values(tables as Readonly<Record<string, unknown>>).filter((value) =>
        is(value, PgTable),
      );
      expect(Object.keys(counts).sort()).toEqual(known.map((table) => getTableName(table)).sort());
      expect(bytes).toBe((await stat(path)).size);
      await emptied(store);
      await store.products.put(shirts(1, 'other'));
      expect(await readBackup(store, path, { replace: true })).toEqual({ counts });
      expect(await contentOf(store)).toEqual(before);
      // New records get new numbers.
      await store.events.add([{ at: new Date(2), kind: 'view' }]);
      await store.predictions.record([predicted('a-04', { status: 'review', confidence: 0.1 })]);
      expect(await store.reviews.suggestions('a-04', 'color')).toHaveLength(1);
    });

    it('of older tables is told what later ones say of its records', async () => {
      const { store } = bench;
      await store.products.put(shirts(1));
      const audit = { chance: 0.25, priority: 0.5 };
      await store.predictions.record([predicted('a-00', { version: 'old', unit: 'g', audit })]);
      await store.reviews.submit({ productId: 'a-00', attribute: 'color', values: ['Red'], who: 'ann' });
      const path = join(folder, 'older.gz');
      await writeBackup(store, path);
      const lines = gunzipSync(await readFile(path))
        .toString()
        .trimEnd()
        .split('\n')
        .map((line) =>
          line.replace(/"schema":\d+/, '"schema":7').replaceAll(/,"(audit|kind|unit)":(0.25|null|"g")/g, ''),
        );
      const { counts } = JSON.parse(lines.pop()!);
      const sha256 = createHash('sha256')
        .update(`${lines.join('\n')}\n`)
        .digest('hex');
      await writeFile(path, gzipSync(`${[...lines, JSON.stringify({ counts, sha256 })].join('\n')}\n`));
      await readBackup(store, path, { replace: true });
      expect(await store.reviews.audits('attune-model', 'old')).toMatchObject([{ checked: 1, weight: 4 }]);
    });

    it('does not go over what is there, neither in a store nor as a file', async () => {
      const { store } = bench;
      const path = join(folder, 'careful.gz');
      await store.products.put(shirts(1));
      await writeBackup(store, path);
      const bytes = await readFile(path);
      await expect(writeBackup(store, path)).rejects.toMatchObject({ code: 'store/backup-exists' });
      await writeBackup(store, path, { overwrite: true });
      expect((await readFile(path)).equals(bytes)).toBe(true);
      await store.products.put(shirts(2));
      await expect(readBackup(store, path)).rejects.toMatchObject({ code: 'store/not-empty' });
      expect(await store.products.count()).toBe(2);
    });

    it('that is damaged, cut off, or none, changes nothing', async () => {
      const { store } = bench;
      await store.products.put(shirts(3));
      const path = join(folder, 'damaged.gz');
      await writeBackup(store, path, { overwrite: true });
      const whole = gunzipSync(await readFile(path)).toString();
      const lines = whole.trimEnd().split('\n');
      const ofText = (list: readonly string[]) => gzipSync(`${list.join('\n')}\n`);
      const bytes = gzipSync(whole);
      const bad: Record<string, Buffer> = {
        'not gzipped': Buffer.from(whole),
        'cut off': bytes.subarray(0, bytes.length - 20),
        'without its end': ofText(lines.slice(0, -1)),
        'with a record too few': ofText(lines.filter((_, i) => i !== 1)),
        'with a changed record': ofText(lines.map((line) => line.replace('number 1', 'number 7'))),
        'with a broken record': ofText(lines.map((line) => line.replace('"fields":', '"fields"'))),
        'of an unknown table': ofText(lines.map((line) => line.replace('["products"', '["elsewhere"'))),
        'going on after its end': ofText([...lines, lines[1]!]),
        'of something else': gzipSync('{"hello": 1}\n'),
        empty: gzipSync(''),
      };
      const before = await contentOf(store);
      for (const [what, content] of Object.entries(bad)) {
        await writeFile(path, content);
        await expect(readBackup(store, path, { replace: true }), what).rejects.toMatchObject({
          code: 'store/backup-invalid',
        });
        expect(await contentOf(store), what).toEqual(before);
      }
      await writeFile(path, ofText(lines.map((line) => line.replace(/"schema":\d+/, '"schema":99'))));
      await expect(readBackup(store, path, { replace: true })).rejects.toMatchObject({
        code: 'store/newer-schema',
      });
      await expect(readBackup(store, join(folder, 'none'))).rejects.toMatchObject({
        code: 'store/backup-missing',
      });
      await expect(readBackup(store, folder, { replace: true })).rejects.toMatchObject({
        code: 'store/backup-missing',
      });
    });

    it('that cannot be written leaves no file, and says that it is the file', async () => {
      const { store } = bench;
      await store.products.put(shirts(3));
      await expect(writeBackup(store, join(folder, 'no', 'such', 'folder.gz'))).rejects.toMatchObject({
        code: 'store/backup-unwritable',
      });
      expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
      expect(await store.products.count(), 'the store works on').toBe(3);
    });
  });
}
