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

/** Each test that failed, as `file > name: what was wrong`, shortened; a file that failed as a whole stands for its tests. */
export function failedTests() {
  if (!existsSync(RESULTS)) return [];
  return JSON.parse(readFileSync(RESULTS, 'utf8'))
    .testResults.filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = name.slice(ROOT.length).replaceAll('\\', '/');
      const failed = assertionResults.filter((test) => test.status === 'failed');
      if (failed.length === 0) return [`${file}: ${shortened(message)}`];
      return failed.map(
        (test) => `${file} > ${test.fullName}: ${shortened(test.failureMessages.join('\n'))}`,
      );
    });
}

function shortened(message) {
  return message.split('\n').slice(0, 8).join('\n    ').slice(0, 1_000);
}
