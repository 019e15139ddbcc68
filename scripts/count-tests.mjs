/**
 * Prints the tests of the last `npm test` that failed, then `N passed, N failed` (and `N skipped` where some were).
 * Arguments are the steps of CI that failed: each but the tests themselves counts as one more failure.
 */
import { countTests, failedTests } from './test-results.mjs';

const steps = process.argv.slice(2);
const counts = countTests();
for (const failure of failedTests()) console.log(`FAILED ${failure}`);
const failed = counts.failed + steps.filter((step) => step !== 'tests').length;
console.log(
  `${counts.passed} passed, ${failed || (steps.length > 0 ? 1 : 0)} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`,
);
