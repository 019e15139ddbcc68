import { roundPercent } from '../../percent.ts';
import type { AutoAccept } from '../../thresholds/auto-accept.ts';
import type { CoveragePoint } from '../../thresholds/coverage-curve.ts';
import { shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import { shareAxis } from './axis.ts';
import { chart, frameOf, line, unit } from './frame.ts';

/** Precision of the accepted answers against the share accepted, with the target and the threshold's place. */
export function coverageChart(
  curve: readonly CoveragePoint[],
  result: { readonly coverage: number | undefined; readonly threshold: number | undefined },
  autoAccept: AutoAccept | undefined,
): Html {
  const target = autoAccept?.precisionTarget;
  const precisions = curve.map((point) => point.precision);
  const x = shareAxis('coverage: share accepted without a person');
  const y = shareAxis('precision', Math.max(0, Math.min(target ?? 1, ...precisions) - 0.03));
  const at = frameOf(x, y);
  const clip = (precision: number) => Math.max(y.low, precision);
  const band = [
    ...curve.map((p) => `${unit(at.x(p.coverage))},${unit(at.y(clip(p.high)))}`),
    ...curve.toReversed().map((p) => `${unit(at.x(p.coverage))},${unit(at.y(clip(p.low)))}`),
  ].join(' ');
  const place = result.threshold === undefined ? undefined : result.coverage;
  return chart({
    title: 'Coverage against precision',
    description:
      `Accepting everything gives ${shareFigure(precisions.at(-1))}` +
      `${place === undefined ? '; everything goes to review' : `; the threshold accepts ${shareFigure(place)}`}.`,
    x,
    y,
    drawing: html`<polygon class="band" points="${band}"/>${line(
      at,
      curve.map((p) => [p.coverage, clip(p.precision)] as const),
      'first',
    )}${
      target !== undefined &&
      line(
        at,
        [
          [0, target],
          [1, target],
        ],
        'target',
      )
    }${
      place !== undefined &&
      html`<line class="mark-line" x1="${unit(at.x(place))}" x2="${unit(at.x(place))}" y1="${unit(at.y(y.low))}" y2="${unit(at.y(1))}"/>`
    }`,
    legend: [
      { name: 'precision, 95 % band', swatch: 'first' },
      ...(target === undefined ? [] : [{ name: `target ${roundPercent(target)}`, swatch: 'target' }]),
      ...(place === undefined
        ? []
        : [{ name: `threshold: ${shareFigure(place)} accepted`, swatch: 'mark-line' }]),
    ],
  });
}
