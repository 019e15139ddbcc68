import { connect } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { modelsContract } from '../../src/serving/api/models.ts';
import { problemContract } from '../../src/serving/api/problem.ts';
import { startServer } from '../../src/serving/server.ts';
import { predict, serve, versionOf } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';

/** A predictor that stays at work until told to finish. */
function heldPredictor() {
  const model = keywordPredictor();
  let finish!: () => void;
  const held = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let begin!: () => void;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const predicted: string[] = [];
  const predict: typeof model.predict = async (products, options) => {
    begin();
    await held;
    predicted.push(...products.map(({ texts }) => texts.title ?? ''));
    return model.predict(products, options);
  };
  return { predictor: { ...model, predict }, finish, begun, predicted };
}

/** A bare connection that has sent `text`; `ended` has all that came back once the other side closed. */
function rawConnection(url: string, text: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
  const ended = new Promise<string>((resolve, reject) => {
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
  return { socket, ended };
}

/** Resolves when the service has seen what was sent before: it reads connections in the order of their bytes. */
async function arrived(url: string): Promise<void> {
  for (let i = 0; i < 5; i++) await (await fetch(`${url}/v2/health/live`)).text();
}

/** A pino logger, as Fastify makes one, that writes to `lines`. */
const loggerTo = (lines: string[]) =>
  Fastify({ logger: { level: 'info', stream: { write: (line) => void lines.push(line) } } }).log;

describe('startServer', () => {
  it('listens on loopback unless a host is given', async () => {
    expect((await serve()).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const { url } = await serve({ host: '0.0.0.0' });
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    expect((await fetch(`${url}/v2/health/live`)).status).toBe(200);
  });

  it('says which port is taken, and which option is out of range', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(
      startServer({ models: [versionOf(keywordPredictor())], version: '1', port }),
    ).rejects.toMatchObject({
      code: 'serving/address-in-use',
      message: expect.stringContaining(String(port)),
    });
    await expect(serve({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'serving/address-unavailable' });
    await expect(serve({ maxBatch: 0 })).rejects.toMatchObject({
      code: 'serving/invalid-option',
      message: expect.stringContaining('maxBatch'),
    });
  });

  it('describes the model, its health and nothing else', async () => {
    const { url } = await serve();
    const models = await (await fetch(`${url}/v1/models`)).json();
    expect(modelsContract.parse(models).models[0]).toMatchObject({
      name: 'keywords',
      fields: ['title', 'description'],
      attributes: expect.arrayContaining([{ name: 'color', kind: 'choice' }]),
    });
    expect(await (await fetch(`${url}/v2/health/live`)).json()).toEqual({ live: true });
    expect(await (await fetch(`${url}/v2/health/ready`)).json()).toEqual({ ready: true });
  });

  it('answers 404 with the address that was meant, and 405 with the methods that are allowed', async () => {
    const { url } = await serve();
    const missing = await fetch(`${url}/v1/model`);
    const problem = problemContract.parse(await missing.json());
    expect([missing.status, problem.code, problem.hint]).toEqual([
      404,
      'serving/not-found',
      'Did you mean /v1/models?',
    ]);
    const wrong = await fetch(`${url}/v1/products:predict`);
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    problemContract.parse(await wrong.json());
    const escaped = await fetch(`${url}/v1/%zz`);
    expect(escaped.status).toBe(400);
    problemContract.parse(await escaped.json());
  });

  it('sends security headers with everything, and a policy for the page that allows only its own files', async () => {
    const { url } = await serve();
    for (const path of ['/', '/v1/models', '/nowhere', '/docs']) {
      const { headers } = await fetch(url + path);
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      expect(headers.get('content-security-policy'), path).toContain("default-src 'none'");
      expect(headers.get('content-security-policy'), path).toContain("frame-ancestors 'none'");
    }
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    const html = await page.text();
    for (const [, file] of html.matchAll(/(?:src|href)="(page\/[^"]+)"/g))
      expect((await fetch(`${url}/${file}`)).status, file).toBe(200);
    expect(html).not.toMatch(/(?:src|href)="https?:/);
  });

  it('answers what is no HTTP with a problem too', async () => {
    const { url } = await serve();
    const raw = await rawConnection(url, 'THIS IS NOT HTTP\r\n\r\n').ended;
    expect(raw).toMatch(/^HTTP\/1\.1 400 /);
    problemContract.parse(JSON.parse(raw.slice(raw.indexOf('\r\n\r\n') + 4)));
  });

  it('refuses with 429 and Retry-After when the queue is full, and takes work again afterwards', async () => {
    const { predictor, finish, begun } = heldPredictor();
    const server = await serve({ predictor, maxBatch: 1, maxQueued: 2, maxWaitMs: 0 });
    const taken = predict(server, { products: [{ title: 'red' }] });
    await begun;
    // One of these fills the queue; whichever comes second is refused.
    const two = ['a', 'b'].map((title) =>
      predict(server, { products: [{ title }, { title: `${title} too` }] }),
    );
    const refused = await Promise.race(two);
    expect([refused.status, refused.json.code]).toEqual([429, 'serving/queue-full']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    finish();
    const all = await Promise.all([taken, ...two]);
    expect(all.map(({ status }) => status).sort()).toEqual([200, 200, 429]);
    expect((await predict(server, { products: [{}] })).status).toBe(200);
  });

  it('drops what is waiting for a client that has gone', async () => {
    const { predictor, finish, begun, predicted } = heldPredictor();
    const server = await serve({ predictor, maxBatch: 1, maxWaitMs: 0 });
    const first = predict(server, { products: [{ title: 'first' }] });
    await begun;
    const body = JSON.stringify({ products: [{ title: 'left' }, { title: 'left too' }] });
    const leaving = rawConnection(
      server.url,
      `POST /v1/products:predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await arrived(server.url);
    leaving.socket.destroy();
    await arrived(server.url);
    const last = predict(server, { products: [{ title: 'last' }] });
    finish();
    expect([(await first).status, (await last).status]).toEqual([200, 200]);
    expect(predicted).toEqual(['first', 'last']);
  });

  it('closes after it has finished what it took, and takes nothing more', async () => {
    const { predictor, finish, begun } = heldPredictor();
    const server = await serve({ predictor });
    const taken = predict(server, { products: [{ title: 'red' }] });
    await begun;
    const closed = server.close();
    await expect(fetch(`${server.url}/v2/health/live`)).rejects.toThrow();
    finish();
    const { status, json } = await taken;
    expect([status, json.predictions[0].attributes.color.value]).toEqual([200, 'Red']);
    await closed;
    await server.close();
  });

  it('cuts off at the deadline what does not finish', async () => {
    const { predictor, begun } = heldPredictor();
    const server = await serve({ predictor, closeTimeoutMs: 50 });
    const taken = predict(server, { products: [{}] });
    const failed = expect(taken).rejects.toThrow();
    await begun;
    await server.close();
    await failed;
  });

  it('refuses with a problem what arrives on an open connection while it closes', async () => {
    const { predictor, finish, begun } = heldPredictor();
    const server = await serve({ predictor });
    const taken = predict(server, { products: [{}] });
    const late = rawConnection(server.url, 'GET /v1/models HTTP/1.1\r\n');
    await begun;
    await arrived(server.url);
    const closed = server.close();
    late.socket.write('host: localhost\r\n\r\n');
    const answer = await late.ended;
    expect(answer).toMatch(/^HTTP\/1\.1 503 .*retry-after: 1\r\n/is);
    expect(answer).toContain('serving/shutting-down');
    finish();
    expect((await taken).status).toBe(200);
    await closed;
  });

  it('closes a connection on which nothing moves', async () => {
    const { url } = await serve({ idleTimeoutMs: 50 });
    const half = 'POST /v1/products:predict HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n';
    const idle = rawConnection(url, `${half}content-type: application/json\r\n\r\n{`);
    await idle.ended;
  });

  it('logs why a model failed, under the id that the client was given, and no texts', async () => {
    const lines: string[] = [];
    const predictor = { ...keywordPredictor(), predict: () => Promise.reject(new Error('weights are gone')) };
    const server = await serve({ predictor, logger: loggerTo(lines) });
    const { json } = await predict(server, { products: [{ title: 'a private title' }] });
    const id = json.instance.slice('urn:uuid:'.length);
    expect(lines.find((line) => line.includes('weights are gone'))).toContain(id);
    expect(lines.join('\n')).not.toContain('private');
  });

  it('closes when its signal aborts', async () => {
    const stop = new AbortController();
    const server = await serve({ signal: stop.signal });
    stop.abort();
    await server.close();
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
