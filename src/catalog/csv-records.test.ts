import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, csvRecords } from './csv-records.ts';
import { csvLine } from './row-text.ts';
import type { TextChunk } from './text-stream.ts';

async function* pieces(text: string, size: number): AsyncGenerator<TextChunk> {
  for (let at = 0; at < text.length; at += size) yield { text: text.slice(at, at + size), suspect: false };
}

async function read(text: string, size: number, delimiter = ','): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const batch of csvRecords(pieces(text, size), delimiter)) records.push(...batch);
  return records;
}

const cell = fc.string({
  unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', '\t', 'ü', '👟'),
  maxLength: 6,
});

describe('CSV records', () => {
  it('are read as they were written, in whatever pieces the text comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell), { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(',', '\t'),
        async (rows, size, delimiter) => {
          const columns = ['0', '1'].map((name) => ({ name, type: 'VARCHAR' }));
          const text = rows.map((row) => csvLine(columns, { 0: row[0], 1: row[1] }, delimiter)).join('');
          const records = await read(text, size, delimiter);
          expect(records.map((record) => 'fields' in record && record.fields)).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never lose a line of text that is not CSV, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', ',', '"', '\n'), maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        async (text, size) => {
          const letters = (await read(text, size))
            .map((record) => ('fields' in record ? record.fields.join() : record.raw))
            .join()
            .replaceAll(/[^a]/g, '');
          expect(letters).toBe(text.replaceAll(/[^a]/g, ''));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('know the line that each starts on', async () => {
    const records = await read('a,b\n\n"x\ny",2\nq"r,3\n"open,4\nlast,5\n', 3);
    expect(records.map(({ line }) => line)).toEqual([1, 3, 5, 6, 7]);
    expect(records[3]).toEqual({ fault: 'unclosed-quote', line: 6, raw: '"open,4' });
  });

  it('end with carriage returns in a file that has no line feeds', async () => {
    expect(await read('a,b\r1,2\r', 100)).toEqual([
      { fields: ['a', 'b'], line: 1 },
      { fields: ['1', '2'], line: 2 },
    ]);
  });
});
