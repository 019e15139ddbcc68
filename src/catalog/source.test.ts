import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttuneError } from '../base/errors.ts';
import { type Row, Source, type SourceOptions } from './source.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-source-test-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

type Read = { rows: Row[]; rejects: Row[]; source: Pick<Source, 'columns' | 'warnings' | 'rowCount'> };

async function read(paths: string[], options: Partial<SourceOptions> = {}): Promise<Read> {
  const source = await Source.open({ paths, scratch: join(folder, 'scratch'), threads: 1, ...options });
  try {
    return {
      rows: await source.query('SELECT * EXCLUDE (_file) FROM rows'),
      rejects: await source.query('SELECT row, line, reason, detail, raw FROM rejects ORDER BY row'),
      source: { columns: source.columns, warnings: source.warnings, rowCount: source.rowCount },
    };
  } finally {
    source.close();
  }
}

async function refusal(paths: string[], options: Partial<SourceOptions> = {}): Promise<AttuneError> {
  const error = await read(paths, options).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(AttuneError);
  return error as AttuneError;
}

describe('CSV', () => {
  it('keeps every cell as text, so that leading zeros survive', async () => {
    const { rows, source } = await read([file('zeros.csv', 'sku,price\n00123,1.50\n1e5,\n')]);
    expect(rows).toEqual([
      { sku: '00123', price: '1.50', _row: 1 },
      { sku: '1e5', price: null, _row: 2 },
    ]);
    expect(source.columns).toEqual([
      { name: 'sku', type: 'VARCHAR' },
      { name: 'price', type: 'VARCHAR' },
    ]);
  });

  it('reads quoted cells with delimiters, quotes and line breaks, CRLF and a byte order mark', async () => {
    const text = '\uFEFFa,b\r\n"x, ""y""","1\r\n2"\r\n5" pipe,z';
    const { rows } = await read([file('quotes.csv', text)]);
    expect(rows).toEqual([
      { a: 'x, "y"', b: '1\r\n2', _row: 1 },
      { a: '5" pipe', b: 'z', _row: 2 },
    ]);
  });

  it('finds semicolons, tabs and bars by itself, and takes the delimiter it is given', async () => {
    expect((await read([file('s.csv', 'a;b\n1,5;2\n')])).rows[0]).toEqual({ a: '1,5', b: '2', _row: 1 });
    expect((await read([file('t.tsv', 'a\tb\n1\t2,3\n')])).rows[0]).toEqual({ a: '1', b: '2,3', _row: 1 });
    expect((await read([file('p.csv', 'a|b\n1|2\n')])).rows[0]).toEqual({ a: '1', b: '2', _row: 1 });
    const given = await read([file('g.csv', 'a,b~c\n1,2~3\n')], { delimiter: '~' });
    expect(given.rows[0]).toEqual({ 'a,b': '1,2', c: '3', _row: 1 });
  });

  it('heeds the line by which Excel tells the delimiter', async () => {
    const { rows, rejects } = await read([file('sep.csv', 'sep=;\r\na;b\r\n1,5;2\r\n3\r\n')]);
    expect(rows).toEqual([{ a: '1,5', b: '2', _row: 1 }]);
    expect(rejects).toMatchObject([{ row: 2, line: 4 }]);
  });

  it('takes years, and numbers that count the columns, for names', async () => {
    expect((await read([file('years.csv', 'sku,2023,2024\nx,1,2\n')])).rows[0]).toMatchObject({ 2023: '1' });
    expect((await read([file('counted.csv', '0,1\nx,y\n')])).rows[0]).toMatchObject({ 0: 'x', 1: 'y' });
  });

  it('does not take the commas of a text column for delimiters', async () => {
    const { rows } = await read([file('one.csv', 'text\nRed, nice shirt\n\nBlue\n')]);
    expect(rows.map((row) => row.text)).toEqual(['Red, nice shirt', 'Blue']);
  });

  it('sets ragged, broken and undecodable rows aside with their numbers and reads on', async () => {
    const text = Buffer.concat([
      Buffer.from('id,text\n1,a\n2\n3,a,b\n4,a,\n\n5,'),
      Buffer.from([0xff]),
      Buffer.from('\n6,"never closed\n7,"x"y\n8,fine\n9,"open to the end\n10,kept\n'),
    ]);
    const { rows, rejects } = await read([file('bad.csv', text)]);
    expect(rows.map(({ id, _row }) => [id, _row])).toEqual([
      ['1', 1],
      ['4', 4],
      ['8', 8],
      ['10', 10],
    ]);
    expect(rejects.map(({ row, line, reason }) => [row, line, reason])).toEqual([
      [2, 3, 'ragged-row'],
      [3, 4, 'ragged-row'],
      [5, 7, 'not-utf-8'],
      [6, 8, 'unclosed-quote'],
      [7, 9, 'text-after-quote'],
      [9, 11, 'unclosed-quote'],
    ]);
    expect(rejects[0]!.detail).toBe('2 cells expected, 1 found');
    expect(rejects[3]!.raw).toBe('6,"never closed');
  });

  it('tells a replacement character that the file holds from bytes it cannot read', async () => {
    const text = Buffer.concat([Buffer.from('id,text\n1,\uFFFD kept\n2,'), Buffer.from([0xc3, 0x28, 10])]);
    const { rows, rejects } = await read([file('replacement.csv', text)]);
    expect(rows).toEqual([{ id: '1', text: '\uFFFD kept', _row: 1 }]);
    expect(rejects.map(({ row }) => row)).toEqual([2]);
  });

  it('names columns that have no name or the name of another', async () => {
    const { source } = await read([file('names.csv', ',Size,size,_row\n1,2,3,4\n')]);
    expect(source.columns.map(({ name }) => name)).toEqual(['column_1', 'Size', 'size_2', '_row_2']);
    expect(source.warnings.join('\n')).toContain('a second column "size" is called "size_2"');
  });

  it('passes emoji, right-to-left and Chinese text through, also across the pieces it reads', async () => {
    const texts = Array.from(
      { length: 3000 },
      (_, i) => `${i} 👩‍👩‍👧 حذاء أحمر ${'红色的鞋子'.repeat(100)} שלום`,
    );
    const { rows } = await read([file('unicode.csv', `text,n\n${texts.map((t) => `${t},1`).join('\n')}\n`)]);
    expect(rows.map((row) => row.text)).toEqual(texts);
  });

  it('reads a cell of 10 MB', async () => {
    const long = `${'wool '.repeat(2_000_000)}"end"`;
    const { rows } = await read([file('long.csv', `id,text\n1,"${long.replaceAll('"', '""')}"\n2,b\n`)]);
    expect(rows[0]!.text === long).toBe(true);
    expect(rows[1]).toEqual({ id: '2', text: 'b', _row: 2 });
  });
});

