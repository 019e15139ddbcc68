/**
 * Products whose texts are the same or nearly so, found in a table of any size: each text is sketched in a stream, the
 * sketches go to DuckDB, and DuckDB, which spills, brings those together that agree in a band of six bins. Only pairs
 * whose whole sketches agree count.
 *
 * @see Leskovec, Rajaraman and Ullman, "Mining of Massive Datasets", chapter 3, http://www.mmds.org
 */
import { type Progress, silent } from '../base/progress.ts';
import { Pairs } from './components.ts';
import { type Grams, gramsOf, SKETCH_BINS, similarity, sketchOf } from './sketch.ts';
import type { Source } from './source.ts';

/**
 * Texts with a Jaccard similarity of character 4-grams of 0.8 are near-copies; the estimate has a standard error of
 * 0.04, and few of them should be missed.
 */
const ACCEPTED = 0.76;
/** Bins in a band: texts that are 0.8 alike agree in one of 20 bands of six with a probability of 0.997. */
const BAND = 6;
/** Where template is left out: those that are 0.5 alike agree in one of 30 bands of four with 0.86. */
const TEMPLATE_BAND = 4;
/** What is left without template must be this much alike, and the whole texts as much as others. */
const DISTINCTIVE = 0.5;
/** Sketches times bands that one query sorts into buckets. */
const BUCKETED_AT_ONCE = 2_000_000;

/** Only the start of a text is sketched, in characters. */
export const SKETCHED_CHARACTERS = 20_000;

/** Texts with more 4-grams than this may be mostly template. */
const LONG = 300;
const SAMPLE = 20_000;
/** Fewer sampled texts than this do not tell a template. */
const SMALLEST_SAMPLE = 500;
/** A 4-gram that is in more than this share of the long texts is template. */
const COMMON = 0.1;
/** Where less than this share of a typical long text is template, unrelated texts are no near-copies anyway. */
const MOSTLY = 0.75;
const SLOTS = 1 << 20;

export type Duplicates = {
  /** Pairs with the same text but for case, punctuation and spaces. */
  readonly same: Pairs;
  /** Pairs of near-copies, with their similarity. */
  readonly near: Pairs;
};

/**
 * @param textsSql - SQL of two columns, `item` (0-based) and `text`; items without text are left out
 */
export async function findDuplicates(
  source: Source,
  textsSql: string,
  progress: Progress = silent,
): Promise<Duplicates> {
  const template = await findTemplate(source, textsSql);
  await source.run(
    'CREATE OR REPLACE TABLE sketches (item BIGINT, whole DOUBLE, bands VARCHAR, full_sketch VARCHAR)',
  );
  await sketchAll(source, textsSql, template, progress);
  const same = new Pairs();
  const equal = `SELECT s.item AS a, g.first AS b FROM sketches s JOIN (
      SELECT whole, min(item) AS first FROM sketches GROUP BY whole HAVING count(*) > 1
    ) g ON g.whole = s.whole WHERE s.item <> g.first`;
  for await (const rows of source.stream(equal)) {
    for (const { a, b } of rows) same.add(Number(a), Number(b), 1);
  }
  await source.run(`CREATE OR REPLACE TABLE distinct_sketches AS SELECT min(item) AS item, any_value(bands) AS bands,
    any_value(full_sketch) AS full_sketch FROM sketches WHERE bands IS NOT NULL GROUP BY whole`);
  await source.run('CREATE OR REPLACE TABLE candidates (a BIGINT, b BIGINT)');
  const width = template === undefined ? BAND : TEMPLATE_BAND;
  const bands = SKETCH_BINS / width;
  const atOnce = Math.max(1, Math.floor(BUCKETED_AT_ONCE / source.rowCount));
  for (let band = 0; band < bands; band += atOnce) {
    await source.run(candidatesSql(width, band, Math.min(band + atOnce, bands)));
  }
  const near = new Pairs();
  const pairs = `SELECT c.a, c.b, s.bands AS bands_a, t.bands AS bands_b, s.full_sketch AS full_a, t.full_sketch AS full_b
    FROM (SELECT DISTINCT a, b FROM candidates) c
    JOIN distinct_sketches s ON s.item = c.a JOIN distinct_sketches t ON t.item = c.b`;
  for await (const rows of source.stream(pairs)) {
    for (const row of rows) {
      const value = pairSimilarity(row as SketchPair);
      if (value > 0) near.add(Number(row.a), Number(row.b), value);
    }
  }
  await source.run('DROP TABLE candidates; DROP TABLE distinct_sketches; DROP TABLE sketches');
  return { same, near };
}

/**
 * Items that agree in one of the bands [`from`, `to`), each paired with the first of its bucket and with its neighbour there by sketch: every
 * member of a bucket of thousands is compared twice, not with thousands.
 */
