import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

type Entry = { readonly version: string; readonly optionalDependencies?: Readonly<Record<string, string>> };

it('the lock file names the packages of every platform, so that npm ci accepts it on each', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
    packages: Readonly<Record<string, Entry>>;
  };
  const there = new Set(Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)));
  const missing = Object.values(lock.packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !there.has(name));
  // npm leaves them out when the registry at hand does not have them.
  expect(missing).toEqual([]);
});
