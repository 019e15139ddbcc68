/**
 * Fastify + transformers.js as a peer of bench/serve: `node serve-transformersjs.mjs WHERE_IT_IS_INSTALLED FOLDER fp32|int8 PORT`. The
 * head is random: what it answers is of no matter, that it does is.
 */
import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Fastify from 'fastify';

const [, , installed, folder, precision, port] = process.argv;
const require = createRequire(resolve(installed, 'package.json'));
const { pipeline, env } = await import(pathToFileURL(require.resolve('@huggingface/transformers')).href);
env.allowRemoteModels = false;
env.localModelPath = `${dirname(resolve(folder))}/`;
const dtype = precision === 'int8' ? 'q8' : 'fp32';
const extract = await pipeline('feature-extraction', basename(resolve(folder)), { dtype });
const VALUES = 16;
const head = Array.from({ length: VALUES }, (_, i) =>
  Array.from({ length: 384 }, (_, j) => Math.sin(i * 384 + j)),
);

const server = Fastify();
server.get('/health', () => ({ ready: true }));
server.post('/predict', async ({ body: { title } }) => {
  const { data } = await extract(title, { pooling: 'mean', normalize: false });
  const logits = head.map((row) => row.reduce((sum, weight, i) => sum + weight * data[i], 0));
  const most = Math.max(...logits);
  const odds = logits.map((logit) => Math.exp(logit - most));
  const best = odds.indexOf(1);
  return { value: `value ${best}`, confidence: 1 / odds.reduce((a, b) => a + b, 0) };
});
await server.listen({ port: Number(port), host: '127.0.0.1' });
