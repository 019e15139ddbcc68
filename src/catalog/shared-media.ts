/**
 * Products that show one picture or play one sound: equal bytes in their cells, one address, or files of one content under whatever
 * names. Files are read only where another has as many bytes.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Pairs } from './components.ts';
import type { MediaColumn } from './items.ts';
import { isPattern, parseReference, splitReferences } from './media-reference.ts';
import { mediaCells } from './product-reader.ts';
import type { Row, Source } from './source.ts';

/**
 * @param table - of the products
 * @param most - a picture of more products than this is no product's own, such as one that says that there is none
 * @returns each product with the first one that has the same file
 */
export async function findSharedMedia(
  source: Source,
  table: string,
  columns: readonly MediaColumn[],
  most: number,
): Promise<Pairs> {
  const pairs = new Pairs();
  if (columns.length === 0) return pairs;
  await source.run(
    'CREATE OR REPLACE TABLE media_used (item BIGINT, key VARCHAR, path VARCHAR, size BIGINT)',
  );
  await source.run('CREATE OR REPLACE TABLE media_contents (path VARCHAR, content VARCHAR)');
  for (const column of columns) await noteColumn(source, table, column);
  await readContents(source);
  await source.run(`CREATE OR REPLACE TABLE media_keys AS SELECT DISTINCT u.item, coalesce(c.content, u.key) AS key
    FROM media_used u LEFT JOIN media_contents c ON c.path = u.path`);
  const shared = source.stream(
    `SELECT k.item, g.first FROM media_keys k JOIN (
      SELECT key, min(item) AS first FROM media_keys GROUP BY key HAVING count(*) BETWEEN 2 AND ?
    ) g ON g.key = k.key WHERE k.item <> g.first`,
    [most],
  );
  for await (const rows of shared)
    for (const { item, first } of rows) pairs.add(Number(first), Number(item), 1);
  await source.run('DROP TABLE media_keys; DROP TABLE media_contents; DROP TABLE media_used');
  return pairs;
}

/** SQL of the bytes in a cell; undefined of cells that name files. */
function bytesSql({ cell, type }: MediaColumn): string | undefined {
  if (type === 'BLOB') return cell;
  return /^STRUCT\(.*\bbytes"? BLOB/i.test(type) ? `(${cell}).bytes` : undefined;
}

async function noteColumn(source: Source, table: string, column: MediaColumn): Promise<void> {
  const from = `FROM ${table} b JOIN items i ON i.item = b.rowid WHERE i.reason IS NULL`;
  const bytes = bytesSql(column);
  if (bytes !== undefined)
    return source.run(
      `INSERT INTO media_used SELECT i.item, 'bytes ' || md5(${bytes}), NULL, NULL ${from} AND octet_length(${bytes}) > 0`,
    );
  const appender = await source.appender('media_used');
  const cells = source.stream(
    `SELECT i.item, i.file, ${column.cell} AS cell ${from} AND ${column.cell} IS NOT NULL`,
  );
  for await (const rows of cells) {
    for (const { item, key, path, size } of (await Promise.all(rows.map(filesOf))).flat()) {
      appender.appendBigInt(BigInt(item));
      appender.appendVarchar(key);
      if (path === undefined) appender.appendNull();
      else appender.appendVarchar(path);
      if (size === undefined) appender.appendNull();
      else appender.appendBigInt(BigInt(size));
      appender.endRow();
    }
  }
  appender.closeSync();
}

type UsedFile = {
  readonly item: number;
  /** Tells it apart as long as nobody has looked into it. */
  readonly key: string;
  /** Of a file that is there. */
  readonly path?: string;
  readonly size?: number;
};

function filesOf({ item, file, cell }: Row): Promise<UsedFile[]> {
  const references = mediaCells(cell).flatMap((text) =>
    typeof text === 'string' ? splitReferences(text) : [],
  );
  return Promise.all(
    references.map(async (reference): Promise<UsedFile> => {
      const parsed = parseReference(reference);
      if (parsed.kind === 'data')
        return { item: Number(item), key: `data ${createHash('md5').update(parsed.uri).digest('hex')}` };
      if (parsed.kind !== 'file' || isPattern(parsed.path))
        return { item: Number(item), key: `named ${dirname(String(file))} ${reference}` };
      const path = resolve(dirname(String(file)), parsed.path);
      const status = await stat(path).catch(() => undefined);
      const found = status?.isFile() ? { path, size: status.size } : {};
      return { item: Number(item), key: `file ${path}`, ...found };
    }),
  );
}

/** What is in the files that may be copies of each other. */
async function readContents(source: Source): Promise<void> {
  const appender = await source.appender('media_contents');
  const candidates = source.stream(`SELECT DISTINCT path FROM media_used WHERE size IN (
    SELECT size FROM media_used WHERE size > 0 GROUP BY size HAVING count(DISTINCT path) > 1)`);
  for await (const rows of candidates) {
    for (const { path } of rows) {
      const content = await contentOf(String(path));
      if (content === undefined) continue;
      appender.appendVarchar(String(path));
      appender.appendVarchar(`content ${content}`);
      appender.endRow();
    }
  }
  appender.closeSync();
}

/** Undefined where the file cannot be read, which reading it for training will tell. */
async function contentOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
