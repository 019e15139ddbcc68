/** The models that are served: which version answers, and what an operator does with the others. */
import { useCallback, useState } from 'react';
import type { ModelAnswer, ModelsAnswer } from '../../src/serving/api/models.ts';
import { Failed, useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';
import { Figures } from './figures.tsx';

export function ModelsPage() {
  const load = useCallback((signal: AbortSignal) => ask<ModelsAnswer>('v1/models', { signal }), []);
  const loaded = useLoaded(load);
  return (
    <>
      <h1>Models</h1>
      <Waiting loaded={loaded}>
        {({ models, failed }) => (
          <>
            {failed.map(({ name, version, problem }) => (
              <p className="problem" role="alert" key={`${name} ${version}`}>
                Version {version} of <bdi>{name}</bdi> could not be opened, so it does not answer. {problem}
              </p>
            ))}
            {models.length === 0 ? <p className="panel">No model is served.</p> : null}
            {models.map((model) => (
              <Model key={model.name} model={model} changed={loaded.reload} />
            ))}
          </>
        )}
      </Waiting>
    </>
  );
}

function Model({ model, changed }: { readonly model: ModelAnswer; readonly changed: () => void }) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const act = async (action: string, body: object, words: string) => {
    setBusy(true);
    try {
      await ask(`v1/models/${encodeURIComponent(model.name)}/${action}`, { method: 'POST', body });
      setError(undefined);
      setSaid(words);
      changed();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const heading = `model-${model.name}`;
  return (
    <section className="panel" aria-labelledby={heading}>
      <h2 id={heading}>
        <bdi>{model.name}</bdi>
        {model.default ? <span className="optional"> · answers where no model is named</span> : null}
      </h2>
      <div className="wide">
        <table>
          <thead>
            <tr>
              <th scope="col">Version</th>
              <th scope="col">Role</th>
              <th scope="col">Share</th>
              <th scope="col">
                <span className="heard">What to do</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {model.versions.map(({ version, role, share }) => (
              <tr key={version}>
                <th scope="row">{version}</th>
                <td>{role}</td>
                <td>{share === undefined ? '' : `${Math.round(share * 100)}%`}</td>
                <td>
                  {role === 'live' ? null : (
                    <button
                      type="button"
                      className="quiet"
                      disabled={busy}
                      onClick={() => void act('promote', { version }, `Version ${version} answers now.`)}
                    >
                      Promote <span className="heard">version {version}</span>
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="actions">
        <button
          type="button"
          className="quiet"
          disabled={busy || model.previous === null}
          onClick={() => void act('rollback', {}, 'Rolled back.')}
        >
          {model.previous === null ? 'Nothing to roll back to' : `Roll back to ${model.previous}`}
        </button>
      </div>
      <p role="status" className="note">
        {said}
      </p>
      {error === undefined ? null : <Failed error={error} />}
      {model.shadow === undefined ? null : <Shadow shadow={model.shadow} />}
      <Figures model={model.name} version={model.version} />
      <h3>What it reads and gives</h3>
      <p>
        Reads {[...model.fields, ...model.media.map(({ name }) => name), ...model.cells].join(', ')}. Gives{' '}
        {model.attributes.map(({ name, kind }) => `${name} (${kind})`).join(', ')}.
      </p>
    </section>
  );
}

function Shadow({ shadow }: { readonly shadow: NonNullable<ModelAnswer['shadow']> }) {
  const differing = Object.entries(shadow.differing).map(
    ([attribute, count]) => `${attribute} ${share(count, shadow.products)}`,
  );
  return (
    <p>
      The shadow was asked for {shadow.products} products; it failed on {shadow.failed}.
      {differing.length === 0 ? '' : ` It says something else of: ${differing.join(', ')}.`}
    </p>
  );
}

const share = (part: number, whole: number) => (whole === 0 ? '0%' : `${Math.round((100 * part) / whole)}%`);
