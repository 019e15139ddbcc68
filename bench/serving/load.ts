/** Load on a service, by autocannon over kept-alive connections. */
import autocannon from 'autocannon';
import type { Service } from './service.ts';

export type Load = {
  readonly connections: number;
  readonly seconds: number;
  readonly titles: readonly string[];
  /** Whether no title comes twice, so that nothing is answered from memory. */
  readonly cold: boolean;
};

export type Measured = {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
};

/** So that titles of one run are not those of another. */
let run = 0;

/** @throws Error where an answer was none */
export async function measure(
  service: Service,
  { connections, seconds, titles, cold }: Load,
): Promise<Measured> {
  run++;
  let sent = 0;
  const result = await autocannon({
    url: service.url,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        path: service.path,
        headers: { 'content-type': 'application/json' },
        setupRequest: (request) => {
          const title = titles[sent++ % titles.length]!;
          return { ...request, body: service.body(cold ? `${title} ${run}x${sent}` : title) };
        },
      },
    ],
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0)
    throw new Error(`${failed} of ${result.requests.total} requests to ${service.name} failed.`);
  return {
    requestsPerSecond: result.requests.total / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}
