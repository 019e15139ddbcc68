import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configSchema } from '../src/attune/config.ts';
import { ERRORS } from '../src/attune/errors.ts';
import { errorPage } from './docs/error-page.ts';
import { commandsIn, headingAnchors, linksIn } from './docs/markdown.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const under = (folder: string, ending: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => file.endsWith(ending));

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...under('docs', '.md'),
  ...under('examples', 'README.md'),
];

describe('what is generated is up to date (npm run docs)', () => {
  it('docs/errors.md is made of the tables of codes', async () => {
    await expect(errorPage()).toMatchFileSnapshot('../docs/errors.md');
  });

  it('docs/attune.schema.json is the schema of attune.yaml', async () => {
    const schema = z.toJSONSchema(configSchema, { io: 'input' });
    const text = JSON.stringify({ ...schema, title: 'attune.yaml' }, null, 2);
    await expect(`${text}\n`).toMatchFileSnapshot('../docs/attune.schema.json');
  });
});

describe('error codes', () => {
  /** Words of the form 'folder/reason' in the sources, outside of the tables that declare them. */
  const folders = new Set(Object.keys(ERRORS).map((code) => code.slice(0, code.indexOf('/'))));
  const raised = new Set(
    under('src', '.ts')
      .filter((file) => !file.endsWith('.test.ts') && !/(^|\/)errors\.ts$/.test(file))
      .flatMap((file) => [...read(file).matchAll(/'([a-z]+)\/([a-z-]+)'/g)])
      .filter(([, folder]) => folders.has(folder!))
      .map(([, folder, reason]) => `${folder}/${reason}`),
  );

  it('are all in the tables', () => {
    expect([...raised].filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([]);
  });

  it('of the tables are all raised somewhere', () => {
    expect(Object.keys(ERRORS).filter((code) => !raised.has(code))).toEqual([]);
  });
});

describe('pages', () => {
  it.each(PAGES)('%s links to files and headings that are there', (page) => {
    const broken = linksIn(read(page)).filter(({ target }) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
      try {
        if (statSync(file).isDirectory()) return anchor !== undefined;
      } catch {
        return true;
      }
      return anchor !== undefined && !headingAnchors(readFileSync(file, 'utf8')).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it.each(PAGES)('%s names only commands and scripts that exist', (page) => {
    const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;
    const verbs = new Set(
      under('src/cli', '.ts').flatMap((file) =>
        [...read(file).matchAll(/(?:new Command\(|trainingCommand\(\{\s+name: )'([a-z]+)'/g)].map(
          ([, verb]) => verb,
        ),
      ),
    );
    const benchmarks = readdirSync(join(ROOT, 'bench')).map((file) => file.replace(/\.ts$/, ''));
    const unknown = commandsIn(read(page)).filter(({ kind, name }) => {
      if (kind === 'attune') return !verbs.has(name);
      if (kind === 'bench') return !benchmarks.includes(name);
      return !Object.hasOwn(scripts, name);
    });
    expect(unknown).toEqual([]);
  });

  it('lists every decision in its index', () => {
    const listed = linksIn(read('docs/decisions/README.md')).map(({ target }) => target);
    const there = under('docs/decisions', '.md')
      .map((file) => relative('docs/decisions', file))
      .filter((file) => file !== 'README.md');
    expect(listed.filter((target) => /^\d/.test(target)).sort()).toEqual(there.sort());
  });
});
