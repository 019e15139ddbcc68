/**
 * `npm start`: sets up, draws the pictures and sounds of the sample catalog, trains a model on it, each unless that is done already,
 * and serves the model.
 *
 * `npm start -- --retrain` trains again; `npm start -- --port 9000` serves on another port.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { build, checkNode, filesOf, hashOf, installPackages, ROOT, workFolder } from './set-up.mjs';

const CONFIG = 'examples/boutique/attune.yaml';
const CATALOG = 'examples/boutique/data/products.csv';
const GENERATOR = 'examples/boutique/generate';
const MEDIA = 'examples/boutique/data/media';
const PORT = 8080;

const { values: options } = parseArgs({
  options: { retrain: { type: 'boolean', default: false }, port: { type: 'string' } },
});

checkNode();
installPackages();
const sources = build();

const attune = join(ROOT, 'dist', 'cli', 'main.js');
/** Relative, as the commands run in the root. */
const model = relative(ROOT, join(workFolder(), 'boutique'));
process.chdir(ROOT);
const noteFile = `${model}.start.json`;
const generator = [`${GENERATOR}.mjs`, ...filesOf(GENERATOR)];
/** What the sample's model is made of. */
const fingerprint = hashOf([CONFIG, CATALOG, ...generator, 'package.json']);

await drawMedia();
if (options.retrain)
  for (const path of [model, `${model}.run`]) rmSync(path, { recursive: true, force: true });
if (existsSync(join(model, 'attune.json')) && note().fingerprint === fingerprint) showFigures();
else await train();
await serve();

/** What the last start noted of its training: what it was made of, and of which sources. */
function note() {
  return existsSync(noteFile) ? JSON.parse(readFileSync(noteFile, 'utf8')) : {};
}

/** Pictures and sounds are not committed: they are drawn when they are not there, or when what draws them changed. */
async function drawMedia() {
  const stamp = `${model}.drawn`;
  const wanted = hashOf(generator);
  if (existsSync(MEDIA) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('Drawing the pictures and sounds of the sample catalog ...');
  rmSync(MEDIA, { recursive: true, force: true });
  const code = await ended(nodeProcess([`${GENERATOR}.mjs`, '--only', 'pictures,sounds']));
  if (code !== 0) process.exit(code);
  writeFileSync(stamp, wanted);
}

async function train() {
  const { fingerprint: begun, sources: by } = note();
  const resume = existsSync(`${model}.run`) && begun === fingerprint && by === sources;
  if (!resume) for (const path of [model, `${model}.run`]) rmSync(path, { recursive: true, force: true });
  console.error(`${resume ? 'Going on with the training' : 'Training'} on the sample catalog ${CATALOG}.\n`);
  writeFileSync(noteFile, JSON.stringify({ fingerprint, sources }));
  const code = await ended(
    attuneProcess(['train', '-c', CONFIG, '--out', model, resume ? '--resume' : '--anew']),
  );
  if (code !== 0) process.exit(code);
}

/** The test tables of the model that is there: its model card has them. */
function showFigures() {
  const card = readFileSync(join(model, 'README.md'), 'utf8');
  console.error('The sample model is trained already; `npm start -- --retrain` trains it again.\n');
  const tables = card.split('```').filter((_, i) => i % 2 === 1);
  console.log(`Test results\n${tables.map((table) => table.trim()).join('\n\n')}\n`);
}

async function serve() {
  const port = await freePort();
  const server = attuneProcess(['serve', '--model', model, '--port', String(port)]);
  const end = ended(server);
  const url = `http://127.0.0.1:${port}`;
  if (await Promise.race([ready(url), end.then(() => false)])) console.log(whatNext(url));
  process.exit(await end);
}

/** Port 8080, or any that is free when it is taken and none was asked for. */
async function freePort() {
  if (options.port !== undefined) return Number(options.port) || listens(0);
  if (await listens(PORT)) return PORT;
  console.error(`Port ${PORT} is taken; another one is used.`);
  return listens(0);
}

/** The port that could be listened on, or 0. */
function listens(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(0));
    probe.listen(port, '127.0.0.1', () => {
      const { port: got } = probe.address();
      probe.close(() => resolve(got));
    });
  });
}

async function ready(url) {
  for (;;) {
    const response = await fetch(`${url}/v2/health/ready`).catch(() => undefined);
    if (response?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function attuneProcess(args) {
  return nodeProcess([attune, ...args], 'inherit');
}

/** @param output - where its output goes; what is drawn says little that belongs there */
function nodeProcess(args, output = 2) {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', output, 'inherit'],
  });
  // Ctrl-C reaches the child by itself; this process waits for it to save and end.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  // npm that is asked to end does not hand that on: this process is left with another parent then.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
  return child;
}

function ended(child) {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGTERM' ? 143 : 1)));
  });
}

function whatNext(url) {
  return `
The sample model is served:
  ${url}/               a page to try it
  ${url}/docs           the API, generated from its contracts

Try next:
  on the page: a picture of ${MEDIA}/pictures, a clip of its sounds
  curl ${url}/v1/products:predict -H 'content-type: application/json' \\
    -d '{"products": [{"category": "Knitwear", "title": "Navy merino jumper for men, size M"}]}'
  npx attune inspect your-products.csv     what your own file holds
  npx attune train your-products.csv       a model of your own
  open .attune/boutique/report.html        curves, calibration, mistakes

Ctrl-C stops the service.`;
}