describe('JSON lines', () => {
  it('types each key by all its values and keeps what does not fit one type as text', async () => {
    const lines = [
      { id: 7, price: 1, ok: true, mixed: 1, nested: { a: [1] }, A: 'upper' },
      { id: 8, price: 2.5, ok: null, mixed: 'x', a: 'lower', late: '👍' },
    ];
    const { rows, source } = await read([
      file('types.jsonl', lines.map((l) => JSON.stringify(l)).join('\n')),
    ]);
    expect(Object.fromEntries(source.columns.map(({ name, type }) => [name, type]))).toEqual({
      id: 'BIGINT',
      price: 'DOUBLE',
      ok: 'BOOLEAN',
      mixed: 'VARCHAR',
      nested: 'JSON',
      A: 'VARCHAR',
      a_2: 'VARCHAR',
      late: 'VARCHAR',
    });
    expect(rows[1]).toEqual({
      id: 8,
      price: 2.5,
      ok: null,
      mixed: 'x',
      nested: null,
      A: null,
      a_2: 'lower',
      late: '👍',
      _row: 2,
    });
    expect(rows[0]).toMatchObject({ mixed: '1', nested: '{"a":[1]}', A: 'upper', a_2: null });
  });

  it('keeps the digits of numbers too big for a double', async () => {
    const { rows } = await read([file('big.jsonl', '{"gtin":12345678901234567890}\n{"gtin":5}\n')]);
    expect(rows.map((row) => row.gtin)).toEqual(['12345678901234567890', '5']);
  });

  it('sets bad lines aside with their line numbers', async () => {
    const text = Buffer.concat([
      Buffer.from('{"t":"a"}\n{"t":\n\n[1]\n{"t":"'),
      Buffer.from([0xe9]),
      Buffer.from('"}\n{"t":"b"} junk\n{"t":"half \\ud83d"}'),
    ]);
    const { rows, rejects } = await read([file('bad.jsonl', text)]);
    expect(rows).toEqual([
      { t: 'a', _row: 1 },
      { t: 'half \uFFFD', _row: 6 },
    ]);
    expect(rejects.map(({ row, line, reason }) => [row, line, reason])).toEqual([
      [2, 2, 'malformed-json'],
      [3, 4, 'not-an-object'],
      [4, 5, 'not-utf-8'],
      [5, 6, 'malformed-json'],
    ]);
  });

  it('reads an array of objects', async () => {
    const { rows } = await read([file('array.json', '[\n{"t":"a"},\n{"t":"b"}]')]);
    expect(rows).toEqual([
      { t: 'a', _row: 1 },
      { t: 'b', _row: 2 },
    ]);
  });
});

