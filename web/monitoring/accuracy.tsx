/** How right a model was, check by check: what its confidences promise, and what people found. */
import { useState } from 'react';
import type { MonitoringAnswer } from '../../src/serving/api/monitoring.ts';
import { shareAxis, timeAxis } from '../chart/axis.ts';
import { Band, Chart, Dot, Line } from '../chart/chart.tsx';
import { range, share } from '../figure.ts';
import { type Column, FigureTable } from '../figure-table.tsx';

type Report = MonitoringAnswer['reports'][number];
type Watched = Report['accuracy'][number];
type Point = Pick<Watched, 'expected' | 'reviewed'> & { readonly at: number };

/** @param props.reports - of one model, latest first */
export function AccuracyOverTime({ reports }: { readonly reports: readonly Report[] }) {
  const latest = reports[0]!.accuracy;
  const [chosen, setChosen] = useState('');
  const watched = latest.find(({ attribute }) => attribute === chosen) ?? latest[0];
  if (watched === undefined) return null;
  const points = reports
    .toReversed()
    .flatMap(({ at, accuracy }) =>
      accuracy
        .filter(({ attribute }) => attribute === watched.attribute)
        .map(({ expected, reviewed }): Point => ({ at: Date.parse(at), expected, reviewed })),
    );
  return (
    <>
      <h3>How right it is</h3>
      <div className="narrow">
        <label htmlFor="accuracy-attribute">Attribute</label>
        <select
          id="accuracy-attribute"
          value={watched.attribute}
          onChange={(event) => setChosen(event.target.value)}
        >
          {latest.map(({ attribute }) => (
            <option key={attribute}>{attribute}</option>
          ))}
        </select>
      </div>
      <Points watched={watched} points={points} />
    </>
  );
}

function Points({
  watched: { attribute, tested, expected, reviewed },
  points,
}: {
  readonly watched: Watched;
  readonly points: readonly Point[];
}) {
  const lows = points.flatMap((point) => [point.expected?.low, point.reviewed?.low]).filter(isThere);
  const y = shareAxis('right', Math.min(1, tested ?? 1, ...lows) - 0.02);
  const x = timeAxis('checked', points[0]!.at, points.at(-1)!.at);
  const promised = points.flatMap((point) =>
    point.expected === null ? [] : [{ at: point.at, ...point.expected }],
  );
  const found = points.flatMap((point) =>
    point.reviewed === null ? [] : [{ at: point.at, ...point.reviewed }],
  );
  return (
    <div className="charts">
      <Chart
        title={`${attribute}: right over time`}
        description={
          `At the last of ${points.length} checks: expected ${share(expected?.accuracy ?? null)}, ` +
          `reviewed ${share(reviewed?.accuracy ?? null)}; on the test products ${share(tested)}.`
        }
        x={x}
        y={y}
        legend={[
          ['expected from confidences, with 95 % band', 'second'],
          ['found by people, with 95 % interval', 'first'],
          ['on the test products', 'diagonal'],
        ]}
        table={<FigureTable caption={`${attribute}: right over time`} columns={COLUMNS} rows={points} />}
      >
        {(at) => (
          <>
            {tested === null ? null : (
              <Line
                at={at}
                points={[
                  [x.low, tested],
                  [x.high, tested],
                ]}
                className="diagonal"
              />
            )}
            <Band
              className="second"
              at={at}
              points={promised.map((point) => [point.at, point.low, point.high])}
            />
            <Line at={at} points={promised.map((point) => [point.at, point.accuracy])} className="second" />
            {promised.length === 1 ? (
              <Dot at={at} x={promised[0]!.at} y={promised[0]!.accuracy} range={null} />
            ) : null}
            {found.map((point) => (
              <Dot key={point.at} at={at} x={point.at} y={point.accuracy} range={point} />
            ))}
          </>
        )}
      </Chart>
    </div>
  );
}

const COLUMNS: readonly Column<Point>[] = [
  {
    name: 'Checked',
    heads: true,
    cell: ({ at }) => <time dateTime={new Date(at).toISOString()}>{new Date(at).toLocaleString()}</time>,
  },
  { name: 'Expected', cell: ({ expected }) => share(expected?.accuracy ?? null) },
  { name: 'Interval', cell: ({ expected }) => range(expected) },
  { name: 'Reviewed', cell: ({ reviewed }) => share(reviewed?.accuracy ?? null) },
  { name: 'Its interval', cell: ({ reviewed }) => range(reviewed) },
  { name: 'Reviews', cell: ({ reviewed }) => reviewed?.reviews ?? 0 },
];

const isThere = (figure: number | undefined): figure is number => figure !== undefined;
