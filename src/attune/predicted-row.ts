/** A predicted row as a table has it: the input's own columns, then some for each attribute. */
import type { InputRow } from '../catalog/catalog.ts';
import type { Row } from '../catalog/source.ts';
import type { SourceColumn } from '../catalog/source-columns.ts';
import type { BundleFile } from '../prediction/bundle-file.ts';
import type { ProductPrediction } from '../prediction/prediction.ts';

const CELLS = ['value', 'confidence', 'status', 'evidence'] as const;
const columnOf = (attribute: string, cell: (typeof CELLS)[number] | 'alternatives' | 'contributions') =>
  cell === 'value' ? `predicted_${attribute}` : `predicted_${attribute}_${cell}`;

/** Columns that not every run has. */
export type MoreColumns = { readonly topK: number; readonly contributions: boolean };

/**
 * The input's own columns, then some for each attribute, then the attributes that are missing.
 * @param asked - names of further attributes, none of the model's own
 */
export function outputColumns(
  own: readonly SourceColumn[],
  { attributes }: BundleFile,
  { topK, contributions }: MoreColumns,
  asked: readonly string[] = [],
): readonly SourceColumn[] {
  const schemas = [
    ...attributes.map(({ schema }) => schema),
    ...asked.map((name) => ({ name, kind: 'extract' })),
  ];
  return [
    ...own,
    ...schemas.flatMap((schema) => [
      { name: columnOf(schema.name, 'value'), type: schema.kind === 'number' ? 'DOUBLE' : 'VARCHAR' },
      { name: columnOf(schema.name, 'confidence'), type: 'DOUBLE' },
      { name: columnOf(schema.name, 'status'), type: 'VARCHAR' },
      { name: columnOf(schema.name, 'evidence'), type: 'VARCHAR' },
      ...(topK > 0 ? [{ name: columnOf(schema.name, 'alternatives'), type: 'VARCHAR' }] : []),
      ...(contributions ? [{ name: columnOf(schema.name, 'contributions'), type: 'VARCHAR' }] : []),
    ]),
    { name: 'missing_attributes', type: 'VARCHAR' },
  ];
}

/** @param prediction - undefined for a row that holds no product of its own, which stays as it is */
export function outputRow(
  { own }: InputRow,
  prediction: ProductPrediction | undefined,
  more: MoreColumns,
): Row {
  return prediction === undefined ? { ...own } : { ...own, ...outputCells(prediction, more) };
}

function outputCells({ attributes, missing }: ProductPrediction, more: MoreColumns): Row {
  const cells: Record<string, unknown> = {};
  for (const [name, prediction] of Object.entries(attributes)) {
    const { value, confidence, status, evidence, alternatives, contributions } = prediction;
    cells[columnOf(name, 'value')] = Array.isArray(value)
      ? value.length > 0
        ? JSON.stringify(value)
        : null
      : value;
    cells[columnOf(name, 'confidence')] = Math.round(confidence * 1e4) / 1e4;
    cells[columnOf(name, 'status')] = status;
    cells[columnOf(name, 'evidence')] = evidence.length > 0 ? JSON.stringify(evidence) : null;
    if (more.topK > 0) cells[columnOf(name, 'alternatives')] = JSON.stringify(alternatives);
    if (more.contributions)
      cells[columnOf(name, 'contributions')] = contributions ? JSON.stringify(contributions.parts) : null;
  }
  return { ...cells, missing_attributes: missing.length > 0 ? missing.join(';') : null };
}
