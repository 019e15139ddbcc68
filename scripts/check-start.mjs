/**
 * `npm run check:start`: what a fresh machine does. Runs `npm start`, waits until the sample model is served, asks it for
 * a product's attributes, and stops it.
 */
import { spawn } from 'node:child_process';
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
  const response = await fetch(`${url}/v1/products:predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ products: [{ title: 'Navy merino jumper for men, size M' }] }),
  });
  const text = await response.text();
  console.error(text);
  return response.ok && text.includes('"color"') ? undefined : `The service answered ${response.status}.`;
}
