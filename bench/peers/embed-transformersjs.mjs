/** transformers.js as a peer of bench/embed: `node embed-transformersjs.mjs WHERE_IT_IS_INSTALLED`, JSON lines. */
import { createRequire } from 'node:module';
import { basename, dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const require = createRequire(resolve(process.argv[2], 'package.json'));
const { pipeline, env } = await import(pathToFileURL(require.resolve('@huggingface/transformers')).href);
env.allowRemoteModels = false;
const models = new Map();

async function answer(request) {
  if (request.load !== undefined) {
    env.localModelPath = `${dirname(request.load)}/`;
    models.set(
      request.precision,
      await pipeline('feature-extraction', basename(request.load), {
        dtype: request.precision,
        session_options: { intraOpNumThreads: request.threads },
      }),
    );
    return { ready: true };
  }
  const { texts, batch, precision, sample } = request;
  const extract = models.get(precision);
  const vectors = [];
  const start = performance.now();
  for (let i = 0; i < texts.length; i += batch) {
    const { data, dims } = await extract(texts.slice(i, i + batch), { pooling: 'mean', normalize: true });
    for (let j = 0; j < dims[0] && vectors.length < sample; j++)
      vectors.push(Array.from(data.subarray(j * dims[1], (j + 1) * dims[1])));
  }
  return { seconds: (performance.now() - start) / 1000, sample: vectors };
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line)).catch((error) => ({ error: error.stack }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
