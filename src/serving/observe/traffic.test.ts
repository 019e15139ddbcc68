import { expect, it } from 'vitest';
import { trafficContract } from '../api/traffic.ts';
import { Metrics } from './metrics.ts';
import { quantileOf } from './traffic.ts';

it('reads quantiles from a histogram as Prometheus does', () => {
  const buckets = [
    { end: 0.1, count: 50 },
    { end: 0.5, count: 90 },
    { end: 1, count: 98 },
    { end: Infinity, count: 100 },
  ];
  // histogram_quantile(φ, …) of these buckets.
  expect([0.25, 0.5, 0.7, 0.95].map((q) => quantileOf(buckets, q))).toEqual([
    0.05,
    0.1,
    expect.closeTo(0.3, 12),
    expect.closeTo(0.8125, 12),
  ]);
  expect(quantileOf(buckets, 0.99)).toBe(1);
  expect(quantileOf([{ end: Infinity, count: 0 }], 0.5)).toBe(0);
  expect(quantileOf([], 0.5)).toBe(0);
});

it('counts requests by route, products by version and answers by status', async () => {
  const metrics = new Metrics(() => 3, new Date('2026-01-01T00:00:00Z'));
  expect(trafficContract.parse(await metrics.traffic())).toMatchObject({
    waiting: 3,
    routes: [],
    models: [],
  });
  const shoes = { model: 'shoes', version: '1' };
  for (const code of [200, 200, 404, 503])
    metrics.request({ ...shoes, route: '/v1/products:predict', code }, 0.04);
  metrics.request({ model: '', version: '', route: 'none', code: 404 }, 60);
  metrics.lookUp(shoes, 5, 2);
  metrics.batch(shoes, 2, [0.001, 0.002], 0.02);
  metrics.answer({
    attributes: {
      color: { status: 'auto', confidence: 0.9 },
      brand: { status: 'review', confidence: 0.4 },
    },
  } as never);
  const traffic = trafficContract.parse(await metrics.traffic());
  expect(traffic).toMatchObject({
    since: '2026-01-01T00:00:00.000Z',
    routes: [
      {
        route: '/v1/products:predict',
        requests: 4,
        refused: 1,
        failed: 1,
        seconds: { mean: 0.04, p50: 0.035 },
      },
      { route: 'none', requests: 1, refused: 1, failed: 0, seconds: { mean: 60, p50: 10, p99: 10 } },
    ],
    models: [{ ...shoes, products: 7, kept: 5, batches: 1 }],
    attributes: [
      { attribute: 'brand', auto: 0, review: 1, abstain: 0 },
      { attribute: 'color', auto: 1, review: 0, abstain: 0 },
    ],
  });
  metrics.close();
});
