import type { FastifyInstance } from 'fastify';
import type { Metrics } from './observe/metrics.ts';

/** `GET /metrics`, and what it tells of requests: every one that is answered, under the address of its route. */
export function metricsRoute(server: FastifyInstance, metrics: Metrics): void {
  server.decorateRequest('answeredBy', null);
  server.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url?.replaceAll('::', ':') ?? 'none';
    const { model = '', version = '' } = request.answeredBy ?? {};
    metrics.request({ model, version, route, code: reply.statusCode }, reply.elapsedTime / 1000);
  });
  server.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The model that a request was answered by. */
    answeredBy: { readonly model: string; readonly version: string } | null;
  }
}
