/** How many answers would be accepted without a person, and how precise they would be, from a threshold that one drags. */
import { useId, useState } from 'react';
import type { AttributeDetail } from '../../src/serving/api/figures.ts';
import { shareAxis } from '../chart/axis.ts';
import { Band, Chart, Line } from '../chart/chart.tsx';
import { range, share } from '../figure.ts';
import { FigureTable } from '../figure-table.tsx';

type Point = AttributeDetail['coverage'][number];

/** @param props.threshold - the model's own; null sends all to people */
export function Coverage({
  points,
  products,
  threshold,
}: {
  readonly points: readonly Point[];
  readonly products: number;
  readonly threshold: number | null;
}) {
  const rising = points.toReversed();
  // One stop more than there are points: the last accepts nothing.
  const found = threshold === null ? -1 : rising.findIndex((point) => point.threshold >= threshold);
  const own = found === -1 ? rising.length : found;
  const [stop, setStop] = useState(own);
  const point = rising[stop];
  const id = useId();
  const words = wordsOf(point, products);
  const y = shareAxis('precision', Math.min(...points.map(({ interval }) => interval.low)));
  const x = shareAxis('coverage: share accepted without a person');
  const place = (point?.accepted ?? 0) / products;
  return (
    <Chart
      title="Coverage against precision"
      description={`Accepting all answers is ${share(points.at(-1)!.precision)} precise.`}
      x={x}
      y={y}
      legend={[
        ['precision, with 95 % band', 'first'],
        ['the threshold below', 'place'],
      ]}
      control={
        <>
          <label htmlFor={id}>
            Accept from a confidence of {point === undefined ? '…' : share(point.threshold)}
          </label>
          <input
            id={id}
            type="range"
            min={0}
            max={rising.length}
            value={stop}
            aria-valuetext={words}
            onChange={(event) => setStop(Number(event.target.value))}
          />
          <p className="note">
            <output htmlFor={id}>{words}</output>{' '}
            {stop === own ? (
              'That is where the model accepts.'
            ) : (
              <button type="button" className="link" onClick={() => setStop(own)}>
                Back to where the model accepts
              </button>
            )}
          </p>
        </>
      }
      table={<Table points={points} products={products} />}
    >
      {(at) => (
        <>
          <Band
            className="first"
            at={at}
            points={points.map(({ accepted, interval }) => [
              accepted / products,
              interval.low,
              interval.high,
            ])}
          />
          <Line
            at={at}
            points={points.map(({ accepted, precision }) => [accepted / products, precision])}
            className="first"
          />
          <Line
            at={at}
            points={[
              [place, y.low],
              [place, y.high],
            ]}
            className="place"
          />
        </>
      )}
    </Chart>
  );
}

function Table({ points, products }: { readonly points: readonly Point[]; readonly products: number }) {
  return (
    <FigureTable
      caption="Coverage against precision"
      columns={[
        { name: 'Accept from', heads: true, cell: (point: Point) => share(point.threshold) },
        { name: 'Accepted', cell: ({ accepted }) => `${accepted} (${share(accepted / products)})` },
        { name: 'Right of them', cell: ({ precision }) => share(precision) },
        { name: 'Interval', cell: ({ interval }) => range(interval) },
      ]}
      rows={points}
    />
  );
}

function wordsOf(point: Point | undefined, products: number): string {
  if (point === undefined) return `None of ${products} products is accepted: all go to people.`;
  const { accepted, precision, interval } = point;
  return (
    `${accepted} of ${products} products (${share(accepted / products)}) are accepted without a person, ` +
    `${share(precision)} of them right (${range(interval)}).`
  );
}
