/** The pages that need a store, with people at them: the real service, an embedded database, real browsers. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MonitoringReport } from '../../src/serving/api/monitoring.ts';
import { type RunningServer, startServer } from '../../src/serving/server.ts';
import type { PredictionWrite } from '../../src/store/predictions.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { versionOf } from '../serving/http.ts';
import { keywordPredictor } from '../serving/keyword-predictor.ts';
import { faultsOf, openPage, saidIn } from './built-page.ts';
import { findBrowser, launch, warnSkipped } from './chromium.ts';

const FILE = 'test/browser/store-pages.test.ts';
const executable = findBrowser();
if (executable === undefined) warnSkipped(FILE);

const FIGURES = {
  attribute: 'color',
  kind: 'choice',
  products: 120,
  accuracy: 0.912,
  accuracyInterval: { low: 0.85, high: 0.95 },
  precision: 0.91,
  recall: 0.9,
  microF1: 0.905,
  meanAbsoluteError: null,
  unit: null,
  threshold: 0.8,
  coverage: 0.7,
  acceptedPrecision: 0.99,
};

const DETAIL = {
  attribute: 'color',
  products: 120,
  calibration: {
    error: 0.03,
    brier: 0.08,
    bins: [
      { products: 60, confidence: 0.7, right: 0.75, interval: { low: 0.62, high: 0.85 } },
      { products: 60, confidence: 0.95, right: 0.93, interval: { low: 0.84, high: 0.98 } },
    ],
  },
  coverage: [
    { threshold: 0.99, accepted: 20, precision: 1, interval: { low: 0.84, high: 1 } },
    { threshold: 0.8, accepted: 84, precision: 0.99, interval: { low: 0.93, high: 1 } },
    { threshold: 0.3, accepted: 120, precision: 0.912, interval: { low: 0.85, high: 0.95 } },
  ],
  confusions: { wrong: 11, pairs: [{ truth: 'Navy', answered: 'Blue', products: 9 }] },
  slices: [
    {
      by: 'category',
      slice: 'Shirts',
      products: 40,
      accuracy: 0.7,
      interval: { low: 0.5, high: 0.85 },
      flag: 'worse' as const,
    },
  ],
};

/** A check that found the colours changed. @param accuracy - that the confidences promise */
function checked(accuracy: number): MonitoringReport {
  const test = {
    modality: 'label' as const,
    test: 'chi-squared' as const,
    threshold: 0.05,
    rows: ['a'],
  };
  return {
    referenceRows: 500,
    currentRows: 300,
    testsRun: 2,
    testsDrifted: 1,
    tests: [
      {
        ...test,
        field: 'color',
        slice: { name: 'season', value: 'summer' },
        aspect: 'content',
        statistic: 1e-9,
        pValue: 9e-9,
        drifted: true,
        changes: [{ value: 'Peach', before: 0, now: 0.3 }],
      },
      {
        ...test,
        field: 'title',
        slice: null,
        aspect: 'missing',
        statistic: 0.4,
        pValue: 0.8,
        drifted: false,
        changes: [],
      },
    ],
    accuracy: [
      {
        attribute: 'color',
        tested: 0.97,
        before: 0.96,
        expected: { accuracy, low: accuracy - 0.05, high: Math.min(1, accuracy + 0.05) },
        reviewed: { accuracy: 0.78, low: 0.6, high: 0.9, reviews: 40 },
      },
    ],
    alerts: [],
    notes: ['A note.'],
  };
}

/** A browser on a busy machine takes its time. */
const SOON = { timeout: 60_000 };

/** A shirt whose colour the model reads in its title. */
function shirt(id: string, color: string) {
  return { id, category: 'Shirts', supplier: 'Norda', fields: { title: `Shirt in ${color}, no. ${id}` } };
}

function unsure(id: string, color: string, confidence: number): PredictionWrite {
  const start = 'Shirt in '.length;
  return {
    productId: id,
    attribute: 'color',
    model: 'keywords',
    version: '1',
    value: color,
    notApplicable: false,
    confidence,
    status: 'review',
    source: 'model',
    evidence: [{ field: 'title', start, end: start + color.length, text: color }],
    alternatives: [
      { value: color, confidence },
      { value: 'Teal', confidence: 0.2 },
    ],
  };
}

