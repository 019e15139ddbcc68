/** The results of the last `npm test`, as vitest wrote them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, workFolder } from './set-up.mjs';

export const RESULTS = join(workFolder(), 'test-results.json');

/** How many tests passed, failed and were skipped; a file that failed before any test of it ran is one failure. */
export function countTests() {
  if (!existsSync(RESULTS)) return { passed: 0, failed: 1, skipped: 0 };
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const broken = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const skipped = skippedTests().reduce((total, { count }) => total + count, 0);
  return { passed: numPassedTests, failed: numFailedTests + broken.length, skipped };
}

/** Files with tests that did not run, and how many each has. */
export function skippedTests() {
  return JSON.parse(readFileSync(RESULTS, 'utf8'))
    .testResults.map(({ name, assertionResults }) => ({
      file: name.slice(ROOT.length).replaceAll('\\', '/'),
      count: assertionResults.filter(({ status }) => status !== 'passed' && status !== 'failed').length,
    }))
    .filter(({ count }) => count > 0);
}
