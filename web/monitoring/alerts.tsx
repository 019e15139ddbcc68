/** Alerts: those that are open first to be seen, then to be closed. */
import { useCallback, useState } from 'react';
import type { AlertAnswer } from '../../src/serving/api/monitoring.ts';
import { Failed, useLoaded, Waiting } from '../loaded.tsx';
import { reviewerName } from '../review/reviewer.ts';
import { ask } from '../service.ts';

const STATES = ['open', 'acknowledged', 'closed'] as const;
type State = (typeof STATES)[number];

/** What can be done with an alert, and what it becomes by it. */
const ACTIONS: Readonly<Record<State, readonly (readonly [words: string, becomes: State])[]>> = {
  open: [
    ['Acknowledge', 'acknowledged'],
    ['Close', 'closed'],
  ],
  acknowledged: [['Close', 'closed']],
  closed: [['Open again', 'open']],
};

export function Alerts() {
  const [state, setState] = useState<State>('open');
  const load = useCallback(
    (signal: AbortSignal) => ask<{ alerts: AlertAnswer[] }>(`v1/alerts?state=${state}`, { signal }),
    [state],
  );
  const loaded = useLoaded(load);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState('');
  const change = async ({ id, title }: AlertAnswer, to: State) => {
    const who = reviewerName();
    setBusy(true);
    try {
      await ask(`v1/alerts/${id}`, { method: 'PUT', body: { state: to, ...(who === '' ? {} : { who }) } });
      setError(undefined);
      setSaid(`${to}: ${title}`);
      loaded.reload();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section className="panel" aria-labelledby="alerts-heading">
      <h2 id="alerts-heading">Alerts</h2>
      <div className="narrow">
        <label htmlFor="alerts-state">State</label>
        <select id="alerts-state" value={state} onChange={(event) => setState(event.target.value as State)}>
          {STATES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </div>
      <p role="status" className="note said">
        {said}
      </p>
      {error === undefined ? null : <Failed error={error} />}
      <Waiting loaded={loaded}>
        {({ alerts }) =>
          alerts.length === 0 ? (
            <p>No alert is {state}.</p>
          ) : (
            <ul className="history">
              {alerts.map((alert) => (
                <li key={alert.id}>
                  <strong>{alert.severity}</strong> {alert.title}{' '}
                  <small className="optional">
                    <time dateTime={alert.at}>{new Date(alert.at).toLocaleString()}</time> · {alert.monitor}
                    {alert.who === null ? '' : ` · ${alert.state} by ${alert.who}`}
                  </small>{' '}
                  {ACTIONS[alert.state].map(([words, becomes]) => (
                    <button
                      key={becomes}
                      type="button"
                      className="link spaced"
                      disabled={busy}
                      onClick={() => void change(alert, becomes)}
                    >
                      {words}
                      <span className="heard"> {alert.title}</span>
                    </button>
                  ))}
                </li>
              ))}
            </ul>
          )
        }
      </Waiting>
    </section>
  );
}