describe('several files', () => {
  it('joins a glob in name order, by column name, gzipped or not', async () => {
    file('part-2.csv.gz', gzipSync('b,a\n4,3\n'));
    file('part-1.csv', 'a,b\n1,2\n');
    file('part-3.csv', 'a,c\n5,6\n');
    const { rows } = await read([join(folder, 'part-*.csv*')]);
    expect(rows).toEqual([
      { a: '1', b: '2', c: null, _row: 1 },
      { a: '3', b: '4', c: null, _row: 1 },
      { a: '5', b: null, c: '6', _row: 1 },
    ]);
  });

  it('reads a Parquet file with its types and row numbers', async () => {
    const source = await Source.open({
      paths: [file('seed.csv', 'a\n1\n')],
      scratch: join(folder, 'scratch'),
    });
    const path = join(folder, 'made.parquet');
    await source.run(
      `COPY (SELECT i::INTEGER AS i, 'x' || i AS s, [i, i + 1] AS l, MAP {'k': i} AS m, DATE '2024-01-31' AS d,
       TIMESTAMP '2024-01-31 10:00:00' AS t, 1.25::DECIMAL(9, 2) AS n, 'ab'::BLOB AS b FROM range(3) r(i)) TO '${path}'`,
    );
    source.close();
    const { rows } = await read([path]);
    expect(rows).toHaveLength(3);
    expect(rows[2]).toEqual({
      i: 2,
      s: 'x2',
      l: [2, 3],
      m: { k: 2 },
      d: '2024-01-31',
      t: '2024-01-31T10:00:00',
      n: 1.25,
      b: new Uint8Array([97, 98]),
      _row: 3,
    });
  });
});

describe('files that cannot be read', () => {
  it('says that a file or a match is missing', async () => {
    expect(await refusal([join(folder, 'no.csv')])).toMatchObject({ code: 'catalog/file-missing' });
    expect((await refusal([join(folder, 'no-*.csv')])).message).toContain('No file matches');
    expect((await refusal(['https://shop.invalid/a.parquet'])).message).toContain('opens no network');
    expect((await refusal([folder])).message).toContain('is a folder');
    expect((await refusal([file('sheet.xlsx', 'PK')])).hint).toContain('CSV');
  });

  it('says that a file is empty or has no header', async () => {
    expect(await refusal([file('nothing.csv', '')])).toMatchObject({ code: 'catalog/file-empty' });
    expect(await refusal([file('blank.csv', ' \n\n')])).toMatchObject({ code: 'catalog/file-empty' });
    expect(await refusal([file('header.csv', 'a,b\n')])).toMatchObject({ code: 'catalog/file-empty' });
    expect(await refusal([file('data.csv', '1,2.5\n2,3.5\n')])).toMatchObject({
      code: 'catalog/header-missing',
    });
  });

  it('names the encoding and the option for UTF-16 and Latin-1, and reads them when told', async () => {
    const utf16 = file('utf16.csv', Buffer.from('\uFEFFname,farbe\nSchuh,größe 👟\n', 'utf16le'));
    const latin = file('latin.csv', Buffer.from('name,farbe\nSchuh,grün\nHut,weiß\n', 'latin1'));
    expect((await refusal([utf16])).message).toContain('UTF-16');
    expect((await refusal([utf16])).hint).toContain('utf-16');
    expect((await refusal([latin])).message).toContain('Latin-1');
    expect((await refusal([latin])).hint).toContain('iconv -f WINDOWS-1252');
    expect((await read([utf16], { encoding: 'utf-16' })).rows[0]!.farbe).toBe('größe 👟');
    expect((await read([latin], { encoding: 'latin-1' })).rows.map((row) => row.farbe)).toEqual([
      'grün',
      'weiß',
    ]);
    expect(await refusal([latin], { encoding: 'utf-16' })).toMatchObject({ code: 'catalog/encoding' });
    expect(await refusal([file('u.csv', 'a,b\nü,ö\n')], { encoding: 'latin-1' })).toMatchObject({
      code: 'catalog/encoding',
    });
    expect((await refusal([latin], { encoding: 'utf-9' })).message).toContain('no encoding called');
  });

  it('says that gzip, Parquet or JSON is broken', async () => {
    const whole = gzipSync(`a,b\n${'1,2\n'.repeat(9999)}`);
    expect((await refusal([file('cut.csv.gz', whole.subarray(0, 40))])).code).toBe('catalog/format-broken');
    expect((await refusal([file('no.parquet', 'PAR1 no')])).code).toBe('catalog/format-broken');
    expect((await refusal([file('no.json', '[{"a":1}')])).code).toBe('catalog/format-broken');
  });

  it('leaves nothing in the scratch folder, whether it worked or not', () => {
    expect(readdirSync(join(folder, 'scratch'))).toEqual([]);
  });
});
