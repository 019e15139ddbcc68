import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Embedder } from '../../../src/prediction/embed.ts';
import { readFixture, readJson } from '../fixture.ts';

/** A folder with the checkpoint; fixtures/ has its vectors as sentence-transformers computes them. */
const folder = process.env.ATTUNE_MINILM;
if (folder && !existsSync(join(folder, 'config.json')))
  throw new Error(`ATTUNE_MINILM is ${folder}, which holds no checkpoint (no config.json).`);

const { texts } = readJson<{ texts: string[] }>(new URL('./fixtures/texts.json', import.meta.url));
const { vectors } = readFixture(new URL('./fixtures/vectors.safetensors', import.meta.url));
const width = vectors!.dims[1]!;
const expected = (i: number) => Float32Array.from(vectors!.data.slice(i * width, (i + 1) * width), Number);

function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

async function embed(precision: 'fp32' | 'int8'): Promise<Float32Array[]> {
  const embedder = await Embedder.open({ checkpoint: folder!, precision, threads: 1, workers: 0 });
  const all: Float32Array[] = [];
  try {
    for await (const some of embedder.embed(texts)) all.push(...some);
  } finally {
    await embedder.close();
  }
  return all;
}

describe.skipIf(!folder)('all-MiniLM-L6-v2', () => {
  it('gives the vectors of sentence-transformers', async () => {
    const actual = await embed('fp32');
    expect(actual).toHaveLength(texts.length);
    for (const [i, text] of texts.entries())
      expect(cosine(actual[i]!, expected(i)), text.slice(0, 40)).toBeGreaterThan(0.9999);
  });

  it('stays near them in eight bits', async () => {
    const actual = await embed('int8');
    for (const [i, text] of texts.entries())
      expect(cosine(actual[i]!, expected(i)), text.slice(0, 40)).toBeGreaterThan(0.98);
  });
});
