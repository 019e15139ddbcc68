/** The tests of the last check: which say that products or answers are others than those of the training. */
import { useState } from 'react';
import type { MonitoringAnswer } from '../../src/serving/api/monitoring.ts';
import { percent } from '../answer/said.ts';
import { type Column, FigureTable } from '../figure-table.tsx';
import { addressOf } from '../route.ts';

type Report = MonitoringAnswer['reports'][number];
type Test = Report['tests'][number];

export function Drift({ report }: { readonly report: Report }) {
  const { at, model, version, currentRows, referenceRows, testsRun, testsDrifted, tests, notes } = report;
  const [all, setAll] = useState(false);
  const shown = all ? tests : tests.filter(({ drifted }) => drifted);
  return (
    <>
      <p>
        <bdi>{model}</bdi> version {version}, checked{' '}
        <time dateTime={at}>{new Date(at).toLocaleString()}</time>: {currentRows} products with{' '}
        {referenceRows} of the training. {testsDrifted} of {testsRun} tests say that something changed.
      </p>
      {tests.length === 0 ? null : (
        <label className="inline">
          <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
          {tests.length < testsRun ? `The first ${tests.length} tests` : 'All tests'}, not only those
        </label>
      )}
      {shown.length === 0 ? null : <FigureTable caption="Tests of drift" columns={COLUMNS} rows={shown} />}
      {notes.length === 0 ? null : (
        <ul className="note">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </>
  );
}

const ASPECTS = { content: '', length: 'length', words: 'words', missing: 'how often it is missing' };

const COLUMNS: readonly Column<Test>[] = [
  {
    name: 'What',
    heads: true,
    cell: ({ field, aspect }) => (
      <>
        <bdi>{field}</bdi> <span className="optional">{ASPECTS[aspect]}</span>
      </>
    ),
  },
  { name: 'Where', cell: ({ slice }) => (slice === null ? 'all' : `${slice.name}: ${slice.value}`) },
  { name: 'Changed', cell: ({ drifted }) => (drifted ? <strong>yes</strong> : 'no') },
  { name: 'Test', cell: ({ test }) => test },
  { name: 'Statistic', cell: ({ statistic }) => short(statistic) },
  { name: 'Threshold', cell: ({ threshold }) => short(threshold) },
  { name: 'Corrected p', cell: ({ pValue }) => short(pValue) },
  { name: 'Before and now', cell: ({ changes }) => <Changes changes={changes} /> },
  { name: 'Products', cell: ({ rows }) => <Rows rows={rows} /> },
];

function Changes({ changes }: Pick<Test, 'changes'>) {
  return changes.map(({ value, before, now }) => (
    <div key={value}>
      <bdi>{value}</bdi> {percent(before)} → {percent(now)}
    </div>
  ));
}

function Rows({ rows }: Pick<Test, 'rows'>) {
  return rows.map((id) => (
    <span key={id}>
      <a href={addressOf('catalog', [id])}>
        <bdi>{id}</bdi>
      </a>{' '}
    </span>
  ));
}

const short = (figure: number): string =>
  figure !== 0 && Math.abs(figure) < 0.001 ? figure.toExponential(1) : String(Number(figure.toPrecision(3)));
