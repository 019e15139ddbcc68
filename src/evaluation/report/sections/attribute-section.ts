import type { ClassScores } from '../../metrics/classification.ts';
import { coverageChart } from '../charts/coverage-chart.ts';
import { reliabilityChart } from '../charts/reliability-chart.ts';
import { countFigure, shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import type { AttributeReport, CalibrationReport } from '../report-data.ts';
import { anchorOf } from './attribute-table.ts';
import { confusionSection } from './confusion-section.ts';
import { mistakesSection } from './mistakes-section.ts';
import { slicesSection } from './slices-section.ts';
import { said, table } from './table.ts';

/** Values listed of one attribute, the most frequent first. */
const MOST_CLASSES = 25;

/** Everything known of one attribute; closed where there are many. */
export function attributeSection(attribute: AttributeReport, index: number, open: boolean): Html {
  const { result, calibration, coverage, autoAccept, confusion, slices, mistakes } = attribute;
  return html`<details class="attribute" id="${anchorOf(index)}"${open && html` open`}>
<summary><h3>${said(result.attribute)}</h3> <span class="what">${result.kind}, ${countFigure(result.count)} test rows, micro F1 ${shareFigure(result.microF1)}</span></summary>
${result.count === 0 && html`<p class="note">No test row says this attribute's truth, so nothing can be said of it.</p>`}
<div class="charts">${calibration && reliabilityChart(calibration)}${coverage.length > 0 && coverageChart(coverage, result, autoAccept)}</div>
${(calibration !== undefined || autoAccept !== undefined) && confidence(calibration, autoAccept?.explanation)}
${confusion && confusionSection(confusion)}
${classesTable(attribute)}
${slices && slicesSection(slices)}
${mistakesSection(mistakes)}
</details>`;
}

function confidence(calibration: CalibrationReport | undefined, explanation: string | undefined): Html {
  return html`<h4>Calibration and threshold</h4><ul>${
    calibration &&
    html`<li>${calibration.reason} Expected calibration error ${shareFigure(calibration.before.calibrationError)} before, ${shareFigure(calibration.after.calibrationError)} after; Brier score ${fixed(calibration.before.brier)} before, ${fixed(calibration.after.brier)} after.</li>`
  }${explanation !== undefined && html`<li>${explanation}</li>`}</ul>`;
}

function fixed(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(4);
}

function classesTable({ classes, result }: AttributeReport): Html | undefined {
  if (classes.length === 0) return undefined;
  const shown = classes.toSorted((a, b) => b.support - a.support).slice(0, MOST_CLASSES);
  const word = result.kind === 'extract' ? 'category' : 'value';
  const hidden = classes.length - shown.length;
  return html`<h4>By ${word}</h4>${table<ClassScores>(
    `Scores by ${word}${hidden > 0 ? `, the ${shown.length} most frequent of ${classes.length}` : ''}`,
    [
      { name: word, header: true, cell: (c) => said(c.label) },
      { name: 'rows', numeric: true, cell: (c) => countFigure(c.support) },
      { name: 'precision', numeric: true, cell: (c) => shareFigure(c.precision) },
      { name: 'recall', numeric: true, cell: (c) => shareFigure(c.recall) },
      { name: 'F1', numeric: true, cell: (c) => shareFigure(c.f1) },
    ],
    shown,
  )}`;
}
