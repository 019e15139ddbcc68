import { defineConfig } from 'vitest/config';

/** `fast` is the inner loop (unit, gradients, properties); `full` adds the command line, HTTP and browser. */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
  },
});
