import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningServer, startServer } from '../../src/serving/server.ts';
import { versionOf } from '../serving/http.ts';
import { keywordPredictor } from '../serving/keyword-predictor.ts';
import { swatchPredictor } from '../serving/swatch-predictor.ts';
import { bytesOfFirstLoad, faultsOf, openPage, saidIn } from './built-page.ts';
import { findBrowser, launch, warnSkipped } from './chromium.ts';

const FILE = 'test/browser/page.test.ts';
const executable = findBrowser();
if (executable === undefined) warnSkipped(FILE);

it('loads less than 300 kB of script at first', () => {
  expect(bytesOfFirstLoad()).toBeLessThan(300_000);
  expect(bytesOfFirstLoad()).toBeGreaterThan(230_000);
});

describe.skipIf(executable === undefined)('the page for people', () => {
  let browser: Browser;
  let server: RunningServer;
  let page: Page;
  /** What the browser complained of: script errors, refused files, broken policy. */
  let complaints: string[];

  beforeAll(async () => {
    browser = await launch(executable!);
    server = await startServer({ models: [versionOf(keywordPredictor())], version: '1', port: 0 });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(async () => {
    page = await open({});
  });
  afterEach(async () => {
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  async function open(options: Parameters<Browser['newContext']>[0], { url } = server): Promise<Page> {
    const opened = await openPage(browser, url, { options });
    complaints = opened.complaints;
    await opened.page.locator('#predict:enabled').waitFor();
    return opened.page;
  }

  async function ask(texts: Readonly<Record<string, string>>): Promise<void> {
    for (const [label, text] of Object.entries(texts)) await page.getByLabel(label).fill(text);
    await page.getByRole('button', { name: 'Predict attributes' }).click();
    await page.locator('#result').waitFor();
  }

  const row = (name: string) => page.locator('.attributes li').filter({ hasText: name }).first();

  it('shows each attribute with its value, status and confidence, and the evidence in the text', async () => {
    await ask({ Title: 'Norda shirt in navy cotton', Description: 'Linen collar, 180 g.' });
    expect(await saidIn(row('color'))).toMatch(/color\s+Blue\s+auto\s+.*97%/s);
    expect(
      await row('color')
        .locator('.bar > span')
        .evaluate((bar) => (bar as unknown as { style: { width: string } }).style.width),
    ).toBe('97%');
    expect(await saidIn(row('weight'))).toMatch(/180 g\s+review/);
    expect(await saidIn(row('color'))).toMatch(/or Red 45%, Green 30%/);
    const marks = await page.locator('.texts mark').allInnerTexts();
    expect(marks.map((mark) => mark.replaceAll(/\s+/g, ' '))).toEqual([
      'Norda brand',
      'navy color',
      'cotton material',
      'Linen material',
      '180 g weight',
    ]);
    expect(await saidIn(page.getByRole('status'))).toMatch(/^3 sure, 1 to review\. Answered in \d+ ms\.$/);
    expect(await saidIn(page.locator('#silent'))).toBe('Nothing to say of: sleeve.');
    expect(await faultsOf(page)).toEqual([]);
  });

  it('works by keyboard alone', async () => {
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.getByLabel('Title').focus();
    await page.keyboard.type('crimson <b>trousers</b> in wool');
    await page.keyboard.press('Control+Enter');
    await page.locator('#result').waitFor();
    expect(await saidIn(row('sleeve'))).toContain('not applicable');
    expect(await saidIn(page.locator('.texts dd'))).toContain('<b>trousers</b>');
    expect(await page.locator('.texts b').count()).toBe(0);
  });

  it('gives the command that asks the same, and it does', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
    await ask({ Title: "A girl's dress, navy" });
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const command = String(await page.evaluate('navigator.clipboard.readText()'));
    const [, url, body] = /^curl (\S+) -H 'content-type: application\/json' -d '(.*)'$/s.exec(command)!;
    const response = await fetch(url!, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: body!.replaceAll("'\\''", "'"),
    });
    const shown = JSON.parse((await page.locator('#json').textContent()) ?? '');
    expect(await response.json()).toEqual(shown);
  });

  it('says so when the model is silent, and when the service is gone', async () => {
    await ask({ Title: 'Something' });
    expect(await saidIn(page.getByRole('status'))).toBe('The model has nothing to say of this product.');
    expect(await saidIn(page.locator('#missing'))).toBe('Required, and still to be filled: color.');
    expect(await page.locator('#evidence').isVisible()).toBe(false);
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Predict attributes' }).click();
    await page.getByRole('alert').waitFor();
    expect(await saidIn(page.getByRole('alert'))).toContain('does not answer');
    expect(complaints.splice(0).every((complaint) => complaint.includes('ERR_INTERNET_DISCONNECTED'))).toBe(
      true,
    );
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await page.getByRole('alert').isVisible()).toBe(false);
  });

  it('fits a phone, in the dark too', async () => {
    await page.context().close();
    page = await open({ viewport: { width: 360, height: 740 }, colorScheme: 'dark', hasTouch: true });
    await ask({ Title: `Norda ${'verylongword'.repeat(12)} navy`, Description: '🧥 معطف أحمر '.repeat(30) });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    expect(await page.evaluate('scrollY')).toBeGreaterThan(100);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(20, 24, 27)');
    expect(await faultsOf(page)).toEqual([]);
  });

  it('takes pictures and sounds, and shows what each modality added to an answer', async () => {
    const swatches = await startServer({ models: [versionOf(swatchPredictor())], version: '1', port: 0 });
    try {
      await page.context().close();
      page = await open({}, swatches);
      const background = { r: 200, g: 40, b: 40 };
      const red = await sharp({ create: { width: 8, height: 8, channels: 3, background } })
        .png()
        .toBuffer();
      await page.getByLabel('Photo').setInputFiles({ name: 'red.png', mimeType: 'image/png', buffer: red });
      await page.getByRole('img', { name: 'The picture 1 of 1' }).waitFor();
      await ask({ Title: 'A jumper, Blue', Price: '20' });
      expect(await saidIn(row('color'))).toMatch(/Red[\s\S]*photo \+45\s+text −5\s+clip \+0/);
      expect(await page.locator('.part.most').allInnerTexts()).toEqual(['photo +45']);
      expect(JSON.parse((await page.locator('#json').textContent())!).predictions[0]).toMatchObject({
        attributes: { weight: { value: 20 } },
      });

      await page.getByLabel('Photo').setInputFiles({
        name: 'not.png',
        mimeType: 'image/png',
        buffer: Buffer.from('no picture at all'),
      });
      const clip = { name: 'tap.wav', mimeType: 'audio/wav', buffer: Buffer.from('RIFF') };
      await page.getByLabel('Clip').setInputFiles(clip);
      await ask({ Title: 'A jumper, Blue' });
      await row('color').filter({ hasText: 'Blue' }).waitFor();
      expect(await saidIn(page.locator('#unread'))).toBe(
        'Could not be read: photo (The file is no picture).',
      );
      expect(await saidIn(row('weight'))).toMatch(/120 g[\s\S]*clip \+100 g/);

      await page.getByRole('button', { name: 'Clear' }).click();
      await expect.poll(() => page.locator('.chosen > *').count(), { timeout: 60_000 }).toBe(0);
      await ask({ Title: 'A jumper, Blue' });
      expect(await page.locator('#unread').isVisible()).toBe(false);
    } finally {
      await swatches.close();
    }
  });

  it('has a page to try the API, without asking anybody else for files', async () => {
    await page.goto(`${server.url}/docs`);
    await page.getByText('Predict the attributes of products').first().click();
    await page.getByRole('button', { name: 'Execute' }).click();
    await page.locator('.live-responses-table .response').waitFor();
    expect(await saidIn(page.locator('.live-responses-table'))).toContain('"predictions"');
  });
});
