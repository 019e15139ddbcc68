/** One training: how far it is, its curves, what came of it, and what can be done with it. */
import { useCallback, useState } from 'react';
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import type { RunDetail } from '../../src/serving/api/training.ts';
import { Failed, Waiting } from '../loaded.tsx';
import { addressOf } from '../route.ts';
import { ask } from '../service.ts';
import { Curves } from './curves.tsx';
import { usePolled } from './polled.ts';
import { RunResults } from './run-results.tsx';
import { isMoving, isResumable, STATE_COLOUR, STATE_WORDS } from './state.ts';

export function RunPage({ id }: { readonly id: string }) {
  const at = `v1/runs/${encodeURIComponent(id)}`;
  const load = useCallback((signal: AbortSignal) => ask<RunDetail>(at, { signal }), [at]);
  const loaded = usePolled(load, isMoving);
  return (
    <>
      <p>
        <a href={addressOf('train')}>Back to all files and trainings</a>
      </p>
      <Waiting loaded={loaded}>{(run) => <Run run={run} at={at} changed={loaded.reload} />}</Waiting>
    </>
  );
}

function Run({
  run,
  at,
  changed,
}: {
  readonly run: RunDetail;
  readonly at: string;
  readonly changed: () => void;
}) {
  const curves = run.curves.map((curve) => ({ name: curve.model ?? run.id, curve }));
  return (
    <>
      <section className="panel" aria-labelledby="run-heading">
        <h1 id="run-heading">
          <bdi>{run.model}</bdi> {run.version}
        </h1>
        <span id="run-state" className={`status ${STATE_COLOUR[run.state]}`} role="status">
          {STATE_WORDS[run.state]}
        </span>
        <p className="note">
          From <bdi>{run.file.name}</bdi>
          {run.plan === null
            ? ''
            : `: ${run.plan.products.train} products to train, ${run.plan.products.dev} dev, ${run.plan.products.test} test`}
          {run.plan === null ? '' : `; ${run.plan.start}`}
        </p>
        <HowFar run={run} />
        {run.problem === null ? null : (
          <div className="problem" role="alert">
            <p>{run.problem.message}</p>
            {run.problem.hint === null ? null : <p>{run.problem.hint}</p>}
          </div>
        )}
        <Actions run={run} at={at} changed={changed} />
        <Curves curves={curves} />
      </section>
      <RunResults run={run} />
    </>
  );
}

function HowFar({ run: { state, stage, step, steps } }: { readonly run: RunDetail }) {
  if (state === 'finished') return null;
  return (
    <div className="far">
      <label htmlFor="far">
        {steps === null ? 'Not begun' : `Step ${step} of ${steps} at most`}
        {state === 'running' && stage !== null ? <span className="optional"> · {stage}</span> : null}
      </label>
      <progress id="far" value={step} max={steps ?? 1} />
    </div>
  );
}

function Actions({
  run,
  at,
  changed,
}: {
  readonly run: RunDetail;
  readonly at: string;
  readonly changed: () => void;
}) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [loaded, setLoaded] = useState<ModelAnswer>();
  const act = (work: () => Promise<unknown>) => async () => {
    setBusy(true);
    try {
      await work();
      setError(undefined);
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const call = (action: string) =>
    act(async () => {
      await ask(`${at}/${action}`, { method: 'POST' });
      changed();
    });
  const remove = act(async () => {
    await ask(at, { method: 'DELETE' });
    location.hash = addressOf('train');
  });
  const ofModel = (action: string) =>
    act(async () => {
      const model = `v1/models/${encodeURIComponent(run.model)}/${action}`;
      setLoaded(await ask<ModelAnswer>(model, { method: 'POST', body: { version: run.version } }));
    });
  return (
    <>
      <div className="actions">
        {run.state === 'finished' && loaded === undefined ? (
          <button type="button" disabled={busy} onClick={() => void ofModel('load')()}>
            Load the model
          </button>
        ) : null}
        {loaded !== undefined && loaded.version !== run.version ? (
          <button type="button" disabled={busy} onClick={() => void ofModel('promote')()}>
            Promote it
          </button>
        ) : null}
        {isMoving(run) ? (
          <button type="button" className="quiet" disabled={busy} onClick={() => void call('cancel')()}>
            {run.state === 'stopping' ? 'Stop at once' : 'Cancel'}
          </button>
        ) : null}
        {isResumable(run) ? (
          <button type="button" disabled={busy} onClick={() => void call('resume')()}>
            Resume
          </button>
        ) : null}
        {isMoving(run) ? null : <Delete busy={busy} remove={() => void remove()} />}
      </div>
      {loaded === undefined ? null : (
        <p role="status">
          {loaded.version === run.version
            ? `It answers as ${run.model}. `
            : `It is loaded; version ${loaded.version} still answers. `}
          <a href={addressOf('')}>Try it</a> or look at <a href={addressOf('models')}>all models</a>.
        </p>
      )}
      {error === undefined ? null : <Failed error={error} />}
    </>
  );
}

/** Asks once more: what is deleted does not come back. */
function Delete({ busy, remove }: { readonly busy: boolean; readonly remove: () => void }) {
  const [asked, setAsked] = useState(false);
  return asked ? (
    <>
      <button type="button" disabled={busy} onClick={remove}>
        Delete it and its model for good
      </button>
      <button type="button" className="quiet" onClick={() => setAsked(false)}>
        Keep it
      </button>
    </>
  ) : (
    <button type="button" className="quiet" onClick={() => setAsked(true)}>
      Delete
    </button>
  );
}
