/** Counters and histograms as figures for a page. */
import type { MetricObjectWithValues, MetricValue } from 'prom-client';
import type { TrafficAnswer } from '../api/traffic.ts';

type Samples = readonly (MetricValue<string> & { readonly metricName?: string })[];

/** @param metrics - as the registry gives them as JSON @param since - when counting began */
export function trafficOf(
  metrics: readonly MetricObjectWithValues<MetricValue<string>>[],
  since: Date,
): TrafficAnswer {
  const named = new Map(metrics.map(({ name, values }) => [name, values as Samples]));
  const of = (name: string) => named.get(name) ?? [];
  const [requests, durations] = [of('attune_requests_total'), of('attune_request_duration_seconds')];
  const hits = of('attune_cache_hits_total');
  const misses = of('attune_cache_misses_total');
  const batches = of('attune_batch_size').filter(({ metricName = '' }) => metricName.endsWith('_count'));
  const given = of('attune_predictions_total');
  return {
    since: since.toISOString(),
    waiting: sum(of('attune_queued_products')),
    routes: namesOf(requests, 'route')
      .map((route) => {
        const mine = requests.filter(({ labels }) => labels.route === route);
        const answered = (from: number) =>
          sum(mine.filter(({ labels }) => Math.floor(Number(labels.code) / 100) === from));
        return {
          route,
          requests: sum(mine),
          refused: answered(4),
          failed: answered(5),
          seconds: secondsOf(durations.filter(({ labels }) => labels.route === route)),
        };
      })
      .sort((a, b) => b.requests - a.requests),
    models: versionsOf([...hits, ...misses, ...batches]).map(({ model, version }) => {
      const mine = (samples: Samples) =>
        sum(samples.filter(({ labels }) => labels.model === model && labels.version === version));
      return {
        model,
        version,
        products: mine(hits) + mine(misses),
        kept: mine(hits),
        batches: mine(batches),
      };
    }),
    attributes: namesOf(given, 'attribute')
      .sort()
      .map((attribute) => {
        const so = (status: string) =>
          sum(given.filter(({ labels }) => labels.attribute === attribute && labels.status === status));
        return { attribute, auto: so('auto'), review: so('review'), abstain: so('abstain') };
      }),
  };
}

/**
 * A quantile of a histogram, straight between the ends of the bucket that it falls into, as Prometheus' `histogram_quantile`.
 * @param buckets - upper ends, rising, with how many are at most that; the last end is Infinity
 * @returns the last finite end for what lies beyond it; 0 where nothing was counted
 */
export function quantileOf(
  buckets: readonly { readonly end: number; readonly count: number }[],
  quantile: number,
): number {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return 0;
  const rank = quantile * total;
  const place = buckets.findIndex(({ count }) => count >= rank);
  const { end, count } = buckets[place]!;
  const below = place === 0 ? { end: 0, count: 0 } : buckets[place - 1]!;
  if (!Number.isFinite(end)) return below.end;
  return below.end + ((end - below.end) * (rank - below.count)) / (count - below.count);
}

function secondsOf(samples: Samples): TrafficAnswer['routes'][number]['seconds'] {
  const buckets = samples
    .filter(({ labels }) => labels.le !== undefined)
    .map(({ labels, value }) => ({ end: labels.le === '+Inf' ? Infinity : Number(labels.le), count: value }))
    .sort((a, b) => a.end - b.end);
  const total = sum(samples.filter(({ metricName = '' }) => metricName.endsWith('_sum')));
  const count = buckets.at(-1)?.count ?? 0;
  return {
    mean: count === 0 ? 0 : total / count,
    p50: quantileOf(buckets, 0.5),
    p95: quantileOf(buckets, 0.95),
    p99: quantileOf(buckets, 0.99),
  };
}

const sum = (samples: Samples): number => samples.reduce((total, { value }) => total + value, 0);

const namesOf = (samples: Samples, label: string): string[] => [
  ...new Set(samples.map(({ labels }) => String(labels[label]))),
];

function versionsOf(samples: Samples): { model: string; version: string }[] {
  const seen = new Map(
    samples.map(({ labels }) => [
      JSON.stringify([labels.model, labels.version]),
      { model: String(labels.model), version: String(labels.version) },
    ]),
  );
  return [...seen.values()];
}
