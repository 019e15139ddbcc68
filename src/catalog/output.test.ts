import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TableWriter, writeTable } from './output.ts';
import { type Row, Source } from './source.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-output-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const columns = [
  { name: 'sku', type: 'VARCHAR' },
  { name: 'price', type: 'DOUBLE' },
  { name: 'tags', type: 'VARCHAR[]' },
  { name: 'extra', type: 'JSON' },
  { name: 'image', type: 'BLOB' },
];
const rows: Row[] = [
  { sku: '007', price: 1.5, tags: ['a', 'b'], extra: '{"k":1}', image: new Uint8Array([1, 2, 255]) },
  { sku: 'two, "lines"\n👟 حذاء', price: null, tags: null, extra: null, image: null },
];

async function* batches(...all: Row[][]): AsyncGenerator<Row[]> {
  yield* all;
}

async function readBack(path: string): Promise<Row[]> {
  const source = await Source.open({ paths: [path], scratch: join(folder, 'scratch'), threads: 1 });
  try {
    return await source.query('SELECT * EXCLUDE (_file, _row) FROM rows');
  } finally {
    source.close();
  }
}

describe('a table written', () => {
  it('as CSV is read back the same, lists and objects as JSON', async () => {
    const path = join(folder, 'out.csv');
    expect(await writeTable(path, columns, batches(rows))).toBe(2);
    expect(await readBack(path)).toEqual([
      { sku: '007', price: '1.5', tags: '["a","b"]', extra: '{"k":1}', image: 'AQL/' },
      { sku: rows[1]!.sku, price: null, tags: null, extra: null, image: null },
    ]);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('as JSON lines keeps numbers, lists and objects', async () => {
    const path = join(folder, 'out.jsonl');
    await writeTable(path, columns, batches(rows));
    expect(readFileSync(path, 'utf8').split('\n', 1)[0]).toBe(
      '{"sku":"007","price":1.5,"tags":["a","b"],"extra":{"k":1},"image":"AQL/"}',
    );
  });

  it('as Parquet keeps types', async () => {
    const path = join(folder, 'out.parquet');
    await writeTable(path, columns, batches(rows));
    const source = await Source.open({ paths: [path], scratch: join(folder, 'scratch'), threads: 1 });
    expect(source.columns.map(({ type }) => type)).toEqual([
      'VARCHAR',
      'DOUBLE',
      'VARCHAR[]',
      'JSON',
      'BLOB',
    ]);
    source.close();
    expect(await readBack(path)).toEqual(rows);
  });

  it('as gzip is gzip', async () => {
    const path = join(folder, 'out.tsv.gz');
    await writeTable(path, columns.slice(0, 2), batches(rows.slice(0, 1)));
    expect(gunzipSync(readFileSync(path)).toString()).toBe('sku\tprice\n007\t1.5\n');
  });

  it('does not replace a file unless it may', async () => {
    const path = join(folder, 'there.csv');
    writeFileSync(path, 'precious');
    await expect(writeTable(path, columns, batches(rows))).rejects.toMatchObject({
      code: 'catalog/output-exists',
    });
    expect(readFileSync(path, 'utf8')).toBe('precious');
    await writeTable(path, columns, batches(rows), { overwrite: true });
    expect(readFileSync(path, 'utf8')).toContain('007');
  });
});

describe('a run that fails', () => {
  it('leaves nothing when its rows end in an error, and the earlier file as it was', async () => {
    const path = join(folder, 'failed.csv');
    writeFileSync(path, 'earlier');
    async function* failing(): AsyncGenerator<Row[]> {
      yield rows;
      throw new Error('model lost');
    }
    await expect(writeTable(path, columns, failing(), { overwrite: true })).rejects.toThrow('model lost');
    expect(readFileSync(path, 'utf8')).toBe('earlier');
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  it('says that the disk is full and leaves nothing', async () => {
    const path = join(folder, 'full.csv');
    symlinkSync('/dev/full', `${path}.partial`);
    await expect(writeTable(path, columns, batches(rows))).rejects.toMatchObject({
      code: 'catalog/disk-full',
    });
    expect(readdirSync(folder).filter((name) => name.startsWith('full.csv'))).toEqual([]);
  });

  it('says that a folder cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await expect(writeTable(join(file, 'out.csv'), columns, batches(rows))).rejects.toMatchObject({
      code: 'catalog/output-unwritable',
    });
  });
});

describe('a run that was stopped', () => {
  const many = Array.from({ length: 10 }, (_, i) => ({ sku: `s${i}`, price: i }));
  const two = columns.slice(0, 2);

  for (const name of ['resumed.csv', 'resumed.jsonl', 'resumed.csv.gz', 'resumed.parquet']) {
    it(`goes on after its last checkpoint and ends as if it had not been (${name})`, async () => {
      const whole = join(folder, `whole-${name}`);
      await writeTable(whole, two, batches(many));
      const path = join(folder, name);
      const first = await TableWriter.open(path, two, { resume: 'model 1' });
      await first.write(many.slice(0, 4));
      await first.checkpoint();
      await first.write(many.slice(4, 7));
      await first.abort();
      expect(existsSync(path)).toBe(false);
      const second = await TableWriter.open(path, two, { resume: 'model 1' });
      expect(second.resumedRows).toBe(4);
      await second.write(many.slice(second.resumedRows));
      await second.commit();
      expect(await readBack(path)).toEqual(await readBack(whole));
      expect(readdirSync(folder).filter((left) => left.startsWith(`${name}.`))).toEqual([]);
    });
  }

  it('is not gone on with by another', async () => {
    const path = join(folder, 'other.csv');
    const first = await TableWriter.open(path, two, { resume: 'model 1' });
    await first.write(many);
    await first.checkpoint();
    await first.abort();
    await expect(TableWriter.open(path, two, { resume: 'model 2' })).rejects.toMatchObject({
      code: 'catalog/output-exists',
    });
  });
});
