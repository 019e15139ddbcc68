/** What watching found, as tables for a terminal. */
import { percent } from '../evaluation/percent.ts';
import { textTable } from '../evaluation/report/text-table.ts';
import type { WatchedAccuracy } from './accuracy/watch-accuracy.ts';
import type { DriftReport, DriftTest } from './drift/report.ts';

/** @param all - whether tests that found nothing are listed too */
export function renderDrift(
  drift: DriftReport,
  accuracy: readonly WatchedAccuracy[],
  { all = false }: { readonly all?: boolean } = {},
): string {
  const listed = all ? drift.tests : drift.tests.filter(({ drifted }) => drifted);
  const count = drift.tests.filter(({ drifted }) => drifted).length;
  const heading = `${drift.currentRows} rows against ${drift.referenceRows} of the reference: ${count} of ${drift.tests.length} tests found drift.\n`;
  const tests = listed.length === 0 ? '' : `\n${driftTable(listed)}`;
  return `${heading}${tests}${accuracy.length === 0 ? '' : `\n${accuracyTable(accuracy)}`}`;
}

function driftTable(tests: readonly DriftTest[]): string {
  return textTable(
    [
      { name: 'field', align: 'left' },
      { name: 'aspect', align: 'left' },
      { name: 'test', align: 'left' },
      { name: 'score', align: 'right' },
      { name: 'limit', align: 'right' },
      { name: 'p', align: 'right' },
      { name: 'changed most', align: 'left' },
      { name: 'rows', align: 'left' },
    ],
    tests.map((test) => [
      `${test.drifted ? '! ' : '  '}${test.field}${test.slice ? ` (${test.slice.name} ${test.slice.value})` : ''}`,
      test.aspect,
      test.test,
      figure(test.score),
      figure(test.threshold),
      figure(test.correctedPValue),
      test.changes
        .slice(0, 2)
        .map(({ value, before, now }) => `${value} ${percent(before)} → ${percent(now)}`)
        .join(', '),
      test.rows.slice(0, 3).join(', '),
    ]),
  );
}

function accuracyTable(accuracy: readonly WatchedAccuracy[]): string {
  return textTable(
    [
      { name: 'accuracy', align: 'left' },
      { name: 'tested', align: 'right' },
      { name: 'expected then', align: 'right' },
      { name: 'expected now', align: 'right' },
      { name: 'macro F1', align: 'right' },
      { name: 'reviewed', align: 'right' },
      { name: 'reviews', align: 'right' },
    ],
    accuracy.map(({ attribute, tested, before, estimated, scores, measured }) => [
      attribute,
      share(tested),
      share(before),
      share(estimated?.accuracy),
      share(scores?.macroF1),
      measured
        ? `${percent(measured.accuracy)} (${percent(measured.interval.low)} to ${percent(measured.interval.high)})`
        : '',
      measured ? String(measured.checked) : '',
    ]),
  );
}

const share = (value: number | undefined) => (value === undefined ? '' : percent(value));
const figure = (value: number) =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(0) : value.toFixed(3);
