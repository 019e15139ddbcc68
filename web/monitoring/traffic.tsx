/** What the service was asked since it started. */
import { useCallback } from 'react';
import type { TrafficAnswer } from '../../src/serving/api/traffic.ts';
import { share } from '../figure.ts';
import { type Column, FigureTable } from '../figure-table.tsx';
import { useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';

export function Traffic() {
  const load = useCallback((signal: AbortSignal) => ask<TrafficAnswer>('v1/traffic', { signal }), []);
  const loaded = useLoaded(load);
  return (
    <section className="panel" aria-labelledby="traffic-heading">
      <div className="titled">
        <h2 id="traffic-heading">Traffic</h2>
        <button type="button" className="quiet" onClick={loaded.reload}>
          Look again
        </button>
      </div>
      <Waiting loaded={loaded}>
        {({ since, waiting, routes, models, attributes }) => (
          <>
            <p>
              Since <time dateTime={since}>{new Date(since).toLocaleString()}</time>, when this process
              started. {waiting} {waiting === 1 ? 'product waits' : 'products wait'} for a batch.
            </p>
            <FigureTable caption="Requests by route" columns={ROUTES} rows={routes} />
            {models.length === 0 ? null : (
              <>
                <h3>By model</h3>
                <FigureTable caption="Products by model" columns={MODELS} rows={models} />
              </>
            )}
            {attributes.length === 0 ? null : (
              <>
                <h3>Answers given</h3>
                <FigureTable caption="Answers by status" columns={ATTRIBUTES} rows={attributes} />
              </>
            )}
          </>
        )}
      </Waiting>
    </section>
  );
}

const ms = (seconds: number): string => `${Number((1000 * seconds).toPrecision(3))} ms`;

const ROUTES: readonly Column<TrafficAnswer['routes'][number]>[] = [
  { name: 'Route', heads: true, cell: ({ route }) => <code>{route}</code> },
  { name: 'Requests', cell: ({ requests }) => requests },
  { name: 'Refused (4xx)', cell: ({ refused }) => refused },
  { name: 'Failed (5xx)', cell: ({ failed }) => failed },
  { name: 'Half within', cell: ({ seconds }) => ms(seconds.p50) },
  { name: '95% within', cell: ({ seconds }) => ms(seconds.p95) },
  { name: '99% within', cell: ({ seconds }) => ms(seconds.p99) },
];

const MODELS: readonly Column<TrafficAnswer['models'][number]>[] = [
  { name: 'Model', heads: true, cell: ({ model }) => <bdi>{model}</bdi> },
  { name: 'Version', cell: ({ version }) => version },
  { name: 'Products', cell: ({ products }) => products },
  {
    name: 'From memory',
    cell: ({ products, kept }) => (products === 0 ? '–' : share(kept / products)),
  },
  { name: 'Batches', cell: ({ batches }) => batches },
];

const ATTRIBUTES: readonly Column<TrafficAnswer['attributes'][number]>[] = [
  { name: 'Attribute', heads: true, cell: ({ attribute }) => <bdi>{attribute}</bdi> },
  { name: 'auto', cell: ({ auto }) => auto },
  { name: 'review', cell: ({ review }) => review },
  { name: 'abstain', cell: ({ abstain }) => abstain },
];
