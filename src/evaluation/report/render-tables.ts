import type { AttributeResult } from '../attribute-result.ts';
import type { PrecisionRecallF1 } from '../metrics/precision-recall.ts';
import { printable } from './display-width.ts';
import { countFigure, NO_FIGURE, numberFigure } from './figures.ts';
import { type TextColumn, textTable } from './text-table.ts';

type Column = TextColumn & {
  readonly cell: (result: AttributeResult) => string;
  /** A column that says nothing for any attribute is left out. */
  readonly value?: (result: AttributeResult) => unknown;
};

/** Shares in percent with one digit, without the sign: the columns' unit is said beneath the table. */
export function points(share: number | undefined): string {
  return share === undefined ? NO_FIGURE : (100 * share).toFixed(1);
}

function columnsFor(level: number): readonly Column[] {
  return [
    { name: 'attribute', align: 'left', cell: (r) => printable(r.attribute) },
    { name: 'kind', align: 'left', cell: (r) => r.kind },
    { name: 'n', align: 'right', cell: (r) => countFigure(r.count) },
    { name: 'accuracy', align: 'right', cell: (r) => points(r.accuracy) },
    { name: 'P', align: 'right', cell: (r) => points(r.precision) },
    { name: 'R', align: 'right', cell: (r) => points(r.recall) },
    {
      name: `micro F1 [${Number((100 * level).toFixed(2))}% CI]`,
      align: 'right',
      cell: ({ microF1, microF1Interval: interval }) =>
        interval === undefined
          ? points(microF1)
          : `${points(microF1)} [${points(interval.low)}, ${points(interval.high)}]`,
    },
    { name: 'macro F1', align: 'right', cell: (r) => points(r.macroF1), value: (r) => r.macroF1 },
    { name: 'chrF', align: 'right', cell: (r) => points(r.chrF), value: (r) => r.chrF },
    {
      name: 'MAE',
      align: 'right',
      cell: (r) =>
        r.meanAbsoluteError === undefined
          ? NO_FIGURE
          : `${numberFigure(r.meanAbsoluteError)}${r.unit === undefined ? '' : ` ${printable(r.unit)}`}`,
      value: (r) => r.meanAbsoluteError,
    },
    {
      name: 'R2',
      align: 'right',
      cell: (r) => (r.r2 === undefined ? NO_FIGURE : r.r2.toFixed(3)),
      value: (r) => r.r2,
    },
    {
      name: 'threshold',
      align: 'right',
      cell: (r) => (r.threshold === undefined ? 'review' : r.threshold.toFixed(3)),
    },
    { name: 'coverage', align: 'right', cell: (r) => points(r.coverage) },
  ];
}

/**
 * Results as a table for a terminal, one row an attribute, aligned by display width; columns that are empty for every
 * attribute are left out, and long names are cut.
 *
 * @param overall - micro figures over all attributes, for a last row
 */
export function renderTables(
  results: readonly AttributeResult[],
  overall?: PrecisionRecallF1 & { readonly attributes: number },
): string {
  if (results.length === 0) return 'No attribute has been evaluated.\n';
  const level = results.find((r) => r.microF1Interval)?.microF1Interval?.level ?? 0.95;
  const columns = columnsFor(level).filter(
    ({ value }) => !value || results.some((r) => value(r) !== undefined),
  );
  const rows = results.map((result) => columns.map((column) => column.cell(result)));
  if (overall !== undefined) rows.push(columns.map((column) => overallCell(column.name, overall)));
  return textTable(columns, rows, { total: overall !== undefined });
}

function overallCell(column: string, overall: PrecisionRecallF1 & { readonly attributes: number }): string {
  if (column === 'attribute') return `all ${overall.attributes}`;
  if (column === 'P') return points(overall.precision);
  if (column === 'R') return points(overall.recall);
  // Aligned with the values above, which an interval follows.
  if (column.startsWith('micro F1')) return `${points(overall.f1)}${' '.repeat(13)}`;
  return '';
}
