import { request as httpRequest, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { predictLineContract } from '../../src/serving/api/predict.ts';
import type { RunningServer } from '../../src/serving/server.ts';
import { type Json, post, serve } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';

/** A connection on which both sides talk at once. */
function stream({ url }: RunningServer, path = '/v1/products:predict') {
  const request = httpRequest(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    request.on('error', reject);
  });
  return { request, response };
}

async function linesOf(response: IncomingMessage): Promise<Json[]> {
  const lines: Json[] = [];
  for await (const line of createInterface({ input: response })) lines.push(JSON.parse(line));
  return lines;
}

async function predictLines(server: RunningServer, body: string, path?: string): Promise<Json[]> {
  const { request, response } = stream(server, path);
  request.end(body);
  return linesOf(await response);
}

describe('POST /v1/products:predict, as a stream', () => {
  it('answers a line for each line, in order, and a problem for a line that cannot be answered', async () => {
    const server = await serve({ maxBodyBytes: 200 });
    const lines = await predictLines(
      server,
      [
        '{"id":"1","title":"red"}',
        '',
        '{"id":"2","titel":"red"}',
        'not json',
        `{"id":"4","title":"${'x'.repeat(300)}"}`,
        '{"id":5,"title":"navy"}',
      ].join('\n'),
    );
    for (const line of lines) predictLineContract.parse(line);
    expect(
      lines.map((line) => line.attributes?.color.value ?? [line.line, line.id, line.problem.code]),
    ).toEqual([
      'Red',
      [3, '2', 'serving/unknown-field'],
      [4, null, 'serving/malformed-json'],
      [5, null, 'serving/line-too-long'],
      'Blue',
    ]);
    expect(lines[1].problem.detail).toContain('Did you mean "title"?');
    expect(lines[4].id).toBe('5');
  });

  it('takes topK from the query, and refuses a wrong one', async () => {
    const server = await serve();
    const [line] = await predictLines(server, '{"title":"red"}', '/v1/products:predict?topK=2');
    expect(line.attributes.color.alternatives).toHaveLength(2);
    for (const wrong of ['topK=many', 'contributions=2']) {
      const [refused] = await predictLines(server, '{"title":"red"}', `/v1/products:predict?${wrong}`);
      expect([refused.status, refused.code]).toEqual([422, 'serving/invalid-request']);
    }
  });

  it('answers a line at once, without waiting for the next', async () => {
    const server = await serve();
    const { request, response } = stream(server);
    request.write('{"id":"1","title":"red"}\n');
    const lines = createInterface({ input: await response })[Symbol.asyncIterator]();
    expect(JSON.parse((await lines.next()).value).id).toBe('1');
    request.end('{"id":"2","title":"red"}\n');
    expect(JSON.parse((await lines.next()).value).id).toBe('2');
    expect((await lines.next()).done).toBe(true);
  });

  it('stops reading and predicting when nobody reads the answers, and goes on when somebody does', async () => {
    let predicted = 0;
    // Answers of 20 kB fill what the sockets hold after some hundreds.
    const missing = ['x'.repeat(20_000)];
    const predictor = {
      ...keywordPredictor(),
      predict: async (products: readonly unknown[]) => {
        predicted += products.length;
        return products.map(() => ({ id: '', attributes: {}, missing }));
      },
    };
    const server = await serve({ predictor });
    const { request, response } = stream(server);
    const total = 2000;
    const line = (i: number) => `{"title":"${i} ${'x'.repeat(10_000)}"}\n`;
    const written = (async () => {
      for (let i = 0; i < total; i++)
        if (!request.write(line(i))) await new Promise((resolve) => request.once('drain', resolve));
      request.end();
    })();
    const answer = await response;
    answer.pause();
    let before = -1;
    while (before !== predicted) {
      before = predicted;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    expect(predicted).toBeGreaterThan(0);
    expect(predicted).toBeLessThan(total / 2);
    let count = 0;
    for await (const _ of createInterface({ input: answer })) count++;
    await written;
    expect(count).toBe(total);
    expect(predicted).toBe(total);
  });

  it('holds no more lines at once than there is room for, whatever they are long', async () => {
    const model = keywordPredictor();
    let open!: () => void;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const predict: typeof model.predict = async (...asked) => {
      await gate;
      return model.predict(...asked);
    };
    const predictor = { ...model, predict };
    const server = await serve({
      predictor,
      maxWaitMs: 0,
      maxBodyBytes: 150_000,
      maxReadingBytes: 2_000_000,
    });
    const line = (i: number) => `{"title":"${i}","description":"${'x'.repeat(99_900)}"}\n`;
    const body = Array.from({ length: 40 }, (_, i) => line(i)).join('');
    const all = Promise.all([predictLines(server, body), predictLines(server, body)]);
    const read = async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(/^attune_cache_misses_total\{.*\} (\d+)/m.exec(text)?.[1] ?? 0);
    };
    let before = -1;
    for (let now = 0; now === 0 || now !== before; now = await read()) {
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // Half of the room, in lines of 100 kB; whoever reads a long one has room for the longest.
    expect(before).toBeGreaterThanOrEqual(7);
    expect(before).toBeLessThanOrEqual(10);
    // The other half is there for calls.
    const call = post(`${server.url}/v1/products:predict`, { products: [{ title: 'red' }] });
    open();
    expect((await call).status).toBe(200);
    expect((await all).map((lines) => lines.length)).toEqual([40, 40]);
  });

  it('waits where a call would be refused: a stream never fills the queue', async () => {
    const server = await serve({ maxBatch: 4, maxQueued: 4 });
    const body = '{"title":"red"}\n'.repeat(200);
    const all = await Promise.all([predictLines(server, body), predictLines(server, body)]);
    expect(all.flat().filter((line) => line.attributes?.color.value === 'Red')).toHaveLength(400);
  });

  it('outlives a client that leaves in the middle', async () => {
    const server = await serve();
    const { request, response } = stream(server);
    request.on('error', () => {});
    request.write('{"title":"red"}\n{"title":');
    const answer = await response;
    answer.on('error', () => {});
    request.destroy();
    const lines = await predictLines(server, '{"title":"navy"}');
    expect(lines[0].attributes.color.value).toBe('Blue');
  });

  it('says in its line that the model failed, and goes on', async () => {
    const model = keywordPredictor();
    const predictor = {
      ...model,
      predict: async (...[products, options]: Parameters<typeof model.predict>) => {
        if (products.some(({ texts }) => texts.title === 'poison')) throw new Error('secret');
        return model.predict(products, options);
      },
    };
    const server = await serve({ predictor });
    const lines = await predictLines(
      server,
      '{"title":"red"}\n{"id":"p","title":"poison"}\n{"title":"navy"}',
    );
    expect(lines[1]).toMatchObject({ line: 2, id: 'p', problem: { code: 'serving/prediction-failed' } });
    expect(JSON.stringify(lines)).not.toContain('secret');
    expect([lines[0].attributes.color.value, lines[2].attributes.color.value]).toEqual(['Red', 'Blue']);
  });
});
