/** What changed since the models were trained, how right they are now, what alerts say, and what the service is asked. */
import { useCallback, useState } from 'react';
import type { MonitoringAnswer } from '../../src/serving/api/monitoring.ts';
import { useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';
import { AccuracyOverTime } from './accuracy.tsx';
import { Alerts } from './alerts.tsx';
import { Drift } from './drift.tsx';
import { Traffic } from './traffic.tsx';

/** So many checks are drawn. */
const CHECKS = 30;

export function MonitoringPage() {
  return (
    <>
      <h1>Monitoring</h1>
      <div className="stack">
        <Alerts />
        <Checks />
        <Traffic />
      </div>
    </>
  );
}

function Checks() {
  const [model, setModel] = useState('');
  const load = useCallback(
    (signal: AbortSignal) =>
      ask<MonitoringAnswer>(
        `v1/monitoring?${new URLSearchParams({ limit: String(CHECKS), ...(model === '' ? {} : { model }) })}`,
        { signal },
      ),
    [model],
  );
  return (
    <section className="panel" aria-labelledby="checks-heading">
      <h2 id="checks-heading">What changed since training</h2>
      <Waiting loaded={useLoaded(load)}>
        {({ reports, models }) => {
          const shown = reports[0]?.model;
          const ofModel = reports.filter((report) => report.model === shown);
          const [latest] = ofModel;
          if (latest === undefined)
            return (
              <p>
                Nothing was checked yet. Put <code>attune monitor --store</code> into cron after each import.
              </p>
            );
          return (
            <>
              {models.length < 2 ? null : (
                <div className="narrow">
                  <label htmlFor="checks-model">Model</label>
                  <select
                    id="checks-model"
                    value={latest.model}
                    onChange={(event) => setModel(event.target.value)}
                  >
                    {models.map((name) => (
                      <option key={name}>{name}</option>
                    ))}
                  </select>
                </div>
              )}
              <Drift key={latest.id} report={latest} />
              <AccuracyOverTime reports={ofModel} />
            </>
          );
        }}
      </Waiting>
    </section>
  );
}
