/** Compares two periods of a catalog, or of what a model says of it. */
import { monitoringError } from '../errors.ts';
import { type Correction, correctedPValues } from '../statistics/many-tests.ts';
import type { Summary } from '../summary/summarise.ts';
import { compareField, type FieldTest, LEAST_VALUES, type Thresholds } from './compare-fields.ts';
import type { DriftReport, DriftTest } from './report.ts';

/** The limits that Evidently uses, but for the significance, which holds for all tests of a report together. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  smallReference: 1000,
  fewValues: 5,
  wasserstein: 0.1,
  jensenShannon: 0.1,
  auc: 0.55,
  missing: 0.02,
  significance: 0.01,
};

export type CompareOptions = {
  /** How p values are corrected for the number of tests; `holm` when left out. */
  readonly correction?: Correction;
  readonly thresholds?: Partial<Thresholds>;
  /** Deals rows to the halves of the domain classifier; 0 when left out. */
  readonly seed?: number;
};

/**
 * A test says drift where its corrected p value is below the significance and, with a reference of more than 1,000 rows, the
 * size of the change reaches its threshold too: among many rows, changes of no account are certain.
 *
 * @throws monitoring/nothing-to-compare
 */
export function compareSummaries(
  reference: Summary,
  current: Summary,
  options: CompareOptions = {},
): DriftReport {
  return mergedReports([[reference, current]], options);
}

/**
 * Several comparisons as one report, whose p values are corrected together; the first is of the rows themselves.
 *
 * @throws monitoring/nothing-to-compare
 */
export function mergedReports(
  pairs: readonly (readonly [reference: Summary, current: Summary])[],
  { correction = 'holm', thresholds: given = {}, seed = 0 }: CompareOptions = {},
): DriftReport {
  const thresholds = { ...DEFAULT_THRESHOLDS, ...given };
  const [reference, current] = pairs[0]!;
  if (reference.rows === 0 || current.rows === 0)
    throw monitoringError(
      'monitoring/nothing-to-compare',
      `A comparison needs rows on both sides. Got ${reference.rows} of the reference and ${current.rows} now.`,
    );
  const notes: string[] = [];
  const found = pairs.flatMap(([before, now]) =>
    testsOf(before, now, undefined, { thresholds, seed, notes }),
  );
  if (found.length === 0)
    throw monitoringError(
      'monitoring/nothing-to-compare',
      `The reference and the current rows have no field in common with at least ${LEAST_VALUES} values on both sides.`,
      { hint: 'Compare files of the same columns.' },
    );
  const corrected = correctedPValues(
    found.map(({ pValue }) => pValue),
    correction,
  );
  const tests = found.map(({ large, ...test }, i): DriftTest => {
    const correctedPValue = corrected[i]!;
    return { ...test, correctedPValue, drifted: large && correctedPValue < thresholds.significance };
  });
  tests.sort(
    (a, b) =>
      Number(b.drifted) - Number(a.drifted) || a.correctedPValue - b.correctedPValue || a.pValue - b.pValue,
  );
  return {
    referenceRows: reference.rows,
    currentRows: current.rows,
    tests,
    drifted: tests.some(({ drifted }) => drifted),
    notes,
  };
}

type PlacedTest = FieldTest & Pick<DriftTest, 'field' | 'modality' | 'slice'>;

function testsOf(
  reference: Summary,
  current: Summary,
  slice: DriftTest['slice'],
  options: { readonly thresholds: Thresholds; readonly seed: number; readonly notes: string[] },
): PlacedTest[] {
  const { thresholds, seed, notes } = options;
  const tests = Object.entries(reference.fields).flatMap(([field, before]) => {
    const now = current.fields[field];
    if (now === undefined) {
      if (slice === undefined) notes.push(`${field} is not in the current rows, so it is not compared.`);
      return [];
    }
    if (now.kind !== before.kind) {
      if (slice === undefined)
        notes.push(`${field} is ${before.kind} in the reference and ${now.kind} now, so it is not compared.`);
      return [];
    }
    const { modality } = now;
    return compareField(before, now, thresholds, seed).map((test) => ({ ...test, field, modality, slice }));
  });
  const sliced = Object.entries(reference.slices).flatMap(([name, values]) =>
    Object.entries(values).flatMap(([value, part]) => {
      const now = current.slices[name]?.[value];
      return now === undefined ? [] : testsOf(part, now, { name, value }, options);
    }),
  );
  return [...tests, ...sliced];
}
