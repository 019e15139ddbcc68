/** What our trainers learn from a catalog beside what those of the `tokenizers` library do (test/golden/tokenizers/train.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { csvRecords } from '../../catalog/csv-records.ts';
import { loadTokenizer } from './load-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { trainBytePair } from './train-byte-pair.ts';
import { trainWordPiece } from './train-wordpiece.ts';

type Trained = {
  readonly kind: 'wordpiece' | 'byte-pair';
  readonly vocabularySize: number;
  /** In the order of their ids. */
  readonly tokens: readonly string[];
};
type Json = Readonly<Record<string, unknown>>;

const ROOT = join(import.meta.dirname, '../../..');
const TRAINED = JSON.parse(
  readFileSync(join(ROOT, 'test/golden/tokenizers/fixtures/trained.json'), 'utf8'),
) as readonly Trained[];

async function textsOfBoutique(): Promise<string[]> {
  async function* chunks() {
    yield { text: readFileSync(join(ROOT, 'examples/boutique/data/products.csv'), 'utf8'), suspect: false };
  }
  const rows: (readonly string[])[] = [];
  for await (const batch of csvRecords(chunks(), ','))
    for (const record of batch) if ('fields' in record) rows.push(record.fields);
  const [header, ...products] = rows;
  const columns = ['title', 'description'].map((name) => header!.indexOf(name));
  return products.flatMap((row) => columns.map((column) => row[column]!).filter((text) => text !== ''));
}

const modelOf = (json: Json) => json.model as { readonly vocab: Readonly<Record<string, number>> };

/** Our tokenizer with another's vocabulary. */
const withTokens = (json: Json, tokens: readonly string[]) =>
  loadTokenizer({
    ...json,
    model: { ...modelOf(json), vocab: Object.fromEntries(tokens.map((token, id) => [token, id])) },
  });

const written = (tokenizer: Tokenizer, word: string) =>
  Array.from(tokenizer.encode(word).ids, (id) => tokenizer.token(id)).join(' ');

describe('a vocabulary learned from a catalog, beside that of the original library,', () => {
  let texts: string[];
  beforeAll(async () => {
    texts = await textsOfBoutique();
  });
  const trained = (kind: Trained['kind']) => TRAINED.filter((each) => each.kind === kind);

  it.each(trained('byte-pair'))('has its tokens and its ids (byte level, $vocabularySize)', async (its) => {
    const files = await trainBytePair(texts, { vocabularySize: its.vocabularySize });
    const { vocab } = modelOf(files['tokenizer.json']);
    expect(vocab).toEqual(Object.fromEntries(its.tokens.map((token, id) => [token, id])));
  });

  // The library's own are not the same twice: see train.py.
  it.each(trained('wordpiece'))('has its tokens but for ties (WordPiece, $vocabularySize)', async (its) => {
    const files = await trainWordPiece(texts, { vocabularySize: its.vocabularySize });
    const json = files['tokenizer.json'];
    const tokens = Object.keys(modelOf(json).vocab);
    expect(tokens).toHaveLength(its.tokens.length);
    const theirs = new Set(its.tokens);
    expect(tokens.filter((token) => !theirs.has(token)).length).toBeLessThan(0.005 * tokens.length);
    const [ours, other] = [loadTokenizer(json), withTokens(json, its.tokens)];
    const words = texts.flatMap((text) => text.split(/\s+/));
    const same = words.filter((word) => written(ours, word) === written(other, word));
    expect(same.length / words.length).toBeGreaterThan(0.995);
  });
});
