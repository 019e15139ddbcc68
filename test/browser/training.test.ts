/** Training from the page, end to end: the service as it was built, real processes, a real browser. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '../../src/serving/api/training.ts';
import { DIST, workspace } from '../e2e/attune.ts';
import { csv, shop } from '../e2e/shop.ts';
import { versionOf } from '../serving/http.ts';
import { keywordPredictor } from '../serving/keyword-predictor.ts';
import { faultsOf, openPage, saidIn } from './built-page.ts';
import { findBrowser, launch, warnSkipped } from './chromium.ts';

const FILE = 'test/browser/training.test.ts';
const executable = findBrowser();
if (executable === undefined) warnSkipped(FILE);

const PRODUCTS = csv(shop(100));
/** A model that trains in a moment. */
const SMALL = ['layers=2', 'width=32', 'vocabulary=300', 'maxTokens=64'].map((line) => `model.${line}`);
const RUN: Omit<RunDetail, 'state'> = {
  id: 'shop-9',
  model: 'shop',
  version: '9',
  file: { id: '0123456789ab', name: 'products.csv' },
  config: {},
  created: '2026-01-01T00:00:00.000Z',
  started: '2026-01-01T00:00:00.000Z',
  ended: null,
  problem: null,
  stage: null,
  step: 1,
  steps: 2,
  devScore: null,
  curves: [],
  plan: null,
  warnings: [],
  figures: [],
  gates: [],
};
/** Trainings on a busy machine take their time. */
const LATER = { timeout: 100_000 };

