/** The browser that is there, if any: tests that need one say loudly when there is none. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import usualPlaces from './usual-places.json' with { type: 'json' };

/** `$CHROME_PATH`, which must exist when set, or a browser in one of the usual places. */
export function findBrowser(): string | undefined {
  const given = process.env.CHROME_PATH;
  if (given !== undefined && given !== '') {
    if (!existsSync(given)) throw new Error(`CHROME_PATH is ${given}, and there is no such file.`);
    return given;
  }
  return usualPlaces.find((place) => existsSync(place));
}

/** Says on the terminal, once a file, that its tests were skipped and how to run them. */
export function warnSkipped(file: string): void {
  process.stderr.write(
    [
      '',
      '*'.repeat(78),
      `* SKIPPED: ${file} needs a Chromium or Chrome, and none was found.`,
      '* Install one (Debian: apt-get install chromium), or set CHROME_PATH=/path/to/chrome,',
      `* then: npx vitest run ${file}`,
      '*'.repeat(78),
      '',
    ].join('\n'),
  );
}

/** A fresh profile each time; without the sandbox, which root may not use. */
export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}
