import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { trafficContract } from './api/traffic.ts';
import type { Metrics } from './observe/metrics.ts';

/** `GET /metrics`, the same counted together for the page, and what it tells of requests: every one that is answered, under the address of its route. */
export function metricsRoute(server: FastifyInstance, metrics: Metrics): void {
  server.decorateRequest('answeredBy', null);
  server.addHook('onResponse', async (request, reply) => {
    const route = routeOf(request.routeOptions.url);
    const { model = '', version = '' } = request.answeredBy ?? {};
    metrics.request({ model, version, route, code: reply.statusCode }, reply.elapsedTime / 1000);
  });
  server.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
}

/** Registered after the document that it stands in. */
export function trafficRoute(server: FastifyInstance, metrics: Metrics): void {
  server.withTypeProvider<ZodTypeProvider>().get(
    '/v1/traffic',
    {
      schema: {
        tags: ['monitoring'],
        operationId: 'traffic',
        summary: 'What this process was asked since it started: requests, failures, latency, answers',
        response: { 200: trafficContract },
      },
    },
    () => metrics.traffic(),
  );
}

/** Files of the page are named anew with each build: they count as one. */
function routeOf(url: string | undefined): string {
  if (url === undefined) return 'none';
  return url.startsWith('/page/') ? '/page/*' : url.replaceAll('::', ':');
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The model that a request was answered by. */
    answeredBy: { readonly model: string; readonly version: string } | null;
  }
}
