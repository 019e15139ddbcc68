/** What a training told: its figures on the test products, gates, warnings, and the settings it ran with. */
import type { AttributeFigures } from '../../src/serving/api/figures.ts';
import type { RunDetail } from '../../src/serving/api/training.ts';
import { range, share } from '../figure.ts';
import { type Column, FigureTable } from '../figure-table.tsx';
import { flattened } from './settings.ts';

export function RunResults({ run }: { readonly run: RunDetail }) {
  const settings = [...flattened(run.config)];
  return (
    <>
      {run.figures.length === 0 ? null : (
        <section className="panel" aria-labelledby="figures-heading">
          <h2 id="figures-heading">On the test products</h2>
          <FigureTable caption={`Figures of ${run.id}`} columns={COLUMNS} rows={run.figures} />
          <ul className="lines">
            {run.gates.map(({ text, passed }) => (
              <li key={text}>
                <span className={`status ${passed ? 'auto' : 'review'}`}>{passed ? 'passed' : 'failed'}</span>
                <span>{text}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="panel" aria-labelledby="settings-heading">
        <h2 id="settings-heading">How it was asked for</h2>
        {run.warnings.length === 0 ? null : (
          <>
            <h3>It warned</h3>
            <ul>
              {run.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          </>
        )}
        <details>
          <summary>All {settings.length} settings</summary>
          <FigureTable caption={`Settings of ${run.id}`} columns={SETTINGS} rows={settings} />
        </details>
      </section>
    </>
  );
}

const COLUMNS: readonly Column<AttributeFigures>[] = [
  { name: 'Attribute', heads: true, cell: ({ attribute }) => <bdi>{attribute}</bdi> },
  { name: 'Products', cell: ({ products }) => products },
  { name: 'Right', cell: ({ accuracy }) => share(accuracy) },
  { name: '95 % range', cell: ({ accuracyInterval }) => range(accuracyInterval) },
  { name: 'Precision', cell: ({ precision }) => share(precision) },
  { name: 'Recall', cell: ({ recall }) => share(recall) },
  { name: 'so many are auto', cell: ({ coverage }) => share(coverage) },
  { name: 'right of them', cell: ({ acceptedPrecision }) => share(acceptedPrecision) },
];

const SETTINGS: readonly Column<readonly [string, string]>[] = [
  { name: 'Setting', heads: true, cell: ([path]) => path },
  { name: 'Value', cell: ([, value]) => <bdi>{value}</bdi> },
];
