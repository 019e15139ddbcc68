/** Trainings, the latest first; two or more of them can be compared. */
import { useState } from 'react';
import type { RunAnswer } from '../../src/serving/api/training.ts';
import { share } from '../figure.ts';
import { addressOf } from '../route.ts';
import { STATE_COLOUR, STATE_WORDS } from './state.ts';

export function RunList({ runs }: { readonly runs: readonly RunAnswer[] }) {
  const [chosen, setChosen] = useState<readonly string[]>([]);
  if (runs.length === 0) return <p className="note">Nothing was trained here yet. Begin with a file.</p>;
  const there = chosen.filter((id) => runs.some((run) => run.id === id));
  const compare = addressOf('train', ['compare'], new URLSearchParams(there.map((id) => ['run', id])));
  return (
    <>
      <ul className="lines runs">
        {runs.map((run) => (
          <li key={run.id}>
            <label className="inline">
              <input
                type="checkbox"
                checked={there.includes(run.id)}
                onChange={({ target }) =>
                  setChosen(target.checked ? [...there, run.id] : there.filter((id) => id !== run.id))
                }
              />
              <span className="heard">Compare {run.id}</span>
            </label>
            <a href={addressOf('train', ['run', run.id])}>
              <bdi>{run.model}</bdi> {run.version}
            </a>
            <span className={`status ${STATE_COLOUR[run.state]}`}>{STATE_WORDS[run.state]}</span>
            <small className="optional">
              {run.devScore === null ? '' : `dev score ${share(run.devScore)}, `}
              {run.file.name}, {new Date(run.created).toLocaleString()}
            </small>
          </li>
        ))}
      </ul>
      <div className="actions">
        {there.length < 2 ? (
          <span className="note">Tick two or more to compare them.</span>
        ) : (
          <a className="button" href={compare}>
            Compare {there.length} trainings
          </a>
        )}
      </div>
    </>
  );
}