describe.skipIf(executable === undefined)('training from the page', () => {
  const { folder } = workspace('training-page');
  let browser: Browser;
  let server: { readonly url: string; close(): Promise<void> };
  let opened: { readonly page: Page; readonly complaints: string[] };

  beforeAll(async () => {
    const built = await import(pathToFileURL(join(DIST, 'attune', 'serve.js')).href);
    const { serveBundle } = built as typeof import('../../src/attune/serve.ts');
    server = await serveBundle({ workspace: mkdtempSync(join(folder(), 'workspace-')), port: 0, threads: 1 });
    browser = await launch(executable!);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  afterEach(async () => {
    await opened.page.context().close();
    expect(opened.complaints).toEqual([]);
  });

  async function visit(path: string, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    opened = await openPage(browser, server.url, { path, options });
    return opened.page;
  }

  async function send(page: Page, name: string, content: string): Promise<void> {
    const field = page.getByLabel('Drop a file here, or choose one');
    await field.setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
  }

  const role = (page: Page, column: string) => page.getByLabel(`Role of ${column}`);

  const state = (page: Page, words: string | RegExp) => page.locator('#run-state', { hasText: words });

  async function train(page: Page, settings: readonly string[]): Promise<void> {
    await page.getByText('Further settings').click();
    await page.getByLabel('One a line').fill([...SMALL, 'training.threads=1', ...settings].join('\n'));
    await page.getByRole('button', { name: 'Train' }).click();
    await page.locator('#run-heading').waitFor();
  }

  it('goes from a file to a model that answers', async () => {
    const page = await visit('#/train');
    await page.getByText('Nothing was trained here yet').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await send(page, 'products.csv', PRODUCTS);
    await page.locator('#file-heading').waitFor(LATER);
    expect(await saidIn(page.locator('#file-heading'))).toBe('products.csv');
    expect(await role(page, 'sku').inputValue()).toBe('data:id');
    expect(await role(page, 'title').inputValue()).toBe('input:text');
    expect(await role(page, 'weight').inputValue()).toBe('attribute:number');
    await role(page, 'weight').selectOption('left out');
    await role(page, 'kind').selectOption('category, as context');
    await role(page, 'description').selectOption('read as text');
    expect(await faultsOf(page)).toEqual([]);

    await page.getByLabel('Name of the model').fill('shop');
    await page.getByLabel('Epochs at most').fill('2');
    await train(page, ['attributes.color.description=The colour of all of it']);
    await page.getByRole('img', { name: /^Train loss/ }).waitFor(LATER);
    await state(page, 'finished').waitFor(LATER);
    const { config } = (await (await fetch(`${server.url}/v1/runs/shop-1`)).json()) as RunDetail;
    expect(config.attributes).toMatchObject({
      color: { kind: 'choice', description: 'The colour of all of it' },
    });
    expect(
      await page.getByRole('img', { name: /^Score on the dev products/ }).getAttribute('aria-label'),
    ).toMatch(/the best, \d+\.\d%, after epoch [12]/);
    expect(await saidIn(page.getByRole('region', { name: 'Figures of shop-1' }))).toMatch(
      /color[\s\S]*material/,
    );
    expect(await faultsOf(page)).toEqual([]);

    await page.getByRole('button', { name: 'Load the model' }).click();
    await page.getByText('It answers as shop.').waitFor(LATER);
    await page.getByRole('link', { name: 'Try it' }).click();
    await page.getByLabel('Title').fill('Red mug');
    await page.getByRole('button', { name: 'Predict attributes' }).click();
    await page.locator('#result').waitFor();
    expect(await saidIn(page.locator('.attributes'))).toMatch(/color[\s\S]*material/);
    expect(await saidIn(page.locator('.attributes'))).not.toContain('weight');
  });

  it('cancels and resumes, says why a training failed, and compares what differs', async () => {
    const page = await visit('#/train', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await page.getByRole('link', { name: 'products.csv' }).click();
    await page.locator('#start-heading').waitFor(LATER);
    await page.getByLabel('Name of the model').fill('shop');
    await train(page, ['training.epochs=500', 'training.patience=500']);
    await page.getByRole('img', { name: /^Train loss/ }).waitFor(LATER);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await state(page, 'stopped').waitFor(LATER);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Resume' }).click();
    await state(page, /waits|trains/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor(LATER);

    await page.getByRole('link', { name: 'Back to all files and trainings' }).click();
    await page.getByLabel('Compare shop-1').check();
    await page.getByLabel('Compare shop-2').check();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await page.getByRole('link', { name: 'Compare 2 trainings' }).click();
    const differing = page.getByRole('region', { name: 'Settings that differ' });
    await differing.waitFor();
    expect(await saidIn(differing)).toMatch(/training\.epochs\s+500\s+2|training\.epochs\s+2\s+500/);
    expect(await saidIn(differing)).not.toContain('model.width');
    expect(await saidIn(page.getByRole('region', { name: 'What came of them' }))).toContain('color: right');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await faultsOf(page)).toEqual([]);
  });

  it('says what is wrong with a file, a setting, and a training', async () => {
    const page = await visit('#/train');
    await send(page, 'products.xlsx', 'a sheet');
    await page.getByRole('alert').waitFor();
    expect(await saidIn(page.getByRole('alert'))).toContain('Save the sheet as CSV (UTF-8) first.');
    await send(page, 'few.csv', 'sku,title,color\n1,Red mug,Red\n2,Blue mug,Blue\n');
    await page.locator('#start-heading').waitFor(LATER);
    await role(page, 'title').selectOption('read as text');
    await role(page, 'color').selectOption('left out');
    await page.getByText('Choose a column that the model is to predict.').waitFor();
    await role(page, 'color').selectOption('predict one value');
    await page.getByText('Further settings').click();
    // Settings beside the columns that were chosen count too.
    await page.getByLabel('One a line').fill('data.nothing=1');
    await page.getByRole('button', { name: 'Train' }).click();
    await page.getByRole('alert').getByText('"data.nothing" is not a known setting').waitFor();
    await page.getByLabel('One a line').fill('training.epochs=0');
    await page.getByRole('button', { name: 'Train' }).click();
    await page.getByRole('alert').getByText('training.epochs').waitFor();
    expect(await saidIn(page.getByRole('alert'))).toContain('"training.epochs" must be at least 1. Got 0.');
    await page.getByLabel('One a line').fill('training.epochs=1');
    await page.getByRole('button', { name: 'Train' }).click();
    await state(page, 'failed').waitFor(LATER);
    expect((await saidIn(page.getByRole('alert'))).length).toBeGreaterThan(20);
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete it and its model for good' }).click();
    await page.getByRole('link', { name: 'few.csv' }).waitFor();
    expect(await page.getByRole('link', { name: 'few 1' }).count()).toBe(0);
    // The service refused three things, which a browser tells as errors.
    expect(opened.complaints.splice(0).every((complaint) => complaint.includes('422'))).toBe(true);
  });

  it('goes on asking while the service does not answer, says so, and resumes', async () => {
    const page = await visit('#/train');
    await page.getByRole('heading', { name: 'Trainings' }).waitFor();
    let answer: 'running' | 'away' | 'busy' | 'finished' = 'running';
    await page.route('**/v1/runs/shop-9', (route) => {
      if (answer === 'away') return route.abort();
      if (answer === 'busy') return route.fulfill({ status: 503, body: 'a proxy says so' });
      return route.fulfill({ json: { ...RUN, state: answer } });
    });
    await page.evaluate("location.hash = '#/train/run/shop-9'");
    await state(page, 'trains').waitFor();
    for (const silence of ['away', 'busy'] as const) {
      answer = silence;
      await page.getByText('The service does not answer. It is asked again').waitFor();
      // What was known stands there still.
      await state(page, 'trains').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      answer = 'running';
      await page.getByText('The service does not answer.').waitFor({ state: 'detached' });
    }
    answer = 'finished';
    await state(page, 'finished').waitFor();
    expect(opened.complaints.splice(0).every((complaint) => /ERR_FAILED|503/.test(complaint))).toBe(true);
  });

  it('says how to turn it on where it is off', async () => {
    const { startServer } = await import('../../src/serving/server.ts');
    const without = await startServer({ models: [versionOf(keywordPredictor())], version: '1', port: 0 });
    try {
      opened = await openPage(browser, without.url, { path: '#/train' });
      await opened.page.getByText('attune serve --workspace').waitFor();
      expect(await faultsOf(opened.page)).toEqual([]);
      expect(opened.complaints.splice(0).every((complaint) => complaint.includes('404'))).toBe(true);
    } finally {
      await without.close();
    }
  });
});
