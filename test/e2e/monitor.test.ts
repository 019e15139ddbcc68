/** `attune monitor` on a shop in which nothing changes, and on one whose new season is called by new names. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { MonitorResult } from '../../src/attune/monitor.ts';
import { historyStore } from '../../src/monitoring/alerts/history-store.ts';
import { DEFAULT_RULES, judgeChecks } from '../../src/monitoring/alerts/judge.ts';
import { monitoringReportContract } from '../../src/serving/api/monitoring.ts';
import { openStore } from '../../src/store/store.ts';
import { attune, workspace } from './attune.ts';
import { csv, openShop, type ShopProduct, shop } from './shop.ts';

const { folder } = workspace('monitor');
const at = (name: string) => join(folder(), name);

/** Products that came later: their own names, so that none was in training. */
const later = (count: number, seed: number) =>
  shop(count, seed).map((product, i) => ({
    ...product,
    sku: `n${i}`,
    supplier: i % 3 === 0 ? 'Acme' : 'Beta',
  }));

/** A season whose colours nobody called so before. */
const newSeason = (products: readonly ShopProduct[]) =>
  products.map((product, i) => {
    const color = ['Peach', 'Sand', 'Lilac'][i % 3]!;
    return { ...product, title: `${color} ${product.title.split(' ').slice(1).join(' ')}`, color };
  });

beforeAll(async () => {
  openShop(folder(), 500, {
    attributes: '{color: choice, weight: {kind: number, unit: g}}',
    training: '{epochs: 3, threads: 1, batchSize: 16}',
  });
  writeFileSync(at('same.csv'), csv(later(300, 7)));
  writeFileSync(at('season.csv'), csv(newSeason(later(300, 8))));
  const trained = await attune(folder(), 'train', '-c', 'attune.yaml', '--out', 'model');
  expect(trained.stderr).not.toMatch(/Error/);
  expect(trained.code).toBe(0);
}, 600_000);

async function monitored(
  ...args: readonly string[]
): Promise<MonitorResult & { readonly code: number | null }> {
  const ran = await attune(folder(), 'monitor', '--model', 'model', '--threads', '1', '--json', ...args);
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  return { ...(JSON.parse(ran.stdout) as MonitorResult), code: ran.code };
}

