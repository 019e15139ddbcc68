import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pooling } from '../../src/models/checkpoint/pooling.ts';
import { Embedder, type EmbedderOptions } from '../../src/prediction/embed.ts';
import { writeRandomBert } from './random-bert.ts';

const TEXTS = [
  'red cotton shirt',
  'blue leather shoe for men',
  'shirt',
  '',
  'red cotton shirt for men with blue buttons',
  'green wool hat',
  'red shoe',
  'blue hat for women and men and men and men and men and men and men',
];

/** Wide enough for the matrices to be worth eight bits. */
const WIDTH = 256;

let root = '';
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'attune-embed-'));
  await checkpoint('mean', { modes: ['mean'], normalize: true });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function checkpoint(name: string, pooling: Pooling): Promise<string> {
  const folder = join(root, name);
  await writeRandomBert(folder, { texts: TEXTS, width: WIDTH, pooling });
  return folder;
}

type Texts = readonly string[] | AsyncIterable<readonly string[]>;

async function collect(embedder: Embedder, texts: Texts): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for await (const part of embedder.embed(texts)) vectors.push(...part);
  return vectors;
}

async function embed(options: EmbedderOptions, texts: Texts): Promise<Float32Array[]> {
  const embedder = await Embedder.open({ workers: 0, threads: 1, ...options });
  const vectors = await collect(embedder, texts);
  await embedder.close();
  return vectors;
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((total, v, i) => total + v * b[i]!, 0);
const folder = (name: string) => join(root, name);

describe('Embedder', () => {
  it('gives unit vectors in the order of the texts, the same for the same text', async () => {
    const vectors = await embed({ checkpoint: folder('mean') }, [...TEXTS, ...TEXTS].reverse());
    expect(vectors).toHaveLength(16);
    vectors.forEach((vector, i) => {
      expect(dot(vector, vector)).toBeCloseTo(1, 5);
      expect(dot(vector, vectors[(i + 8) % 16]!)).toBeCloseTo(1, 5);
    });
    expect(dot(vectors[0]!, vectors[1]!)).toBeLessThan(0.999);
  });

  it.each(['fp32', 'int8'] as const)(
    'gives a text the same vector alone and among others in %s',
    async (precision) => {
      const embedder = await Embedder.open({ checkpoint: folder('mean'), precision, workers: 0, threads: 1 });
      const together = await collect(embedder, TEXTS);
      for (const [i, text] of TEXTS.entries()) {
        const [alone] = await collect(embedder, [text]);
        alone!.forEach((v, k) => {
          expect(v).toBeCloseTo(together[i]![k]!, 6);
        });
      }
      await embedder.close();
    },
  );

  it('reads a stream of any pieces as it reads a list, in any batch size', async () => {
    async function* pieces() {
      yield TEXTS.slice(0, 1);
      yield [];
      yield TEXTS.slice(1, 6);
      yield TEXTS.slice(6);
    }
    const streamed = await embed({ checkpoint: folder('mean'), maxTokensPerBatch: 1 }, pieces());
    const listed = await embed({ checkpoint: folder('mean') }, TEXTS);
    expect(streamed).toHaveLength(listed.length);
    streamed.forEach((vector, i) => {
      expect(dot(vector, listed[i]!)).toBeCloseTo(1, 5);
    });
  });

  it('is nearly as exact in eight bits', async () => {
    const exact = await embed({ checkpoint: folder('mean') }, TEXTS);
    const rounded = await embed({ checkpoint: folder('mean'), precision: 'int8' }, TEXTS);
    exact.forEach((vector, i) => {
      expect(vector).not.toEqual(rounded[i]);
      expect(dot(vector, rounded[i]!)).toBeGreaterThan(0.999);
    });
  });

  it('joins the poolings that the checkpoint names', async () => {
    const both = await checkpoint('both', { modes: ['mean', 'mean_sqrt_len_tokens'], normalize: false });
    const [vector] = await embed({ checkpoint: both }, ['shirt']);
    expect(vector).toHaveLength(2 * WIDTH);
    // Sum over √n is mean times √n.
    const tokens = (vector![WIDTH]! / vector![0]!) ** 2;
    expect(tokens).toBeGreaterThan(2.9);
    expect(tokens).toBeCloseTo(Math.round(tokens), 3);
  });

  it('refuses options that mean nothing', async () => {
    for (const wrong of [{ threads: 0 }, { workers: -1 }, { maxTokensPerBatch: 1.5 }]) {
      await expect(Embedder.open({ checkpoint: folder('mean'), ...wrong })).rejects.toMatchObject({
        code: 'prediction/bad-option',
      });
    }
  });

  it('names a folder that is no checkpoint', async () => {
    await expect(Embedder.open({ checkpoint: root, workers: 0 })).rejects.toMatchObject({
      code: 'models/checkpoint-missing',
    });
  });
});
