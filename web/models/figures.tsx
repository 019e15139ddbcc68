/** How good a model was on its test products, attribute by attribute. */
import { useCallback } from 'react';
import type { AttributeFigures, FiguresAnswer } from '../../src/serving/api/figures.ts';
import { share } from '../figure.ts';
import { type Column, FigureTable } from '../figure-table.tsx';
import { useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';
import { Closer } from './closer.tsx';

export function Figures({ model, version }: { readonly model: string; readonly version: string }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the figures are those of the version that is live now
  const load = useCallback(
    (signal: AbortSignal) => ask<FiguresAnswer>(`v1/models/${encodeURIComponent(model)}/figures`, { signal }),
    [model, version],
  );
  return (
    <>
      <h3>On the test products of its training</h3>
      <Waiting loaded={useLoaded(load)}>
        {({ attributes }) =>
          attributes.length === 0 ? (
            <p className="note">It came without figures.</p>
          ) : (
            <>
              <FigureTable caption={`Figures of ${model}`} columns={COLUMNS} rows={attributes} />
              <Closer model={model} version={version} attributes={attributes} />
            </>
          )
        }
      </Waiting>
    </>
  );
}

const COLUMNS: readonly Column<AttributeFigures>[] = [
  { name: 'Attribute', heads: true, cell: ({ attribute }) => <bdi>{attribute}</bdi> },
  { name: 'Products', cell: ({ products }) => products },
  { name: 'Right', cell: (figures) => <Right {...figures} /> },
  { name: 'Precision', cell: ({ precision }) => share(precision) },
  { name: 'Recall', cell: ({ recall }) => share(recall) },
  { name: 'auto from', cell: ({ threshold }) => (threshold === null ? 'never' : share(threshold)) },
  { name: 'so many are auto', cell: ({ coverage }) => share(coverage) },
  { name: 'right of them', cell: ({ acceptedPrecision }) => share(acceptedPrecision) },
];

function Right({ accuracy, accuracyInterval: range, meanAbsoluteError: error, unit }: AttributeFigures) {
  return (
    <>
      {share(accuracy)}
      {range === null ? null : (
        <small className="optional">
          {' '}
          {share(range.low)} to {share(range.high)}
        </small>
      )}
      {error === null ? null : ` off by ${Number(error.toPrecision(3))}${unit === null ? '' : ` ${unit}`}`}
    </>
  );
}