describe('attune monitor', () => {
  it('raises no alert on the products of the training, nor on others like them', async () => {
    const trainedOn = await monitored('products.csv', '--fail');
    expect(trainedOn.alerts).toEqual([]);
    expect(trainedOn.code).toBe(0);
    const same = await monitored('same.csv', '--fail');
    expect(same.alerts).toEqual([]);
    expect(same.code).toBe(0);
    expect(same.drift.tests.length).toBeGreaterThan(8);
  }, 240_000);

  it('says which words and labels are new, by which products, and that the model grew unsure', async () => {
    const { drift, accuracy, alerts, code } = await monitored('season.csv', '--fail');
    expect(code).toBe(100);
    const drifted = drift.tests.filter((test) => test.drifted && test.slice === undefined);
    const names = drifted.map(({ field, aspect }) => `${field} ${aspect}`);
    expect(names).toContain('title words');
    expect(names).toContain('color (label) content');
    expect(names).toContain('color (confidence) content');
    const labels = drifted.find(({ field }) => field === 'color (label)')!;
    expect(['Peach', 'Sand', 'Lilac']).toContain(labels.changes.find(({ before }) => before === 0)!.value);
    for (const id of labels.rows) expect(id).toMatch(/^n\d+$/);
    const color = accuracy.find(({ attribute }) => attribute === 'color')!;
    expect(color.estimated!.interval.high).toBeLessThan(color.before!);
    expect(alerts.map(({ signal }) => signal)).toContain('estimated-accuracy-drop/color');
  }, 240_000);

  it('says it again only after the cool-down, and to the webhook too', async () => {
    const taken: string[] = [];
    const server = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        taken.push((JSON.parse(body) as { message: string }).message);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=secret`;
    try {
      const watch = ['season.csv', '--history', 'watch.jsonl', '--webhook', webhook, '--fail'];
      const first = await monitored(...watch);
      expect(first.code).toBe(100);
      expect(taken).toEqual(first.alerts.map(({ message }) => message));
      const again = await monitored(...watch);
      expect(again.code).toBe(0);
      expect(again.alerts).toEqual([]);
      expect(again.drift.drifted).toBe(true);
      const lines = readFileSync(at('watch.jsonl'), 'utf8').trim().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { alerts: unknown[] }).alerts.length)).toEqual([
        first.alerts.length,
        0,
      ]);
    } finally {
      server.close();
    }
    const undelivered = await monitored('season.csv', '--webhook', webhook);
    expect(undelivered.notes.join('\n')).toMatch(/webhook 127\.0\.0\.1:\d+ did not take the alert/);
    expect(undelivered.notes.join('\n')).not.toContain('secret');
  }, 360_000);

  it('tells suppliers apart where the reference is a file, and prints a table', async () => {
    const rows = later(400, 9).map((row) => (row.supplier === 'Acme' ? { ...row, description: '' } : row));
    writeFileSync(at('before.csv'), csv(later(400, 10)));
    writeFileSync(at('acme.csv'), csv(rows));
    const ran = await attune(
      folder(),
      ...'monitor --model model acme.csv --reference before.csv --slice supplier --threads 1'.split(' '),
    );
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/! description \(supplier Acme\) +missing/);
    expect(ran.stdout).not.toMatch(/! description \(supplier Beta\)/);
    const refused = await attune(folder(), ...'monitor --model model acme.csv --slice supplier'.split(' '));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/--reference/);
  }, 240_000);

  it('measures accuracy from what people said', async () => {
    const season = newSeason(later(300, 8)).slice(0, 40);
    const reviews = season.map(({ sku, color }, i) => ({
      product: sku,
      attribute: 'color',
      value: i < 39 ? color : '',
      reviewer: 'ann',
    }));
    writeFileSync(at('reviews.csv'), csv(reviews));
    const { accuracy, notes, alerts } = await monitored(
      ...'season.csv --reviews reviews.csv --store shop-store'.split(' '),
    );
    const { measured } = accuracy.find(({ attribute }) => attribute === 'color')!;
    expect(measured).toMatchObject({ checked: 39, accuracy: 0 });
    expect(notes.join('\n')).toMatch(/1 rows of the reviews could not be read.*row 40: it has no value/);
    const raised = alerts.map(({ signal }) => signal);
    expect(raised).toContain('measured-accuracy-drop/color');
    const store = await openStore({ folder: at('shop-store') });
    try {
      const [kept] = await store.monitorReports.list();
      const report = monitoringReportContract.parse(kept!.report);
      expect(report.tests.slice(0, report.testsDrifted).every(({ drifted }) => drifted)).toBe(true);
      expect(report.accuracy.find(({ attribute }) => attribute === 'color')).toMatchObject({
        expected: { accuracy: expect.closeTo(accuracy[0]!.estimated!.accuracy, 12) },
        reviewed: { accuracy: 0, reviews: 39 },
      });
      expect(report.alerts.map(({ signal }) => signal)).toEqual(raised);
      expect((await store.alerts.list()).map(({ monitor }) => monitor).reverse()).toEqual(raised);
      const again = await historyStore(store, { name: kept!.model, version: kept!.version });
      expect(judgeChecks(DEFAULT_RULES, await again.checks(10), await again.alerts(0))).toEqual([]);
    } finally {
      await store.close();
    }
    const listed = await attune(folder(), ...'alerts --store shop-store --state open --json'.split(' '));
    expect((JSON.parse(listed.stdout) as { alerts: unknown[] }).alerts).toHaveLength(raised.length);
  }, 240_000);
});
