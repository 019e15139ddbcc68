import { countFigure, shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import type { CalibrationReport, Reliability } from '../report-data.ts';
import { shareAxis } from './axis.ts';
import { chart, dot, type Frame, frameOf, line, unit } from './frame.ts';

/** Share right against confidence, before and after calibration; honest confidences lie on the diagonal. */
export function reliabilityChart({ before, after }: CalibrationReport): Html {
  const values = [...before.bins, ...after.bins].flatMap((bin) => [bin.meanConfidence, bin.interval.low]);
  const low = Math.max(0, Math.min(0.8, ...values) - 0.02);
  const x = shareAxis('confidence', low);
  const y = shareAxis('share right', low);
  const at = frameOf(x, y);
  return chart({
    title: 'Reliability: confidence against the share that is right',
    description:
      `Expected calibration error ${shareFigure(before.calibrationError)} before calibration and ` +
      `${shareFigure(after.calibrationError)} after.`,
    x,
    y,
    drawing: html`${line(
      at,
      [
        [x.low, x.low],
        [1, 1],
      ],
      'diagonal',
    )}${marks(at, before, 'before', false)}${marks(at, after, 'first', true)}`,
    legend: [
      { name: 'as calibrated, with 95 % interval', swatch: 'first' },
      { name: 'the model’s own', swatch: 'before' },
      { name: 'honest', swatch: 'diagonal' },
    ],
  });
}

function marks(at: Frame, { bins }: Reliability, className: string, whiskers: boolean): Html[] {
  return bins.map((bin) => {
    const x = unit(at.x(bin.meanConfidence));
    const whisker =
      whiskers &&
      html`<line class="whisker ${className}" x1="${x}" x2="${x}" y1="${unit(at.y(bin.interval.low))}" y2="${unit(at.y(bin.interval.high))}"/>`;
    const tip = `${countFigure(bin.count)} answers at confidence ${shareFigure(bin.meanConfidence)}: ${shareFigure(bin.accuracy)} right`;
    return html`${whisker}${dot(at, [bin.meanConfidence, bin.accuracy], className, 3.2, tip)}`;
  });
}
