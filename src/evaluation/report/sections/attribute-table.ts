import type { Interval } from '../../intervals/interval.ts';
import { roundPercent } from '../../percent.ts';
import { countFigure, intervalFigure, NO_FIGURE, numberFigure, shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import type { AttributeReport } from '../report-data.ts';
import { type Column, said, table } from './table.ts';

/** All attributes, one a row, each linked to its section; columns that say nothing are left out. */
export function attributeTable(attributes: readonly AttributeReport[]): Html | undefined {
  const level = attributes.find((a) => a.result.microF1Interval)?.result.microF1Interval?.level ?? 0.95;
  const some = (value: (attribute: AttributeReport) => unknown) =>
    attributes.some((a) => value(a) !== undefined);
  const columns: (Column<AttributeReport> | false)[] = [
    {
      name: 'attribute',
      header: true,
      cell: (a) =>
        html`<a href="#${anchorOf(attributes.indexOf(a))}">${said(a.result.attribute)}</a><br><small>${a.result.kind}</small>`,
    },
    { name: 'rows', numeric: true, cell: ({ result }) => countFigure(result.count) },
    { name: 'accuracy', numeric: true, cell: ({ result }) => shareFigure(result.accuracy) },
    { name: 'precision', numeric: true, cell: ({ result }) => shareFigure(result.precision) },
    { name: 'recall', numeric: true, cell: ({ result }) => shareFigure(result.recall) },
    { name: 'micro F1', numeric: true, cell: ({ result }) => shareFigure(result.microF1) },
    {
      name: `${roundPercent(level)} interval`,
      cell: ({ result }) => whisker(result.microF1, result.microF1Interval),
    },
    some((a) => a.result.macroF1) && {
      name: 'macro F1',
      numeric: true,
      cell: ({ result }) => shareFigure(result.macroF1),
    },
    some((a) => a.result.chrF) && {
      name: 'chrF',
      numeric: true,
      cell: ({ result }) => shareFigure(result.chrF),
    },
    some((a) => a.result.meanAbsoluteError) && {
      name: 'MAE, R²',
      numeric: true,
      cell: errors,
    },
    { name: 'auto-accepted', numeric: true, cell: accepted },
  ];
  return table(
    'Test results for each attribute',
    columns.filter((c) => c !== false),
    attributes,
  );
}

/** The place of an attribute's section in the page. */
export function anchorOf(index: number): string {
  return `attribute-${index + 1}`;
}

function errors({ result }: AttributeReport): Html | string {
  if (result.meanAbsoluteError === undefined) return NO_FIGURE;
  const unit = result.unit === undefined ? '' : ` ${result.unit}`;
  return html`${numberFigure(result.meanAbsoluteError)}${unit}<br><small>R² ${numberFigure(result.r2)}</small>`;
}

function accepted({ result }: AttributeReport): Html {
  if (result.threshold === undefined) return html`<span class="badge review">review all</span>`;
  return html`<span class="badge auto">${shareFigure(result.coverage)}</span><br><small>from ${result.threshold.toFixed(3)}</small>`;
}

/** A value with its interval on a scale from 0 to 1. */
function whisker(value: number | undefined, interval: Interval | undefined): Html | string {
  if (value === undefined || interval === undefined) return NO_FIGURE;
  const x = (share: number) => (2 + 96 * share).toFixed(1);
  return html`<span class="whisker-cell"><svg class="whisker-row" viewBox="0 0 100 12" aria-hidden="true"><line class="track" x1="2" x2="98" y1="6" y2="6"/><line class="span" x1="${x(interval.low)}" x2="${x(interval.high)}" y1="6" y2="6"/><circle cx="${x(value)}" cy="6" r="3"/></svg><small>${intervalFigure(interval)}</small></span>`;
}