function candidatesSql(width: number, from: number, to: number): string {
  const keyed = `SELECT item, bands, chr(65 + band::INTEGER) || substr(bands, ${width} * band + 1, ${width}) AS key
    FROM distinct_sketches, range(${from}, ${to}) r(band)`;
  return `INSERT INTO candidates SELECT least(item, other), greatest(item, other) FROM (
      SELECT item, unnest([first_value(item) OVER bucket, lag(item) OVER bucket]) AS other FROM (${keyed})
      WHERE key IN (SELECT key FROM (${keyed}) GROUP BY key HAVING count(*) > 1)
      WINDOW bucket AS (PARTITION BY key ORDER BY bands, item)
    ) WHERE other <> item`;
}

type SketchPair = {
  readonly bands_a: string;
  readonly bands_b: string;
  readonly full_a: string | null;
  readonly full_b: string | null;
};

/**
 * How near two near-copies are; 0 when they are none. Where template was left out of both, the mean of the similarities
 * with and without it; where only of one, they are none.
 */
function pairSimilarity({ bands_a, bands_b, full_a, full_b }: SketchPair): number {
  const distinctive = similarity(bands_a, bands_b);
  if (full_a === null && full_b === null) return distinctive >= ACCEPTED ? distinctive : 0;
  if (full_a === null || full_b === null || distinctive < DISTINCTIVE) return 0;
  const whole = similarity(full_a, full_b);
  return whole >= ACCEPTED ? (whole + distinctive) / 2 : 0;
}

async function sketchAll(
  source: Source,
  textsSql: string,
  template: Uint8Array | undefined,
  progress: Progress,
): Promise<void> {
  progress({ kind: 'stage', stage: 'compare', total: source.rowCount });
  const appender = await source.appender('sketches');
  let done = 0;
  for await (const rows of source.stream(textsSql)) {
    for (const { item, text } of rows) {
      const grams = gramsOf(String(text));
      const distinctive = template === undefined ? undefined : withoutTemplate(grams, template);
      appender.appendBigInt(BigInt(item as number));
      appender.appendDouble(grams.whole);
      const hashes = distinctive ?? grams.hashes;
      if (hashes.length === 0) appender.appendNull();
      else appender.appendVarchar(sketchOf(hashes));
      if (distinctive === undefined) appender.appendNull();
      else appender.appendVarchar(sketchOf(grams.hashes));
      appender.endRow();
    }
    done += rows.length;
    progress({ kind: 'advance', done });
  }
  appender.closeSync();
}

/** The 4-grams of a long text that are not template, or undefined when the text is short or nothing else is in it. */
function withoutTemplate({ hashes }: Grams, template: Uint8Array): Uint32Array | undefined {
  if (hashes.length < LONG) return undefined;
  const kept = new Uint32Array(hashes.length);
  let n = 0;
  for (let i = 0; i < hashes.length; i++) if (template[hashes[i]! % SLOTS] === 0) kept[n++] = hashes[i]!;
  return n < 16 ? undefined : kept.subarray(0, n);
}

/**
 * The 4-grams that a catalog's long texts share ("Free shipping on orders over ..."), one byte a hash slot: texts that
 * are alike in them only are no copies. Undefined when most of the text is not such.
 */
async function findTemplate(source: Source, textsSql: string): Promise<Uint8Array | undefined> {
  const step = Math.max(1, Math.ceil(source.rowCount / SAMPLE));
  const counts = new Uint16Array(SLOTS);
  const lastText = new Int32Array(SLOTS).fill(-1);
  let texts = 0;
  let grams = 0;
  const sampled: Uint32Array[] = [];
  for await (const rows of source.stream(`SELECT text FROM (${textsSql}) WHERE item % ${step} = 0`)) {
    for (const { text } of rows) {
      const { hashes } = gramsOf(String(text));
      if (hashes.length < LONG) continue;
      if (sampled.length < SMALLEST_SAMPLE) sampled.push(hashes);
      for (const hash of hashes) {
        const slot = hash % SLOTS;
        if (lastText[slot] === texts) continue;
        lastText[slot] = texts;
        if (counts[slot]! < 0xffff) counts[slot]!++;
      }
      texts++;
      grams += hashes.length;
    }
  }
  if (texts < SMALLEST_SAMPLE || grams === 0) return undefined;
  const template = new Uint8Array(SLOTS);
  for (let slot = 0; slot < SLOTS; slot++) if (counts[slot]! > COMMON * texts) template[slot] = 1;
  const shares = sampled.map(
    (hashes) => hashes.filter((hash) => template[hash % SLOTS] === 1).length / hashes.length,
  );
  const typical = shares.sort((a, b) => a - b)[shares.length >> 1]!;
  return typical > MOSTLY ? template : undefined;
}
