/**
 * Set-up: the packages of the lock file, and `dist`. Each part is done only when it is missing or out of date.
 *
 * Plain JavaScript that needs nothing but Node, because it runs before anything is installed.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** Compiles `src` into `dist` when a source file changed since the last time; returns what the sources hash to. */
export function build() {
  const stamp = join(workFolder(), 'build-stamp');
  const wanted = hashOf([...filesOf('src'), 'package.json', 'tsconfig.json', 'tsconfig.build.json']);
  if (existsSync(at('dist/cli/main.js')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted)
    return wanted;
  console.error('Building (tsc) ...');
  rmSync(at('dist'), { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  run(
    process.execPath,
    [at('node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    'The build failed.',
  );
  cpSync(at('src/serving/page'), at('dist/serving/page'), { recursive: true });
  writeFileSync(stamp, wanted);
  return wanted;
}

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

function run(command, args, failure) {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
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
