import { roundPercent } from '../../percent.ts';
import type { SliceReport, SliceScore } from '../../slices/slice-scores.ts';
import { worstSlices } from '../../slices/worst-slices.ts';
import { countFigure, intervalFigure, shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import { said, table } from './table.ts';

/** Accuracy on parts of the rows, the worst first. */
export function slicesSection(report: SliceReport): Html | undefined {
  if (report.slices.length === 0) return undefined;
  const shown = worstSlices(report);
  const hidden = report.slices.length - shown.length;
  const level = roundPercent(Number(report.level.toPrecision(4)));
  return html`<h4>Slices</h4>
<p class="note">Accuracy is ${shareFigure(report.overall)} overall. A slice is flagged only where its interval excludes that;
the intervals (${level} each) are widened for the ${report.slices.length} slices looked at.${hidden > 0 && ` ${hidden} slices that are not flagged are left out.`}</p>
${table<SliceScore>(
  'Accuracy by slice',
  [
    { name: 'by', cell: (s) => s.slicing },
    { name: 'slice', header: true, cell: (s) => said(s.slice) },
    { name: 'rows', numeric: true, cell: (s) => countFigure(s.count) },
    { name: 'accuracy', numeric: true, cell: (s) => shareFigure(s.value) },
    { name: 'interval', numeric: true, cell: (s) => intervalFigure(s.interval) },
    {
      name: 'flag',
      cell: (s) =>
        s.flag === undefined
          ? ''
          : html`<span class="badge ${s.flag === 'worse' ? 'failed' : 'passed'}">${s.flag}</span>`,
    },
  ],
  shown,
)}`;
}
