/** Several trainings beside each other: the settings in which they differ, and what came of each. */
import { useCallback } from 'react';
import type { RunDetail } from '../../src/serving/api/training.ts';
import { share } from '../figure.ts';
import { type Column, FigureTable } from '../figure-table.tsx';
import { Waiting } from '../loaded.tsx';
import { addressOf } from '../route.ts';
import { ask } from '../service.ts';
import { Curves } from './curves.tsx';
import { usePolled } from './polled.ts';
import { differences } from './settings.ts';
import { isMoving, STATE_WORDS } from './state.ts';

export function ComparePage({ ids }: { readonly ids: readonly string[] }) {
  const asked = ids.join('\n');
  const load = useCallback(
    (signal: AbortSignal) =>
      Promise.all(
        asked
          .split('\n')
          .filter((id) => id !== '')
          .map((id) => ask<RunDetail>(`v1/runs/${encodeURIComponent(id)}`, { signal })),
      ),
    [asked],
  );
  return (
    <>
      <p>
        <a href={addressOf('train')}>Back to all files and trainings</a>
      </p>
      <Waiting loaded={usePolled(load, (runs) => runs.some(isMoving))}>
        {(runs) =>
          runs.length === 0 ? <p className="panel">No training was named.</p> : <Compared runs={runs} />
        }
      </Waiting>
    </>
  );
}

/** One thing said of each run. */
type Row = { readonly name: string; readonly cells: readonly string[] };

function Compared({ runs }: { readonly runs: readonly RunDetail[] }) {
  const columns: readonly Column<Row>[] = [
    { name: 'Of each', heads: true, cell: ({ name }) => <bdi>{name}</bdi> },
    ...runs.map(({ id }, i) => ({ name: id, cell: ({ cells }: Row) => <bdi>{cells[i]}</bdi> })),
  ];
  const settings = differences(runs.map(({ config, file }) => ({ file: file.name, ...config })));
  const curves = runs.flatMap(({ id, curves: own }) =>
    own.map((curve) => ({ name: curve.model === null ? id : `${id}, ${curve.model}`, curve })),
  );
  return (
    <section className="panel" aria-labelledby="compare-heading">
      <h1 id="compare-heading">{runs.length} trainings compared</h1>
      <h2>In what they differ</h2>
      {settings.length === 0 ? (
        <p className="note">In nothing: file and settings are the same.</p>
      ) : (
        <FigureTable
          caption="Settings that differ"
          columns={columns}
          rows={settings.map(({ path, values }) => ({
            name: path,
            cells: values.map((value) => value ?? '–'),
          }))}
        />
      )}
      <h2>What came of them</h2>
      <FigureTable caption="What came of them" columns={columns} rows={resultsOf(runs)} />
      <Curves curves={curves} />
    </section>
  );
}

function resultsOf(runs: readonly RunDetail[]): readonly Row[] {
  const of = (name: string, cell: (run: RunDetail) => string): Row => ({ name, cells: runs.map(cell) });
  const attributes = new Set(runs.flatMap(({ figures }) => figures.map(({ attribute }) => attribute)));
  const figure = (run: RunDetail, name: string) => run.figures.find(({ attribute }) => attribute === name);
  return [
    of('State', ({ state }) => STATE_WORDS[state]),
    of('Steps', ({ step }) => String(step)),
    of('Best dev score', ({ devScore }) => share(devScore)),
    ...[...attributes].flatMap((name) => [
      of(`${name}: right`, (run) => share(figure(run, name)?.accuracy ?? null)),
      of(`${name}: so many are auto`, (run) => share(figure(run, name)?.coverage ?? null)),
    ]),
  ];
}
