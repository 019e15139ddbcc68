import { numberFigure, shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import type { TrainingCurve } from '../report-data.ts';
import { countingAxis, roundAxis } from './axis.ts';
import { chart, dot, type Frame, frameOf, line, unit } from './frame.ts';

type Point = readonly [epoch: number, value: number];

/** Loss by epoch, and the figure that chooses the epoch; a chart without a finite point is left out. */
export function trainingCharts(curve: TrainingCurve): Html[] {
  const { epochs, devMetric, bestEpoch, unit = 'epoch' } = curve;
  const points = (value: (epoch: TrainingCurve['epochs'][number]) => number | undefined): Point[] =>
    epochs.flatMap((epoch) => {
      const y = value(epoch);
      return y === undefined || !Number.isFinite(y) ? [] : [[epoch.epoch, y] as const];
    });
  const train = points((e) => e.trainLoss);
  const dev = points((e) => e.devLoss);
  const metric = points((e) => e.devMetric);
  const losses = dev.length > 0 ? 'Loss on training and dev rows' : 'Loss on training rows';
  return [
    ...curveChart(
      losses,
      'loss',
      numberFigure,
      [
        { name: 'train', className: 'first', points: train },
        { name: 'dev', className: 'second', points: dev },
      ],
      bestEpoch,
      unit,
    ),
    ...curveChart(
      `${devMetric} on dev rows`,
      devMetric,
      shareFigure,
      [{ name: `dev ${devMetric}`, className: 'second', points: metric }],
      bestEpoch,
      unit,
    ),
  ];
}

function curveChart(
  title: string,
  label: string,
  format: (value: number) => string,
  series: readonly { readonly name: string; readonly className: string; readonly points: readonly Point[] }[],
  bestEpoch: number | undefined,
  counted: string,
): Html[] {
  const drawn = series.filter((s) => s.points.length > 0);
  const all = drawn.flatMap((s) => s.points);
  if (all.length === 0) return [];
  const epochs = all.map(([epoch]) => epoch);
  const values = all.map(([, value]) => value);
  const x = countingAxis(counted, Math.min(...epochs), Math.max(...epochs));
  const low = Math.min(...values);
  const high = Math.max(...values);
  const y = roundAxis(label, low, high, (tick) =>
    format === shareFigure ? `${Number((100 * tick).toFixed(2))} %` : numberFigure(tick),
  );
  const at = frameOf(x, y);
  const ends = drawn.map(
    ({ name, points }) => `${name} from ${format(points[0]![1])} to ${format(points.at(-1)![1])}`,
  );
  const best =
    bestEpoch !== undefined &&
    bestEpoch >= x.low &&
    bestEpoch <= x.high &&
    bestLine(at, y.low, y.high, bestEpoch);
  return [
    chart({
      title,
      description: `${ends.join('; ')}${bestEpoch === undefined ? '' : `; best ${counted} ${bestEpoch}`}.`,
      x,
      y,
      drawing: html`${best}${drawn.map(
        ({ name, className, points }) =>
          html`${line(at, points, className)}${points.map((point) =>
            dot(at, point, className, 3, `${name}, ${counted} ${point[0]}: ${format(point[1])}`),
          )}`,
      )}`,
      legend: [
        ...drawn.map(({ name, className }) => ({ name, swatch: className })),
        ...(best ? [{ name: `best ${counted} (${bestEpoch})`, swatch: 'mark-line' }] : []),
      ],
    }),
  ];
}

function bestLine(at: Frame, low: number, high: number, epoch: number): Html {
  return html`<line class="mark-line" x1="${unit(at.x(epoch))}" x2="${unit(at.x(epoch))}" y1="${unit(at.y(low))}" y2="${unit(at.y(high))}"/>`;
}
