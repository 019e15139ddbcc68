/** How a training learns: its loss step by step, and what the dev products say after each epoch. */
import type { RunDetail } from '../../src/serving/api/training.ts';
import { roundAxis, shareAxis } from '../chart/axis.ts';
import { Chart, Dot, Line } from '../chart/chart.tsx';
import { share } from '../figure.ts';
import { type Column, FigureTable } from '../figure-table.tsx';

type Curve = RunDetail['curves'][number];
type Epoch = Curve['epochs'][number];

/** One curve, as it is called beside others. */
export type NamedCurve = { readonly name: string; readonly curve: Curve };

/** Classes that colour curves, in their order; more curves than that share the last one. */
const CLASSES = ['first', 'second', 'third', 'fourth'] as const;
const classOf = (i: number) => CLASSES[Math.min(i, CLASSES.length - 1)]!;

export function Curves({ curves }: { readonly curves: readonly NamedCurve[] }) {
  const shown = curves.filter(({ curve }) => curve.loss.length > 0);
  if (shown.length === 0) return <p className="note">The curves begin with the first step.</p>;
  return (
    <div className="charts">
      <Losses curves={shown} />
      <Scores curves={shown.filter(({ curve }) => scoresOf(curve).length > 0)} />
    </div>
  );
}

function Losses({ curves }: { readonly curves: readonly NamedCurve[] }) {
  const points = curves.flatMap(({ curve }) => curve.loss);
  const losses = points.map(([, loss]) => loss);
  return (
    <Chart
      title="Train loss"
      description={curves.map(({ name, curve }) => `${name}: ${fallOf(curve)}`).join(' ')}
      x={roundAxis('step', 0, Math.max(...points.map(([step]) => step)), String)}
      y={roundAxis('loss', Math.min(0, ...losses), Math.max(...losses), short)}
      legend={legendOf(curves)}
      table={
        <FigureTable
          caption="Train loss after each epoch"
          columns={[EPOCH_RUN, EPOCH, { name: 'Train loss', cell: ({ trainLoss }) => short(trainLoss) }]}
          rows={curves.flatMap(({ name, curve }) => curve.epochs.map((epoch) => ({ name, ...epoch })))}
        />
      }
    >
      {(at) =>
        curves.map(({ name, curve }, i) => (
          <Line key={name} at={at} points={curve.loss} className={classOf(i)} />
        ))
      }
    </Chart>
  );
}

function Scores({ curves }: { readonly curves: readonly NamedCurve[] }) {
  if (curves.length === 0)
    return <p className="note">The dev score comes with the end of the first epoch.</p>;
  const last = Math.max(...curves.flatMap(({ curve }) => curve.epochs.map(({ epoch }) => epoch)));
  const attributes = new Set(
    curves.flatMap(({ curve }) => curve.epochs.flatMap((epoch) => Object.keys(epoch.attributes))),
  );
  const columns: readonly Column<EpochRow>[] = [
    EPOCH_RUN,
    EPOCH,
    { name: 'Dev score', cell: ({ devScore }) => share(devScore) },
    ...[...attributes].map((name) => ({
      name,
      cell: ({ attributes: scores }: EpochRow) => share(scores[name] ?? null),
    })),
  ];
  return (
    <Chart
      title="Score on the dev products"
      description={curves.map(({ name, curve }) => `${name}: ${riseOf(curve)}`).join(' ')}
      x={roundAxis('epoch', 0, last, whole)}
      y={shareAxis('dev score')}
      legend={legendOf(curves)}
      table={
        <FigureTable
          caption="Dev score after each epoch"
          columns={columns}
          rows={curves.flatMap(({ name, curve }) => curve.epochs.map((epoch) => ({ name, ...epoch })))}
        />
      }
    >
      {(at) =>
        curves.map(({ name, curve }, i) => (
          <g key={name}>
            <Line at={at} points={scoresOf(curve)} className={classOf(i)} />
            {scoresOf(curve).map(([epoch, score]) => (
              <Dot key={epoch} at={at} x={epoch} y={score} range={null} />
            ))}
          </g>
        ))
      }
    </Chart>
  );
}

type EpochRow = Epoch & { readonly name: string };

const EPOCH_RUN: Column<EpochRow> = { name: 'Model', heads: true, cell: ({ name }) => <bdi>{name}</bdi> };
const EPOCH: Column<EpochRow> = { name: 'Epoch', cell: ({ epoch }) => epoch };

/** One curve needs no legend. */
const legendOf = (curves: readonly NamedCurve[]) =>
  curves.length === 1 ? [] : curves.map(({ name }, i) => [name, classOf(i)] as const);

const scoresOf = ({ epochs }: Curve): readonly (readonly [number, number])[] =>
  epochs.flatMap(({ epoch, devScore }) =>
    devScore === null ? [] : [[epoch, Math.max(0, Math.min(1, devScore))] as const],
  );

function fallOf({ loss }: Curve): string {
  const [first, last] = [loss[0]!, loss.at(-1)!];
  return `${short(first[1])} at step ${first[0]}, ${short(last[1])} at step ${last[0]}.`;
}

function riseOf(curve: Curve): string {
  const scores = scoresOf(curve);
  const best = scores.reduce((a, b) => (b[1] > a[1] ? b : a));
  return `the best, ${share(best[1])}, after epoch ${best[0]}.`;
}

const short = (value: number) => String(Number(value.toPrecision(3)));
/** Between two epochs stands no label. */
const whole = (value: number) => (Number.isInteger(value) ? String(value) : '');
