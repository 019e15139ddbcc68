/** What a check found, as the service tells it: bounded, whatever the catalog. */
import type { Interval } from '../evaluation/intervals/interval.ts';
import type { WatchedAccuracy } from '../monitoring/accuracy/watch-accuracy.ts';
import type { Alert } from '../monitoring/alerts/judge.ts';
import type { DriftReport } from '../monitoring/drift/report.ts';
import type { MonitoringReport } from '../serving/api/monitoring.ts';

const MOST_TESTS = 100;
/** Changes and rows of a test. */
const MOST_NAMED = 5;

export function monitoringReport(
  drift: DriftReport,
  accuracy: readonly WatchedAccuracy[],
  alerts: readonly Alert[],
  notes: readonly string[],
): MonitoringReport {
  return {
    referenceRows: drift.referenceRows,
    currentRows: drift.currentRows,
    testsRun: drift.tests.length,
    testsDrifted: drift.tests.filter(({ drifted }) => drifted).length,
    tests: drift.tests
      .slice(0, MOST_TESTS)
      .map(({ score, slice, correctedPValue, changes, rows, ...test }) => ({
        field: test.field,
        modality: test.modality,
        slice: slice ?? null,
        aspect: test.aspect,
        test: test.test,
        statistic: score,
        threshold: test.threshold,
        pValue: correctedPValue,
        drifted: test.drifted,
        changes: changes.slice(0, MOST_NAMED),
        rows: rows.slice(0, MOST_NAMED),
      })),
    accuracy: accuracy.map(({ attribute, tested, before, estimated, measured }) => ({
      attribute,
      tested: tested ?? null,
      before: before ?? null,
      expected: estimated === undefined ? null : withInterval(estimated),
      reviewed: measured === undefined ? null : { ...withInterval(measured), reviews: measured.checked },
    })),
    alerts: alerts.map(({ rule, signal, figure, threshold, message }) => ({
      ...{ rule, signal, figure, threshold, message },
    })),
    notes: [...notes],
  };
}

const withInterval = ({
  accuracy,
  interval: { low, high },
}: {
  readonly accuracy: number;
  readonly interval: Interval;
}) => ({
  ...{ accuracy, low, high },
});
