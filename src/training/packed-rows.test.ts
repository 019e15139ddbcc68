import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadTokenizer } from '../features/text/load-tokenizer.ts';
import { trainWordPiece } from '../features/text/train-wordpiece.ts';
import { packRows, readTokens, rowCount, type WholeRow } from './packed-rows.ts';

async function packed(texts: readonly (readonly number[])[], options: { length: number; cls?: number }) {
  const rows: WholeRow[] = [];
  const chunk = texts.map((ids) => ({
    ids: Int32Array.from(ids),
    continues: Uint8Array.from(ids, (id) => id % 2),
  }));
  async function* chunks() {
    yield chunk.slice(0, 2);
    yield chunk.slice(2);
  }
  for await (const row of packRows(chunks(), { cls: undefined, ...options })) rows.push(row);
  return rows;
}

describe('packRows', () => {
  it('fills rows, and goes on with a text in the next row', async () => {
    const rows = await packed([[10, 11, 12], [20], [30, 31, 32, 33, 34]], { length: 5, cls: 2 });
    expect(rows.map(({ ids }) => [...ids])).toEqual([
      [2, 10, 11, 12, 20],
      [2, 30, 31, 32, 33],
      [2, 34],
    ]);
    expect([...rows[1]!.continues]).toEqual([0, 0, 1, 0, 1]);
  });

  it('loses no token, and makes as many rows as are told beforehand', async () => {
    const texts = fc.array(fc.array(fc.integer({ min: 5, max: 99 }), { minLength: 1, maxLength: 30 }));
    const given = fc.tuple(
      texts,
      fc.integer({ min: 2, max: 12 }),
      fc.option(fc.constant(2), { nil: undefined }),
    );
    await fc.assert(
      fc.asyncProperty(given, async ([all, length, cls]) => {
        const rows = await packed(all, { length, ...(cls === undefined ? {} : { cls }) });
        const tokens = rows.flatMap(({ ids }) => [...ids.subarray(cls === undefined ? 0 : 1)]);
        expect(tokens).toEqual(all.flat());
        expect(rows).toHaveLength(rowCount(all.flat().length, { length, cls }));
      }),
    );
  });
});

describe('readTokens', () => {
  it('closes each text, and marks what goes on with a word', async () => {
    const files = await trainWordPiece(['blue shoe', 'blue shoe', 'shoes'], { vocabularySize: 24 });
    const tokenizer = loadTokenizer(files['tokenizer.json'], files['tokenizer_config.json']);
    const texts = { title: 'Blue shoes', points: ' ', description: 'shoe' };
    const read = readTokens({ texts }, ['title', 'points', 'description'], tokenizer)!;
    const tokens = Array.from(read.ids, (id) => tokenizer.token(id));
    expect(tokens.filter((token) => token === '[SEP]')).toHaveLength(2);
    expect([...read.continues]).toEqual(tokens.map((token) => (token.startsWith('##') ? 1 : 0)));
    expect(readTokens({ texts: { title: '' } }, ['title'], tokenizer)).toBeUndefined();
  });
});
