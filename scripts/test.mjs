/**
 * `npm test`: sets up, runs every test, and says what was skipped and how to run it.
 *
 * `npm run test:fast` runs the unit tests beside the sources alone, without building or a browser.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, checkNode, installPackages, ROOT } from './set-up.mjs';
import { countTests, RESULTS, skippedTests } from './test-results.mjs';

const fast = process.argv.includes('--fast');

/** Why the tests of a folder may be skipped, and how to run them. */
const REASONS = {
  'test/browser/':
    'no Chromium or Chrome was found. Install one (Debian: apt-get install chromium) or set CHROME_PATH.',
  'test/contracts/store/':
    'no PostgreSQL answers on this machine. Start one, or set ATTUNE_TEST_POSTGRES to the address of a database whose user may make others.',
  'test/golden/minilm/':
    'ATTUNE_MINILM names no folder. Set it to a folder that holds the all-MiniLM-L6-v2 checkpoint (config.json, tokenizer.json, model.safetensors).',
};

checkNode();
installPackages();
if (!fast) {
  build();
  installBrowser();
}
rmSync(RESULTS, { force: true });
const files = fast ? ['src/'] : [];
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...files,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${RESULTS}`,
  ],
  { cwd: ROOT, stdio: 'inherit' },
);
if (!existsSync(RESULTS)) {
  console.error('The tests did not run to their end.');
  process.exit(status || 1);
}
sayWhatWasSkipped();
const { passed, failed, skipped } = countTests();
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(status || (failed > 0 ? 1 : 0));

/** Prints each file with skipped tests, why, and how to run them. */
function sayWhatWasSkipped() {
  const files = skippedTests();
  if (files.length === 0) return;
  const lines = files.flatMap(({ file, count }) => {
    const [, reason] = Object.entries(REASONS).find(([folder]) => file.startsWith(folder)) ?? [];
    return [`* ${count} of ${file}${reason ? `: ${reason}` : ''}`, `    then: npx vitest run ${file}`];
  });
  const rule = '*'.repeat(78);
  console.log(['', rule, '* SKIPPED tests', ...lines, rule, ''].join('\n'));
}

/** On Debian, root may install Chromium; elsewhere the tests that need it are skipped, loudly. */
function installBrowser() {
  const places = JSON.parse(readFileSync(join(ROOT, 'test/browser/usual-places.json'), 'utf8'));
  if (process.env.CHROME_PATH || places.some((place) => existsSync(place))) return;
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;
  console.error('Installing Chromium for the tests of the page (apt-get install chromium) ...');
  const quiet = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  const update = spawnSync('apt-get', ['update', '-qq'], quiet);
  const install = spawnSync(
    'apt-get',
    ['install', '-y', '-qq', '--no-install-recommends', 'chromium'],
    quiet,
  );
  if (update.status !== 0 || install.status !== 0) console.error('Chromium could not be installed.');
}
