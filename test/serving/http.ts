/** What the tests of the service share: a server for a test, and a client. */
import { afterEach } from 'vitest';
import type { Predictor } from '../../src/prediction/prediction.ts';
import type { OpenedVersion } from '../../src/serving/models/opened-version.ts';
import type { ServerOptions } from '../../src/serving/options.ts';
import { type RunningServer, startServer } from '../../src/serving/server.ts';
import { keywordPredictor } from './keyword-predictor.ts';

const running: RunningServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** A predictor as a version that is served. */
export function versionOf(
  predictor: Predictor,
  { version = '1', ...other }: Partial<OpenedVersion> = {},
): OpenedVersion {
  const identity = `${predictor.name}:${version}`;
  return { name: predictor.name, version, identity, predictor, close: async () => {}, ...other };
}

type Options = Partial<Omit<ServerOptions, 'port' | 'version'>> & { readonly predictor?: Predictor };

/** A server on a free port, closed after the test; of one predictor unless models are given. */
export async function serve({
  predictor = keywordPredictor(),
  ...options
}: Options = {}): Promise<RunningServer> {
  const server = await startServer({
    models: [versionOf(predictor)],
    version: '1.2.3',
    port: 0,
    withoutKeys: true,
    ...options,
  });
  running.push(server);
  return server;
}

// biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape, and fail when they read wrong
export type Json = any;

export type Answer = { readonly status: number; readonly headers: Headers; readonly json: Json };

export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

export const predict = ({ url }: RunningServer, body: unknown, headers?: Record<string, string>) =>
  post(`${url}/v1/products:predict`, body, headers);
