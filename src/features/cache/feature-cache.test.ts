import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FeatureCache } from './feature-cache.ts';

const LAYOUT = { fingerprint: 'image-1 {}', rowLength: 5, dtype: 'float32' } as const;
const key = (i: number) => createHash('sha256').update(String(i)).digest('hex');
const row = (i: number) => Float32Array.of(i, i / 3, -i, 1e30, Number.NaN);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-cache-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function filled(count: number, from = 0): Promise<void> {
  const cache = await FeatureCache.open(folder, LAYOUT);
  for (let i = from; i < from + count; i++) cache.put(key(i), row(i));
  cache.close();
}

/** The folder of the one layout, and its files by ending. */
function files(): { readonly rows: string; readonly keys: string } {
  const own = join(folder, readdirSync(folder)[0]!);
  const names = readdirSync(own);
  return {
    rows: join(own, names.find((name) => name.endsWith('.rows'))!),
    keys: join(own, names.find((name) => name.endsWith('.keys'))!),
  };
}

it('gives back what was put, before and after it is written and opened again', async () => {
  // More than the 52,428 rows that are written together, and more than the table's first size.
  const count = 60_000;
  const cache = await FeatureCache.open(folder, LAYOUT);
  for (let i = 0; i < count; i++) cache.put(key(i), row(i));
  expect([0, 999, count - 1].map((i) => cache.get(key(i)))).toEqual([row(0), row(999), row(count - 1)]);
  expect(cache.get(key(count))).toBeUndefined();
  cache.close();

  const again = await FeatureCache.open(folder, LAYOUT);
  expect(again.size).toBe(count);
  for (let i = 0; i < count; i += 997) expect(again.get(key(i))).toEqual(row(i));
  expect([again.has(key(5)), again.has(key(count))]).toEqual([true, false]);
  again.close();
});

it('fills a row of a batch', async () => {
  await filled(3);
  const cache = await FeatureCache.open(folder, LAYOUT);
  const batch = new Float32Array(15).fill(7);
  expect(cache.getInto(key(2), batch.subarray(5, 10))).toBe(true);
  expect([...batch.slice(0, 5), ...batch.slice(10)]).toEqual(new Array(10).fill(7));
  expect(batch.slice(5, 10)).toEqual(row(2));
  cache.close();
});

it('keeps bytes as bytes, and layouts apart', async () => {
  const bytes = await FeatureCache.open(folder, { ...LAYOUT, dtype: 'uint8' });
  bytes.put(key(1), Uint8Array.of(0, 1, 2, 254, 255));
  bytes.close();
  for (const layout of [LAYOUT, { ...LAYOUT, fingerprint: 'other' }, { ...LAYOUT, rowLength: 6 }]) {
    const other = await FeatureCache.open(folder, layout);
    expect(other.size).toBe(0);
    other.close();
  }
  const again = await FeatureCache.open(folder, { ...LAYOUT, dtype: 'uint8' });
  expect(again.get(key(1))).toEqual(Uint8Array.of(0, 1, 2, 254, 255));
  again.close();
});

it('replaces a row that is put again', async () => {
  await filled(2);
  const cache = await FeatureCache.open(folder, LAYOUT);
  cache.put(key(0), row(9));
  expect(cache.get(key(0))).toEqual(row(9));
  expect(cache.size).toBe(2);
  cache.close();
});

it('has every whole row of a writer that was killed, wherever its files end', async () => {
  await filled(4);
  const { rows, keys } = files();
  const sizes = [80, 4 * 36];
  expect([readFileSync(rows).length, readFileSync(keys).length]).toEqual(sizes);
  const copy = join(folder, 'copy');
  mkdirSync(copy);
  copyFileSync(rows, join(copy, 'rows'));
  copyFileSync(keys, join(copy, 'keys'));
  const seen = new Set<number>();
  for (const [rowBytes, keyBytes] of [
    ...Array.from({ length: 81 }, (_, n) => [n, sizes[1]!] as const),
    ...Array.from({ length: 145 }, (_, n) => [sizes[0]!, n] as const),
  ]) {
    copyFileSync(join(copy, 'rows'), rows);
    copyFileSync(join(copy, 'keys'), keys);
    truncateSync(rows, rowBytes);
    truncateSync(keys, keyBytes);
    const whole = Math.min(Math.floor(rowBytes / 20), Math.floor(keyBytes / 36));
    const cache = await FeatureCache.open(folder, LAYOUT);
    expect(cache.size).toBe(whole);
    for (let i = 0; i < 4; i++) expect(cache.get(key(i))).toEqual(i < whole ? row(i) : undefined);
    cache.close();
    seen.add(whole);
  }
  expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
});

it('goes on after a writer that was killed', async () => {
  await filled(4);
  truncateSync(files().rows, 70);
  await filled(2, 3);
  const cache = await FeatureCache.open(folder, LAYOUT);
  for (let i = 0; i < 5; i++) expect(cache.get(key(i))).toEqual(row(i));
  cache.close();
});

it('takes a damaged row for none', async () => {
  await filled(3);
  const { rows } = files();
  const bytes = readFileSync(rows);
  bytes[25]! ^= 1;
  writeFileSync(rows, bytes);
  const cache = await FeatureCache.open(folder, LAYOUT);
  expect([0, 1, 2].map((i) => cache.get(key(i)))).toEqual([row(0), undefined, row(2)]);
  cache.put(key(1), row(1));
  expect(cache.get(key(1))).toEqual(row(1));
  cache.close();
  const again = await FeatureCache.open(folder, LAYOUT);
  expect(again.get(key(1))).toEqual(row(1));
  again.close();
});

it('lets two write at once', async () => {
  const one = await FeatureCache.open(folder, LAYOUT);
  const two = await FeatureCache.open(folder, LAYOUT);
  one.put(key(1), row(1));
  two.put(key(2), row(2));
  one.flush();
  two.put(key(3), row(3));
  one.close();
  two.close();
  const cache = await FeatureCache.open(folder, LAYOUT);
  expect([1, 2, 3].map((i) => cache.get(key(i)))).toEqual([1, 2, 3].map(row));
  cache.close();
});

it('refuses rows and keys of another kind, and a folder that is something else', async () => {
  const cache = await FeatureCache.open(folder, LAYOUT);
  expect(() => cache.put(key(1), new Float32Array(4))).toThrow(/rows of 5 float32 numbers/);
  expect(() => cache.put('abc', row(1))).toThrow(/abc is no SHA-256/);
  cache.close();
  writeFileSync(join(folder, readdirSync(folder)[0]!, 'cache.json'), '{}');
  await expect(FeatureCache.open(folder, LAYOUT)).rejects.toThrow(/does not describe the rows/);
  await expect(FeatureCache.open(join(folder, 'a'), { ...LAYOUT, rowLength: 0 })).rejects.toThrow(
    /0 numbers/,
  );
  writeFileSync(join(folder, 'file'), '');
  await expect(FeatureCache.open(join(folder, 'file'), LAYOUT)).rejects.toThrow(/cannot be written/);
});
