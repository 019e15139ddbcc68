/** The tests of one field: how its values, and how often it is missing, differ between two periods. */

import {
  type CountPair,
  chiSquared,
  jensenShannon,
  jensenShannonPart,
  pooled,
  totals,
} from '../statistics/counts.ts';
import { domainTest } from '../statistics/domain-classifier.ts';
import { kolmogorovSmirnov } from '../statistics/kolmogorov-smirnov.ts';
import { normedWasserstein } from '../statistics/wasserstein.ts';
import type { FieldSummary, ValueSummary, VectorSample } from '../summary/field.ts';
import type { Sample } from '../summary/reservoir.ts';
import { unpackVectors } from '../summary/vector-sample.ts';
import type { Change, DriftTest } from './report.ts';

/** A test before it is corrected for the others, and whether the size of its effect would do. */
export type FieldTest = Pick<
  DriftTest,
  'aspect' | 'test' | 'score' | 'threshold' | 'pValue' | 'changes' | 'rows'
> & { readonly large: boolean };

export type Thresholds = {
  /** Reference periods of at most so many rows are judged by p values alone, as Evidently does. */
  readonly smallReference: number;
  /** Fields of numbers with at most so many values are compared as values. */
  readonly fewValues: number;
  readonly wasserstein: number;
  readonly jensenShannon: number;
  readonly auc: number;
  /** Change of the share of rows where a field is missing, in [0, 1]. */
  readonly missing: number;
  readonly significance: number;
};

const MOST_CHANGES = 5;
const MOST_ROWS = 5;
/** Fewer values than this on a side are not compared. */
export const LEAST_VALUES = 10;

/** @returns no tests where a side has too little to compare, or is of another kind */
export function compareField(
  reference: FieldSummary,
  current: FieldSummary,
  thresholds: Thresholds,
  seed: number,
): readonly FieldTest[] {
  return [
    missingTest(reference, current, thresholds),
    ...contentTests(reference, current, thresholds, seed),
  ].filter((test) => test !== undefined);
}

function contentTests(
  reference: FieldSummary,
  current: FieldSummary,
  thresholds: Thresholds,
  seed: number,
): readonly (FieldTest | undefined)[] {
  const rows = reference.rows - reference.missing;
  if (reference.kind === 'number' && current.kind === 'number')
    return [numberTest('content', rows, reference.sample, current.sample, thresholds)];
  if (reference.kind === 'value' && current.kind === 'value')
    return [valueTest(rows, countPairs(reference, current), current.sample, thresholds)];
  if (reference.kind === 'values' && current.kind === 'values')
    return [setTest(reference, current, thresholds)];
  if (reference.kind === 'text' && current.kind === 'text')
    return [
      numberTest('length', rows, reference.lengths, current.lengths, thresholds),
      vectorTest('words', rows, reference.words, current.words, thresholds, seed),
    ];
  if (reference.kind === 'vector' && current.kind === 'vector')
    return [vectorTest('content', rows, reference.vectors, current.vectors, thresholds, seed)];
  return [];
}

function missingTest(
  reference: FieldSummary,
  current: FieldSummary,
  { missing, smallReference, significance }: Thresholds,
): FieldTest | undefined {
  const tested = chiSquared(
    [
      [reference.missing, current.missing],
      [reference.rows - reference.missing, current.rows - current.missing],
    ].filter(([a, b]) => a! + b! > 0) as [number, number][],
  );
  if (tested === undefined || Math.min(reference.rows, current.rows) < LEAST_VALUES) return undefined;
  const [before, now] = [reference.missing / reference.rows, current.missing / current.rows];
  return {
    aspect: 'missing',
    test: 'chi-squared',
    score: tested.pValue,
    threshold: significance,
    pValue: tested.pValue,
    large: reference.rows <= smallReference || Math.abs(now - before) >= missing,
    changes: [{ value: '(missing)', before, now }],
    rows: now > before ? current.absent.slice(0, MOST_ROWS) : [],
  };
}

function numberTest(
  aspect: 'content' | 'length',
  rows: number,
  before: Sample<number>,
  now: Sample<number>,
  thresholds: Thresholds,
): FieldTest | undefined {
  const [first, second] = [sorted(before.values), sorted(now.values)];
  if (Math.min(first.length, second.length) < LEAST_VALUES) return undefined;
  const kinds = new Set(first);
  if (aspect === 'content' && kinds.size <= thresholds.fewValues)
    return valueTest(
      rows,
      pairsOf(tally(before.values.map(String)), tally(now.values.map(String))),
      { ids: now.ids, values: now.values.map(String) },
      thresholds,
    );
  const ks = kolmogorovSmirnov(first, second);
  const small = rows <= thresholds.smallReference;
  const distance = normedWasserstein(first, second);
  const middle = (values: readonly number[]) => values[values.length >> 1]!;
  const typical = middle(first);
  const strange = now.values
    .map((value, i) => ({ id: now.ids[i]!, value, on: value > ks.at === ks.above }))
    .filter(({ on }) => on)
    .sort((a, b) => Math.abs(b.value - typical) - Math.abs(a.value - typical));
  return {
    aspect,
    test: small ? 'kolmogorov-smirnov' : 'wasserstein',
    score: small ? ks.pValue : distance,
    threshold: small ? thresholds.significance : thresholds.wasserstein,
    pValue: ks.pValue,
    large: small || distance >= thresholds.wasserstein,
    changes: [
      {
        value: `above ${rounded(ks.at)}`,
        before: shareAbove(first, ks.at),
        now: shareAbove(second, ks.at),
      },
    ],
    rows: strange.slice(0, MOST_ROWS).map(({ id }) => id),
  };
}

