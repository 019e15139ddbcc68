import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  alertContract,
  alertsContract,
  type MonitoringReport,
  monitoringContract,
} from '../../src/serving/api/monitoring.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { type Json, serve } from './http.ts';

let folder: string;
let store: Store;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-monitoring-'));
  store = await openStore({ folder });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (url: string): Promise<Json> => (await fetch(url)).json();

const report: MonitoringReport = {
  referenceRows: 500,
  currentRows: 300,
  testsRun: 9,
  testsDrifted: 1,
  tests: [
    {
      field: 'color (label)',
      modality: 'label',
      slice: null,
      aspect: 'content',
      test: 'chi-squared',
      statistic: 1e-9,
      threshold: 0.05,
      pValue: 9e-9,
      drifted: true,
      changes: [{ value: 'Peach', before: 0, now: 0.3 }],
      rows: ['n1'],
    },
  ],
  accuracy: [
    {
      attribute: 'color',
      tested: 0.97,
      before: 0.96,
      expected: { accuracy: 0.81, low: 0.77, high: 0.85 },
      reviewed: { accuracy: 0.8, low: 0.6, high: 0.9, reviews: 40 },
    },
  ],
  alerts: [{ rule: 'drift', signal: 'drift/color (label)', figure: 1, threshold: 1, message: 'drift.' }],
  notes: [],
};

describe('what the monitoring found, over HTTP', () => {
  it('is listed latest first, of one model or all', async () => {
    const { url } = await serve({ store });
    expect(monitoringContract.parse(await get(`${url}/v1/monitoring`))).toEqual({
      reports: [],
      models: [],
    });
    const at = new Date('2026-03-01T12:00:00Z');
    await store.monitorReports.add({ model: 'shoes', version: '1', signals: {}, report, at });
    const { id } = await store.monitorReports.add({ model: 'shirts', version: '2', signals: {}, report });
    const { reports, models } = monitoringContract.parse(await get(`${url}/v1/monitoring`));
    expect(models).toEqual(['shirts', 'shoes']);
    expect(reports.map(({ model }) => model)).toEqual(['shirts', 'shoes']);
    const { id: _, ...first } = reports[1]!;
    expect(first).toEqual({ ...report, at: at.toISOString(), model: 'shoes', version: '1' });
    expect((await get(`${url}/v1/monitoring?model=shirts`)).reports).toMatchObject([{ version: '2' }]);
    expect((await get(`${url}/v1/monitoring?before=${id}&limit=1`)).reports).toMatchObject([
      { version: '1' },
    ]);
    expect(await get(`${url}/v1/monitoring?limit=101`)).toMatchObject({ status: 422 });
  });

  it('raises alerts, which people acknowledge and close', async () => {
    const { url } = await serve({ store });
    const raised = await store.alerts.add({
      monitor: 'drift/color',
      severity: 'warning',
      title: 'drift.',
      details: { figure: 1 },
    });
    const put = async (id: number, body: Json) => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/v1/alerts/${id}`, {
        method: 'PUT',
        headers,
        body: JSON.stringify(body),
      });
      return response.json();
    };
    const closed = alertContract.parse(await put(raised.id, { state: 'closed', who: 'ann' }));
    expect(closed).toMatchObject({ state: 'closed', who: 'ann', details: { figure: 1 } });
    expect(alertsContract.parse(await get(`${url}/v1/alerts`)).alerts).toEqual([closed]);
    expect(alertsContract.parse(await get(`${url}/v1/alerts?state=open`)).alerts).toEqual([]);
    expect(await put(99_999, { state: 'closed' })).toMatchObject({ status: 404, code: 'store/not-found' });
  });
});
