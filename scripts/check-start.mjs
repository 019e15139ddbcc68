/**
 * `npm run check:start`: what a fresh machine does. Runs `npm start`, waits until the sample model is served, asks it for
 * a product's attributes by its text, its picture and its sound, and stops it.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './set-up.mjs';

const TIME_LIMIT_MS = 15 * 60_000;
const started = Date.now();
const child = spawn(process.execPath, ['scripts/start.mjs', '--port', '0'], {
  cwd: ROOT,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((resolve) => child.once('exit', resolve));
const limit = setTimeout(() => child.kill('SIGTERM'), TIME_LIMIT_MS);

let url;
for await (const line of createInterface({ input: child.stdout })) {
  console.log(line);
  url = line.match(/^ {2}(http:\/\/\S+)\/ /)?.[1];
  if (url) break;
}
let problem;
if (url === undefined) problem = '`npm start` ended without a service.';
else {
  console.error(`Served after ${Math.round((Date.now() - started) / 1000)} seconds.`);
  problem = await ask(url).catch((error) => String(error));
}
child.kill('SIGTERM');
await ended;
clearTimeout(limit);
if (problem) {
  console.error(problem);
  process.exit(1);
}

/** What is wrong with the answer for one product, if anything. */
async function ask(url) {
  const media = (path) => readFileSync(join(ROOT, 'examples/boutique/data/media', path)).toString('base64');
  const product = {
    category: 'Mugs',
    title: 'Mug Nordic Style Earthenware gry',
    image: media('pictures/SMG-903171.webp'),
    audio: media('sounds/SMG-903171.wav'),
  };
  const response = await fetch(`${url}/v1/products:predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ products: [product], contributions: true }),
  });
  const text = await response.text();
  console.error(text);
  if (!response.ok) return `The service answered ${response.status}.`;
  const [{ attributes, problems }] = JSON.parse(text).predictions;
  if (problems.length > 0) return 'The picture or the sound could not be read.';
  const most = { type: 'text', backdrop: 'image', ring: 'audio' };
  for (const [attribute, modality] of Object.entries(most)) {
    const parts = Object.entries(attributes[attribute].contributions.parts);
    const [[first]] = parts.sort(([, a], [, b]) => b - a);
    if (first !== modality) return `${attribute} rests on ${first}, and not on ${modality}.`;
  }
}
