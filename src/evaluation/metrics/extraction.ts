import { compareLabels } from './confusion-matrix.ts';
import { meanScores, type PrecisionRecallF1, precisionRecallF1 } from './precision-recall.ts';

/**
 * Outcomes of extracting one attribute from one text (Brinkmann, Shraga, Bizer 2023, arXiv 2310.12537). The first
 * letter is the target, the second the prediction: N no value, V a value, C the correct one, W a wrong one.
 */
export type ExtractionCounts = {
  readonly nn: number;
  readonly nv: number;
  readonly vn: number;
  readonly vc: number;
  readonly vw: number;
};

export type ExtractionScores = ExtractionCounts & PrecisionRecallF1;

/** One attribute of one product: the targets (none: it has no value here) and the one predicted value, if any. */
export type ExtractionRow = {
  readonly category: string;
  readonly attribute: string;
  readonly targets: readonly string[];
  readonly predicted: string | undefined;
};

export type ExtractionReport = {
  readonly count: number;
  /** From the summed counts: the headline. */
  readonly micro: ExtractionScores;
  /** Plain mean over the (category, attribute) pairs with any target or prediction. */
  readonly macro: PrecisionRecallF1;
  readonly pairs: readonly (ExtractionScores & { readonly category: string; readonly attribute: string })[];
};

/** The outcome of one row: exact match with one of the targets after trimming both. */
export function extractionOutcome(row: Pick<ExtractionRow, 'targets' | 'predicted'>): keyof ExtractionCounts {
  if (row.targets.length === 0) return row.predicted === undefined ? 'nn' : 'nv';
  if (row.predicted === undefined) return 'vn';
  const predicted = row.predicted.trim();
  return row.targets.some((target) => target.trim() === predicted) ? 'vc' : 'vw';
}

/** precision = VC / (NV + VC + VW), recall = VC / (VN + VC + VW); 0 over 0 is 0. */
export function extractionScores(counts: ExtractionCounts): ExtractionScores {
  const { nv, vn, vc, vw } = counts;
  return { ...counts, ...precisionRecallF1(vc, nv + vc + vw, vn + vc + vw) };
}

/** Counts outcomes over all rows and scores them. */
export function scoreExtraction(rows: Iterable<ExtractionRow>): ExtractionReport {
  type Counts = { -readonly [K in keyof ExtractionCounts]: number };
  const empty = (): Counts => ({ nn: 0, nv: 0, vn: 0, vc: 0, vw: 0 });
  const total = empty();
  const byPair = new Map<string, { category: string; attribute: string; counts: Counts }>();
  let count = 0;
  for (const row of rows) {
    const key = JSON.stringify([row.category, row.attribute]);
    let pair = byPair.get(key);
    if (pair === undefined) {
      pair = { category: row.category, attribute: row.attribute, counts: empty() };
      byPair.set(key, pair);
    }
    const outcome = extractionOutcome(row);
    total[outcome]++;
    pair.counts[outcome]++;
    count++;
  }
  const pairs = [...byPair.values()]
    .filter(({ counts }) => counts.nv + counts.vn + counts.vc + counts.vw > 0)
    .sort((a, b) => compareLabels(a.category, b.category) || compareLabels(a.attribute, b.attribute))
    .map(({ category, attribute, counts }) => ({ category, attribute, ...extractionScores(counts) }));
  return { count, micro: extractionScores(total), macro: meanScores(pairs), pairs };
}

/** One product: targets by attribute (an empty list says "no value"), predictions by attribute. */
export type ExtractionExample = {
  readonly category: string;
  readonly targets: Readonly<Record<string, readonly string[]>>;
  readonly predicted: Readonly<Record<string, string | undefined>>;
};

/** Rows for the attributes that are listed in a product's targets, whatever else was predicted: the published metric. */
export function* listedRows(examples: Iterable<ExtractionExample>): Generator<ExtractionRow> {
  for (const { category, targets, predicted } of examples) {
    for (const [attribute, values] of Object.entries(targets)) {
      yield { category, attribute, targets: values, predicted: own(predicted, attribute) };
    }
  }
}

/**
 * Rows for every attribute that the category has, one absent from the targets having no value: a system that guesses
 * too readily loses here. Attributes listed for a product but unknown to the schema count too.
 *
 * @param schema - category -> its attributes, as the training rows list them
 */
export function* fullSchemaRows(
  examples: Iterable<ExtractionExample>,
  schema: ReadonlyMap<string, Iterable<string>>,
): Generator<ExtractionRow> {
  for (const { category, targets, predicted } of examples) {
    for (const attribute of new Set([...(schema.get(category) ?? []), ...Object.keys(targets)])) {
      yield {
        category,
        attribute,
        targets: own(targets, attribute) ?? [],
        predicted: own(predicted, attribute),
      };
    }
  }
}

/** An attribute may be called "constructor": only what the record holds itself counts. */
function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