function valueTest(
  rows: number,
  counts: ReadonlyMap<string, CountPair>,
  sample: Sample<string>,
  { smallReference, jensenShannon: least, significance }: Thresholds,
): FieldTest | undefined {
  const names = [...counts.keys()];
  const pairs = [...counts.values()];
  const [first, second] = totals(pairs);
  if (Math.min(first, second) < LEAST_VALUES) return undefined;
  const tested = chiSquared(pooled(pairs).pairs);
  if (tested === undefined) return undefined;
  const distance = jensenShannon(pooled(pairs).pairs)!;
  const small = rows <= smallReference;
  const parts = names
    .map((value, i) => ({
      value,
      before: pairs[i]![0] / first,
      now: pairs[i]![1] / second,
      part: jensenShannonPart(pairs[i]!, first, second),
    }))
    .sort((a, b) => b.part - a.part);
  const grown = parts.filter(({ before, now }) => now > before).slice(0, MOST_CHANGES);
  return {
    aspect: 'content',
    test: small ? 'chi-squared' : 'jensen-shannon',
    score: small ? tested.pValue : distance,
    threshold: small ? significance : least,
    pValue: tested.pValue,
    large: small || distance >= least,
    changes: parts.slice(0, MOST_CHANGES).map(({ value, before, now }) => ({ value, before, now })),
    rows: rowsWith(
      sample,
      grown.map(({ value }) => value),
    ),
  };
}

/** Of a field of several values a row, each value is a test of its own: rows with it against rows without; the least p stands for all. */
function setTest(
  reference: ValueSummary,
  current: ValueSummary,
  { smallReference, jensenShannon: least, significance }: Thresholds,
): FieldTest | undefined {
  const [before, now] = [reference.rows - reference.missing, current.rows - current.missing];
  if (Math.min(before, now) < LEAST_VALUES) return undefined;
  const tests = [...countPairs(reference, current)].flatMap(([value, [a, b]]) => {
    const pairs: CountPair[] = [
      [a, b],
      [Math.max(0, before - a), Math.max(0, now - b)],
    ];
    const tested = pooled(pairs).pairs.length === 2 ? chiSquared(pairs) : undefined;
    return tested === undefined
      ? []
      : [{ value, before: a / before, now: b / now, pValue: tested.pValue, distance: jensenShannon(pairs)! }];
  });
  if (tests.length === 0) return undefined;
  tests.sort((a, b) => a.pValue - b.pValue);
  const pValue = Math.min(1, tests[0]!.pValue * tests.length);
  const distance = Math.max(...tests.map((test) => test.distance));
  const small = reference.rows <= smallReference;
  const changed = tests.slice(0, MOST_CHANGES);
  return {
    aspect: 'content',
    test: small ? 'chi-squared' : 'jensen-shannon',
    score: small ? pValue : distance,
    threshold: small ? significance : least,
    pValue,
    large: small || distance >= least,
    changes: changed.map(({ value, before, now }): Change => ({ value, before, now })),
    rows: rowsWith(
      current.sample,
      changed.filter((test) => test.now > test.before).map(({ value }) => value),
    ),
  };
}

function vectorTest(
  aspect: 'content' | 'words',
  rows: number,
  before: VectorSample,
  now: VectorSample,
  { smallReference, auc: least }: Thresholds,
  seed: number,
): FieldTest | undefined {
  if (before.width !== now.width) return undefined;
  const tested = domainTest(unpackVectors(before), unpackVectors(now), seed);
  if (tested === undefined) return undefined;
  const { auc, pValue, strangest } = tested;
  return {
    aspect,
    test: 'domain-classifier',
    score: auc,
    threshold: least,
    pValue,
    large: rows <= smallReference || auc >= least,
    changes: [],
    rows: strangest.slice(0, MOST_ROWS).map((row) => now.ids[row]!),
  };
}

/** Values and their counts on both sides; what a side lost count of comes as one value more. */
function countPairs(reference: ValueSummary, current: ValueSummary): ReadonlyMap<string, CountPair> {
  return pairsOf(new Map(reference.counts), new Map(current.counts));
}

function pairsOf(
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
): ReadonlyMap<string, CountPair> {
  const pairs = new Map<string, CountPair>();
  for (const value of [...before.keys(), ...now.keys()])
    pairs.set(value, [before.get(value) ?? 0, now.get(value) ?? 0]);
  return pairs;
}

function tally(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

function rowsWith({ ids, values }: Sample<string>, wanted: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const value of wanted)
    for (const [i, own] of values.entries())
      if (found.length < MOST_ROWS && !found.includes(ids[i]!) && own.split('\n').includes(value))
        found.push(ids[i]!);
  return found;
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const rounded = (value: number) => Number(value.toPrecision(4));

function shareAbove(values: readonly number[], bound: number): number {
  return values.filter((value) => value > bound).length / values.length;
}
