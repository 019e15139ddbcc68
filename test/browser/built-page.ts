/** The page of `web/` as it was built, in a browser that notes what it complains of. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import type { Browser, Locator, Page } from 'playwright-core';

const FOLDER = fileURLToPath(new URL('../../dist/page/', import.meta.url));

execFileSync(
  process.execPath,
  [fileURLToPath(new URL('../../scripts/build.mjs', import.meta.url)), '--page'],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
);

/** Of the scripts that the browser fetches for the page that stands first, with all that they import at once. */
export function bytesOfFirstLoad(): number {
  const html = readFileSync(`${FOLDER}index.html`, 'utf8');
  const first = readdirSync(`${FOLDER}page`).filter((file) => /^try-page-.*\.js$/.test(file));
  const named = [...html.matchAll(/(?:src|href)="\.\/page\/([^"]+\.js)"/g)].map(([, file]) => file!);
  const scripts = new Set([...named, ...first]);
  // What is added to a set while it is gone through is gone through too.
  for (const script of scripts) {
    const source = readFileSync(`${FOLDER}page/${script}`, 'utf8');
    for (const [, file] of source.matchAll(/(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g))
      scripts.add(file!);
  }
  return [...scripts].reduce((sum, script) => sum + statSync(`${FOLDER}page/${script}`).size, 0);
}

export type Opened = {
  readonly page: Page;
  /** Script errors, refused files, broken policy, requests to anybody else. */
  readonly complaints: string[];
};

/** @param path - of the page, after the address of the service: `#/review` */
export async function openPage(
  browser: Browser,
  url: string,
  { options, path = '' }: { options?: Parameters<Browser['newContext']>[0]; path?: string } = {},
): Promise<Opened> {
  const page = await (await browser.newContext(options)).newPage();
  const complaints: string[] = [];
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'data:' && origin !== url) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(`${url}/${path}`);
  return { page, complaints };
}

/** What axe-core finds wrong for people who listen, use a keyboard, or see little. */
export async function faultsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
  };
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/** What stands there, for the eye. */
export const saidIn = async (place: Locator): Promise<string> => (await place.allInnerTexts()).join('\n');
