import type { GateOutcome } from '../../gates/check-gates.ts';
import { trainingCharts } from '../charts/training-charts.ts';
import { numberFigure, shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import type { EpochPoint, ReportData, TrainingCurve } from '../report-data.ts';
import { said, table } from './table.ts';

/** What was run, on what, and how to make the numbers again. */
export function summarySection({ facts, command, warnings }: ReportData): Html {
  return html`<section id="run"><h2>Run</h2>
<dl class="facts">${facts.map(({ label, value }) => html`<div><dt>${label}</dt><dd>${said(value)}</dd></div>`)}</dl>
${
  warnings.length > 0 &&
  html`<div class="warnings" role="note"><h3>Before you trust this</h3><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></div>`
}
${command !== undefined && html`<p class="what">Make these numbers again with</p><pre><code>${command}</code></pre>`}</section>`;
}

/** Curves over the epochs, and the same numbers as a table. */
export function trainingSection(curve: TrainingCurve): Html | undefined {
  if (curve.epochs.length === 0) return undefined;
  const { unit = 'epoch' } = curve;
  const best = (epoch: EpochPoint) =>
    epoch.epoch === curve.bestEpoch ? html`<span class="badge passed">best</span>` : '';
  return html`<section id="training"><h2>Training</h2>
<div class="charts">${trainingCharts(curve)}</div>
<details><summary>The same as a table</summary>${table<EpochPoint>(
    `Training by ${unit}`,
    [
      { name: unit, numeric: true, header: true, cell: (e) => String(e.epoch) },
      { name: 'train loss', numeric: true, cell: (e) => numberFigure(e.trainLoss) },
      { name: 'dev loss', numeric: true, cell: (e) => numberFigure(e.devLoss) },
      { name: `dev ${curve.devMetric}`, numeric: true, cell: (e) => shareFigure(e.devMetric) },
      { name: '', cell: best },
    ],
    curve.epochs,
  )}</details></section>`;
}

/** Demands on the results and whether they were met; the failed ones first. */
export function gatesSection(gates: readonly GateOutcome[]): Html | undefined {
  if (gates.length === 0) return undefined;
  const failed = gates.filter((gate) => !gate.passed);
  const ordered = [...failed, ...gates.filter((gate) => gate.passed)];
  return html`<section id="gates"><h2>Gates</h2>
<p>${failed.length === 0 ? html`All ${gates.length} passed.` : html`<strong>${failed.length} of ${gates.length} failed.</strong>`}</p>
${table<GateOutcome>(
  'Quality gates',
  [
    {
      name: '',
      cell: ({ passed }) =>
        html`<span class="badge ${passed ? 'passed' : 'failed'}">${passed ? 'passed' : 'failed'}</span>`,
    },
    { name: 'attribute', header: true, cell: (g) => said(g.attribute) },
    { name: 'measure', cell: (g) => g.measure },
    { name: 'required', numeric: true, cell: (g) => numberFigure(g.required) },
    { name: 'actual', numeric: true, cell: (g) => numberFigure(g.actual) },
    { name: 'in words', words: true, cell: (g) => g.explanation },
  ],
  ordered,
)}</section>`;
}

export function configSection({ config }: ReportData): Html {
  return html`<section id="config"><h2>Config</h2><details><summary>The resolved config of this run</summary><pre><code>${config}</code></pre></details></section>`;
}
