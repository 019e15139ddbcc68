/** Whether confidences are honest: of answers that are 90 % sure, nine in ten should be right. */
import type { AttributeDetail } from '../../src/serving/api/figures.ts';
import { shareAxis } from '../chart/axis.ts';
import { Chart, Dot, Line } from '../chart/chart.tsx';
import { range, share } from '../figure.ts';
import { FigureTable } from '../figure-table.tsx';

type Calibration = NonNullable<AttributeDetail['calibration']>;

export function Reliability({ calibration: { error, brier, bins } }: { readonly calibration: Calibration }) {
  const low = Math.min(0.8, ...bins.flatMap(({ confidence, interval }) => [confidence, interval.low])) - 0.02;
  const x = shareAxis('confidence', low);
  const y = shareAxis('share right', low);
  return (
    <div>
      <Chart
        title="Confidence against the share that is right"
        description={`They differ by ${share(error)} on average.`}
        x={x}
        y={y}
        legend={[
          ['answers of about one confidence, with 95 % interval', 'first'],
          ['honest', 'diagonal'],
        ]}
        table={
          <FigureTable
            caption="Confidence against the share that is right"
            columns={[
              { name: 'Confidence', heads: true, cell: ({ confidence }) => share(confidence) },
              { name: 'Right', cell: ({ right }) => share(right) },
              { name: 'Interval', cell: ({ interval }) => range(interval) },
              { name: 'Products', cell: ({ products }) => products },
            ]}
            rows={bins}
          />
        }
      >
        {(at) => (
          <>
            <Line
              at={at}
              points={[
                [x.low, x.low],
                [1, 1],
              ]}
              className="diagonal"
            />
            {bins.map(({ confidence, right, interval }) => (
              <Dot key={confidence} at={at} x={confidence} y={right} range={interval} />
            ))}
          </>
        )}
      </Chart>
      <p className="note">
        Expected calibration error {share(error)}, Brier score {brier.toFixed(4)}.
      </p>
    </div>
  );
}
