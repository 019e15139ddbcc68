/**
 * Set-up: the packages of the lock file, and `dist`. Each part is done only when it is missing or out of date.
 *
 * Plain JavaScript that needs nothing but Node, because it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const at = (...parts) => join(ROOT, ...parts);

/** Stops with a message when Node is older than package.json asks. */
export function checkNode() {
  const wanted = JSON.parse(readFileSync(at('package.json'), 'utf8')).engines.node.replace('>=', '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(`Attune needs Node ${wanted} or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

/** Installs what package-lock.json says, unless it is there already. */
export function installPackages() {
  if (packagesAreThere()) return;
  console.error('Installing packages (npm ci) ...');
  run(
    npm(),
    ['ci', '--include=dev', '--no-fund', '--no-audit', '--loglevel=error'],
    'The packages could not be installed.',
  );
}

/**
 * True when each package of the lock file is installed in its version. npm notes what it installed in
 * node_modules/.package-lock.json; optional packages are those of other platforms.
 */
function packagesAreThere() {
  const note = at('node_modules', '.package-lock.json');
  if (!existsSync(note)) return false;
  const wanted = JSON.parse(readFileSync(at('package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(note, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === '' ||
      (installed[path] === undefined ? entry.optional === true : installed[path].version === entry.version),
  );
}

/** Compiles `src` into `dist` and the page into `dist/page`, each when a file of it changed; returns what the sources hash to. */
export function build() {
  const sources = compile();
  buildPage();
  return sources;
}

function compile() {
  const stamp = join(workFolder(), 'build-stamp');
  const wanted = hashOf([...filesOf('src'), 'package.json', 'tsconfig.json', 'tsconfig.build.json']);
  if (existsSync(at('dist/cli/main.js')) && isStamped(stamp, wanted)) return wanted;
  console.error('Building (tsc) ...');
  for (const name of existsSync(at('dist')) ? readdirSync(at('dist')) : [])
    if (name !== 'page') remove(at('dist', name));
  run(
    process.execPath,
    [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    'The build failed.',
  );
  writeFileSync(stamp, wanted);
  return wanted;
}

/** The page alone. */
export function buildPage() {
  const stamp = join(workFolder(), 'page-stamp');
  const wanted = hashOf([...filesOf('web'), ...filesOf('src/serving/api'), 'package-lock.json']);
  if (existsSync(at('dist/page/index.html')) && isStamped(stamp, wanted)) return;
  console.error('Building the page (vite) ...');
  run(
    process.execPath,
    [at('node_modules/vite/bin/vite.js'), 'build', '--config', 'web/vite.config.ts'],
    'The page could not be built.',
    // A test that builds the page is called `test`, and React would come with its checks for developers.
    { NODE_ENV: 'production' },
  );
  writeFileSync(stamp, wanted);
}

const isStamped = (stamp, wanted) => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;

const remove = (path) => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });

/** A hash over the names and contents of files, given relative to the root. */
export function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(at(file)))
      .update('\0');
  return hash.digest('hex');
}

/** All files under `folder` but tests and their fixtures, sorted: under `src` those that are compiled or copied. */
export function filesOf(folder) {
  return readdirSync(at(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(ROOT.length)
        .replaceAll('\\', '/'),
    )
    .filter((file) => !file.includes('/fixtures/'))
    .sort();
}

function run(command, args, failure, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
    shell: command.endsWith('.cmd'),
  });
  if (status === 0) return;
  console.error(`${failure}${error ? ` ${error.message}` : ''}`);
  process.exit(1);
}

const npm = () => (process.platform === 'win32' ? 'npm.cmd' : 'npm');

/** A folder for what a run leaves behind; git ignores it. */
export function workFolder() {
  mkdirSync(at('.attune'), { recursive: true });
  return at('.attune');
}
