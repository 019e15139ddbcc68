/** Training: files of products, and the runs that are made of them. */
import { useCallback } from 'react';
import type { FilesAnswer, RunsAnswer } from '../../src/serving/api/training.ts';
import { useLoaded, Waiting } from '../loaded.tsx';
import { useRoute } from '../route.ts';
import { ask, Refused } from '../service.ts';
import { ComparePage } from './compare-page.tsx';
import { FilePage } from './file-page.tsx';
import { Files } from './files.tsx';
import { usePolled } from './polled.ts';
import { RunList } from './run-list.tsx';
import { RunPage } from './run-page.tsx';
import { isMoving } from './state.ts';

export function TrainPage() {
  const { rest, query } = useRoute();
  const [what, id] = rest;
  if (what === 'file' && id !== undefined) return <FilePage key={id} id={id} />;
  if (what === 'run' && id !== undefined) return <RunPage key={id} id={id} />;
  if (what === 'compare') return <ComparePage ids={query.getAll('run')} />;
  return <Home />;
}

function Home() {
  const files = useLoaded(useCallback((signal: AbortSignal) => ask<FilesAnswer>('v1/files', { signal }), []));
  const runs = usePolled(
    useCallback((signal: AbortSignal) => ask<RunsAnswer>('v1/runs', { signal }), []),
    ({ runs: all }) => all.some(isMoving),
  );
  const off = files.error instanceof Refused && files.error.code === 'serving/not-found';
  return (
    <>
      <h1>Train</h1>
      {off ? (
        <section className="panel">
          <p>
            Training from the page is off: the service was started without a workspace, a folder for files,
            runs and models. Start it with one, and come back:
          </p>
          <pre>attune serve --workspace ./workspace</pre>
        </section>
      ) : (
        <div className="two">
          <section className="panel" aria-labelledby="files-heading">
            <h2 id="files-heading">A file of products</h2>
            <Waiting loaded={files}>{(answer) => <Files {...answer} changed={files.reload} />}</Waiting>
          </section>
          <section className="panel" aria-labelledby="runs-heading">
            <h2 id="runs-heading">Trainings</h2>
            <Waiting loaded={runs}>{(answer) => <RunList runs={answer.runs} />}</Waiting>
          </section>
        </div>
      )}
    </>
  );
}
