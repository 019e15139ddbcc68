/** What the tests of the service share: a server for a test, and a client. */
import { afterEach } from 'vitest';
import type { ServerOptions } from '../../src/serving/options.ts';
import { type RunningServer, startServer } from '../../src/serving/server.ts';
import { keywordPredictor } from './keyword-predictor.ts';

const running: RunningServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** A server on a free port, closed after the test. */
export async function serve(options: Partial<Omit<ServerOptions, 'port'>> = {}): Promise<RunningServer> {
  const server = await startServer({ predictor: keywordPredictor(), port: 0, ...options });
  running.push(server);
  return server;
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape, and fail when they read wrong
export type Json = any;

export type Answer = { readonly status: number; readonly headers: Headers; readonly json: Json };

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

export const predict = ({ url }: RunningServer, body: unknown, headers?: Record<string, string>) =>
  post(`${url}/v1/products:predict`, body, headers);