describe.skipIf(executable === undefined)('the pages over a store', () => {
  let browser: Browser;
  let folder: string;
  let store: Store;
  let server: RunningServer;
  const open: Page[] = [];
  const complaints: string[][] = [];

  beforeAll(async () => {
    browser = await launch(executable!);
    folder = await mkdtemp(join(tmpdir(), 'attune-pages-'));
    store = await openStore({ folder });
    const models = [
      versionOf(keywordPredictor(), { figures: [FIGURES], details: [DETAIL] }),
      versionOf(keywordPredictor(), { version: '2' }),
    ];
    server = await startServer({ models, store, version: '1', port: 0 });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await store?.close();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await store.products.put([shirt('a', 'Red'), shirt('b', 'Red'), shirt('c', 'Red'), shirt('d', 'Blue')]);
    await store.predictions.record([
      unsure('a', 'Red', 0.5),
      unsure('b', 'Red', 0.6),
      unsure('c', 'Red', 0.7),
      unsure('d', 'Blue', 0.4),
    ]);
  });
  afterEach(async () => {
    for (const page of open.splice(0)) await page.context().close();
    const { products } = await store.products.page({ limit: 1000 });
    await store.products.remove(products.map(({ id }) => id));
    expect(complaints.splice(0).flat()).toEqual([]);
  });

  async function visit(path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const opened = await openPage(browser, server.url, { path, options });
    open.push(opened.page);
    complaints.push(opened.complaints);
    return opened.page;
  }

  async function reviewAs(name: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const page = await visit('#/review', options);
    await page.getByLabel('Your name').fill(name);
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.locator('#item-heading').waitFor();
    return page;
  }

  const shown = async (page: Page) =>
    `${await saidIn(page.locator('#product-heading'))} ${await saidIn(page.locator('#item-heading'))}`;
  const inForce = async (id: string) => (await store.values.of([id]))[0];

  it('asks for what the model is least sure of, and takes answers by single keys', async () => {
    const page = await reviewAs('ann');
    expect(await shown(page)).toBe('d color: Blue');
    expect(await saidIn(page.locator('mark'))).toMatch(/^Blue/);
    expect(await faultsOf(page)).toEqual([]);

    await page.keyboard.press('a');
    await page.getByText('color: Blue, accepted.').waitFor();
    await expect.poll(() => shown(page), SOON).toBe('a color: Red');
    expect(await inForce('d')).toMatchObject({ values: ['Blue'], provenance: 'person-created', who: 'ann' });

    await page.keyboard.press('1');
    await expect.poll(() => shown(page), SOON).toBe('b color: Red');
    expect(await inForce('a')).toMatchObject({ values: ['Teal'] });

    await page.keyboard.press('n');
    await expect.poll(() => shown(page), SOON).toBe('c color: Red');
    expect(await inForce('b')).toMatchObject({ values: [] });

    await page.keyboard.press('u');
    await expect.poll(() => shown(page), SOON).toBe('b color: Red');
    expect(await inForce('b')).toBeUndefined();

    await page.keyboard.press('c');
    await page.keyboard.type('Burgundy a n s');
    await page.keyboard.press('Enter');
    await page.getByText('color: Burgundy a n s.').waitFor();
    expect(await inForce('b')).toMatchObject({ values: ['Burgundy a n s'] });

    await expect.poll(() => shown(page), SOON).toBe('c color: Red');
    await page.keyboard.press('s');
    await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
    expect(await inForce('c')).toBeUndefined();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('gives two people different products', async () => {
    const [ann, bob] = [await reviewAs('ann'), await reviewAs('bob')];
    expect(await shown(ann)).toBe('d color: Blue');
    expect(await shown(bob)).toBe('a color: Red');
  });

  it('accepts for look-alikes together, but those that are taken out, and undoes them together', async () => {
    await store.reviews.skip('ann', 'd');
    const page = await reviewAs('ann');
    expect(await shown(page)).toBe('a color: Red');
    await page.keyboard.press('b');
    await page.getByText('2 more wait with color: Red').waitFor();
    await page.getByRole('checkbox', { name: 'no. c' }).uncheck();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Accept for this and 1 more' }).click();
    await expect.poll(() => shown(page), SOON).toBe('c color: Red');
    expect((await store.values.of(['a', 'b', 'c'])).map(({ productId }) => productId)).toEqual(['a', 'b']);
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(() => shown(page), SOON).toBe('a color: Red');
    expect(await store.values.of(['a', 'b', 'c'])).toEqual([]);
  });

  it('can do without single keys, on a phone in the dark', async () => {
    const page = await reviewAs('ann', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await page.getByRole('checkbox', { name: 'One-key commands' }).uncheck();
    await page.keyboard.press('a');
    await page.getByRole('button', { name: /^Accept/ }).click();
    await expect.poll(() => shown(page), SOON).toBe('a color: Red');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await faultsOf(page)).toEqual([]);
  });

  it('lists products a page at a time as one scrolls, and filters them', async () => {
    await store.products.put(
      Array.from({ length: 450 }, (_, i) => shirt(`n-${String(i).padStart(4, '0')}`, 'Green')),
    );
    const page = await visit('#/catalog');
    await page.getByRole('row', { name: 'no. a' }).waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    expect(await faultsOf(page)).toEqual([]);
    await expect
      .poll(async () => {
        await page.locator('.scroll').evaluate((element) => {
          const box = element as unknown as { scrollTop: number; scrollHeight: number };
          box.scrollTop = box.scrollHeight;
        });
        return page.getByRole('row', { name: 'n-0449' }).count();
      }, SOON)
      .toBe(1);
    for (const [width, height] of [
      [3840, 2160],
      [360, 740],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await faultsOf(page)).toEqual([]);
    }
    await page.getByLabel('Attribute').selectOption('color');
    await page.getByLabel('Confidence from').fill('0.65');
    await page.getByText('1 product', { exact: true }).waitFor();
    expect(await saidIn(page.getByRole('row').last())).toMatch(/no\. c[\s\S]*no value[\s\S]*70% review/);
  });

  it('shows a product with its pictures, evidence, alternatives and history, and corrects it', async () => {
    const hash = 'ab'.repeat(32);
    const files = [
      { field: 'photo', reference: `sha256:${hash}`, contentHash: hash },
      { field: 'clip', reference: 'tap.wav' },
    ];
    await store.products.put([{ ...shirt('a', 'Red'), media: files }]);
    const background = { r: 200, g: 40, b: 40 };
    const jpeg = await sharp({ create: { width: 64, height: 32, channels: 3, background } })
      .jpeg()
      .toBuffer();
    await store.pictures.keep([{ productId: 'a', contentHash: hash, jpeg }], 10);
    await store.predictions.record([{ ...unsure('a', 'Red', 0.8), version: '2' }]);
    await store.reviews.submit({ productId: 'a', attribute: 'color', who: 'ann', values: ['Teal'] });
    const page = await visit('#/catalog');
    await page.getByRole('link', { name: 'no. a' }).click();
    await page.getByRole('heading', { name: 'History' }).waitFor();
    const photo = page.getByRole('img', { name: 'photo, picture 1 of 1' });
    await photo.waitFor();
    expect(await photo.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(
      64,
    );
    expect(await page.locator('.reference').allInnerTexts()).toEqual(['clip: tap.wav']);
    expect(await saidIn(page.locator('mark'))).toMatch(/^Red/);
    expect(await saidIn(page.locator('.attributes li'))).toMatch(
      /color\s+Teal said by a person, anew \(ann\)[\s\S]*keywords 2: Red, or Teal 20%/,
    );
    expect(await saidIn(page.locator('.history'))).toMatch(
      /ann said color: Teal[\s\S]*keywords 1 said color: Red \(50%, review\)/,
    );
    expect(await faultsOf(page)).toEqual([]);

    await page.getByRole('button', { name: 'Correct color' }).click();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Your name').fill('bob');
    await page.getByRole('textbox', { name: 'color' }).fill('Burgundy');
    await page.keyboard.press('Enter');
    await page.getByText('color: Burgundy, in force now.').waitFor();
    expect(await inForce('a')).toMatchObject({ values: ['Burgundy'], who: 'bob' });
    await page.getByText('bob said color: Burgundy').waitFor();
    // The keyboard goes on where it was.
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Not applicable' }).click();
    await page.getByText('color: not applicable, in force now.').waitFor();
    expect(await inForce('a')).toMatchObject({ values: [] });
    await page.getByRole('button', { name: 'Undo color: not applicable' }).click();
    await page.getByRole('button', { name: 'Undo color: Burgundy' }).click();
    await page.getByText('Taken back: color: Burgundy.').waitFor();
    expect(await inForce('a')).toMatchObject({ values: ['Teal'], who: 'ann' });

    await page.getByRole('button', { name: 'Correct sleeve' }).click();
    await page.getByRole('textbox', { name: 'sleeve' }).fill('long');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('textbox', { name: 'sleeve' }).count()).toBe(0);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('button', { name: 'Correct sleeve' }).click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await faultsOf(page)).toEqual([]);
  });

  it('shows how good a model is, promotes a version and rolls back', async () => {
    const page = await visit('#/models');
    await page.getByRole('cell', { name: '91.2% 85.0%' }).waitFor();
    expect(await saidIn(page.getByRole('row', { name: /color/ }))).toMatch(
      /color\s+120\s+91\.2% 85\.0% to 95\.0%\s+91\.0%\s+90\.0%\s+80\.0%\s+70\.0%\s+99\.0%/,
    );
    await page.getByText('11 of 120 products').waitFor();
    expect(await saidIn(page.getByRole('row', { name: /Navy/ }))).toMatch(/Navy\s+Blue\s+9/);
    expect(await saidIn(page.getByRole('row', { name: /Shirts/ }))).toMatch(
      /category\s+Shirts\s+40\s+70\.0%.*worse/s,
    );
    const threshold = page.getByRole('slider', { name: 'Accept from a confidence of' });
    await page
      .getByText('84 of 120 products (70.0%) are accepted without a person, 99.0% of them right')
      .waitFor();
    await threshold.press('Home');
    await page.getByText('120 of 120 products (100.0%) are accepted').waitFor();
    await threshold.press('End');
    expect(await threshold.getAttribute('aria-valuetext')).toContain('all go to people');
    await page.getByRole('button', { name: 'Back to where the model accepts' }).click();
    await page.getByText('That is where the model accepts.').waitFor();
    await page.getByRole('img', { name: /^Confidence against the share/ }).waitFor();
    await page.getByText('As a table').first().click();
    expect(await saidIn(page.getByRole('row', { name: /^99/ }))).toMatch(/99\.0%\s+20 \(16\.7%\)\s+100\.0%/);
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const width of [3840, 360]) {
      await page.setViewportSize({ width, height: 1000 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await faultsOf(page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Promote version 2' }).click();
    await page.getByText('Version 2 answers now.').waitFor();
    await page.getByText('It came without figures.').waitFor();
    await page.getByRole('button', { name: 'Roll back to 1' }).click();
    await page.getByText('Rolled back.').waitFor();
    await page.getByRole('button', { name: 'Promote version 2' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('says on the overview what waits and how often people agree with the model', async () => {
    await store.reviews.submit({ productId: 'a', attribute: 'color', who: 'ann', values: ['Red'] });
    await store.reviews.submit({ productId: 'b', attribute: 'color', who: 'ann', values: ['Teal'] });
    const page = await visit('#/overview');
    await page.getByRole('link', { name: '2 products' }).waitFor();
    expect(await saidIn(page.getByRole('row', { name: /color/ }))).toMatch(/color\s+2\s+50%/);
    await page.getByText('No two people have answered').waitFor();
    expect(await faultsOf(page)).toEqual([]);
  });

  it('says how often two people agree, and lets a third settle what they disagree on', async () => {
    for (const [who, values] of [
      ['ann', ['Red']],
      ['bob', ['Teal']],
    ] as const)
      await store.reviews.submit({ productId: 'a', attribute: 'color', who, values });
    const page = await visit('#/overview', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    const table = page.getByRole('table', { name: 'How often two people say the same' });
    await table.waitFor();
    expect(await saidIn(table.getByRole('row').last())).toMatch(/color\s+1\s+0%/);
    await page.getByRole('link', { name: 'Where people disagree' }).click();
    await page.getByLabel('Your name').fill('cat');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Red said ann' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Red said ann' }).press('Enter');
    await page.getByText('People agree on everything').waitFor();
    expect(await inForce('a')).toMatchObject({ values: ['Red'], who: 'cat' });
  });

  it('shows what the monitoring found, how right the model is over time, alerts and traffic', async () => {
    const page = await visit('#/monitoring');
    await page.getByText('Nothing was checked yet.').waitFor();
    await page.getByText('No alert is open.').waitFor();
    await page.getByRole('table', { name: 'Requests by route' }).waitFor();
    expect(await faultsOf(page)).toEqual([]);

    for (const [day, accuracy] of [
      ['2026-03-01', 0.95],
      ['2026-03-08', 0.8],
    ] as const)
      await store.monitorReports.add({
        model: 'keywords',
        version: '1',
        signals: {},
        report: checked(accuracy),
        at: new Date(day),
      });
    await store.alerts.add({ monitor: 'drift/title words', severity: 'warning', title: 'Titles drifted.' });
    await page.reload();
    await page.getByText('1 of 2 tests say that something changed').waitFor();
    const drift = page.getByRole('table', { name: 'Tests of drift' });
    expect(await saidIn(drift.getByRole('row').last())).toMatch(
      /color.*season: summer\s+yes\s+chi-squared\s+1\.0e-9\s+0\.05\s+9\.0e-9\s+Peach 0% → 30%\s+a/s,
    );
    await page.getByRole('checkbox', { name: 'All tests' }).press('Space');
    await drift.getByRole('row', { name: /title/ }).waitFor();
    await page
      .getByRole('img', { name: /At the last of 2 checks: expected 80\.0%, reviewed 78\.0%/ })
      .waitFor();
    await page.getByText('As a table').click();
    expect(await saidIn(page.getByRole('table', { name: 'color: right over time' }))).toMatch(
      /95\.0%.*80\.0%\s+75\.0% to 85\.0%\s+78\.0%\s+60\.0% to 90\.0%\s+40/s,
    );
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const width of [3840, 360]) {
      await page.setViewportSize({ width, height: 1000 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await faultsOf(page)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Acknowledge Titles drifted.' }).press('Enter');
    await page.getByText('No alert is open.').waitFor();
    await page.getByLabel('State').selectOption('acknowledged');
    await page.getByRole('button', { name: 'Close Titles drifted.' }).waitFor();
  });

  it('makes the first key, works on with it, and makes and revokes another', async () => {
    const page = await visit('#/keys');
    await page.getByLabel('Name').fill('the shop');
    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = (await saidIn(page.locator('pre'))).trim();
    expect(key).toMatch(/^attune_/);
    expect(await faultsOf(page)).toEqual([]);
    try {
      await page.getByRole('row', { name: 'the shop' }).waitFor();
      await page.getByLabel('Name').fill('a webshop');
      await page.getByLabel('Role').selectOption('predict');
      await page.getByRole('button', { name: 'Make the key' }).click();
      const row = page.getByRole('row', { name: 'a webshop' });
      await row.waitFor();
      const webshop = (await saidIn(page.locator('pre'))).trim();
      const status = async (path: string) =>
        (await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${webshop}` } })).status;
      expect([await status('/v1/models'), await status('/v1/products')]).toEqual([200, 403]);
      await row.getByRole('button', { name: 'Revoke' }).click();
      await row.getByText('revoked').waitFor();
      expect(await status('/v1/models')).toBe(401);
      const another = await visit('#/keys');
      await another.getByLabel('Key', { exact: true }).fill(key);
      expect(await faultsOf(another)).toEqual([]);
      await another.getByRole('button', { name: 'Use the key' }).click();
      await another.getByRole('row', { name: 'the shop' }).waitFor();
      expect(
        complaints
          .splice(0)
          .flat()
          .every((said) => said.includes('401')),
      ).toBe(true);
    } finally {
      for (const { id, revoked } of await store.keys.list())
        if (revoked === null) await store.keys.revoke(id);
    }
  });
});
