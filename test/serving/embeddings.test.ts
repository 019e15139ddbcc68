import { describe, expect, it } from 'vitest';
import type { TextEmbedder } from '../../src/serving/text-embedder.ts';
import { post, serve } from './http.ts';

describe('/v1/embeddings', () => {
  const embedder = {
    name: 'lengths',
    embed: async (texts: readonly string[]) => texts.map((text) => Float32Array.of(text.length, 0.5)),
    close: async () => {},
  };

  it('answers in the shape that clients of OpenAI read', async () => {
    const { url } = await serve({ embedder });
    const { json } = await post(`${url}/v1/embeddings`, { input: ['red', 'navy'], model: 'any' });
    expect(json).toEqual({
      object: 'list',
      model: 'any',
      data: [
        { object: 'embedding', index: 0, embedding: [3, 0.5] },
        { object: 'embedding', index: 1, embedding: [4, 0.5] },
      ],
      usage: { prompt_tokens: 0, total_tokens: 0 },
    });
    const packed = await post(`${url}/v1/embeddings`, { input: 'red', encoding_format: 'base64' });
    const bytes = Buffer.from(packed.json.data[0].embedding, 'base64');
    expect([packed.json.model, bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual(['lengths', 3, 0.5]);
    expect((await post(`${url}/v1/embeddings`, { input: [] })).status).toBe(422);
  });

  it('refuses with 429 and Retry-After what would wait too long, and takes calls again afterwards', async () => {
    let open!: () => void;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let asked!: () => void;
    const begun = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const slow: typeof embedder.embed = async (texts) => {
      asked();
      await gate;
      return embedder.embed(texts);
    };
    const { url } = await serve({
      embedder: { ...embedder, embed: slow },
      maxQueued: 3,
      maxQueuedCharacters: 10,
    });
    const ask = (...input: string[]) => post(`${url}/v1/embeddings`, { input });
    const first = ask('a', 'b');
    await begun;
    for (const more of [['c', 'd'], ['long words']]) {
      const refused = await ask(...more);
      expect([refused.status, refused.json.code]).toEqual([429, 'serving/queue-full']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const second = ask('c');
    open();
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    expect((await ask('1', '2', '3', 'more than is ever queued')).status).toBe(200);
  });

  it('drops the work of a client that has gone', async () => {
    let begin!: () => void;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    let drop!: () => void;
    const dropped = new Promise<void>((resolve) => {
      drop = resolve;
    });
    const patient: TextEmbedder['embed'] = (_texts, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          drop();
          reject(signal.reason);
        });
        begin();
      });
    const { url } = await serve({ embedder: { ...embedder, embed: patient } });
    const leaving = new AbortController();
    const call = fetch(`${url}/v1/embeddings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":"a"}',
      signal: leaving.signal,
    });
    await begun;
    leaving.abort();
    await expect(call).rejects.toThrow();
    await dropped;
  });

  it('is not there without an encoder', async () => {
    const { url } = await serve();
    expect((await post(`${url}/v1/embeddings`, { input: 'a' })).status).toBe(404);
  });
});
