import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { liveContract, readyContract } from './api/health.ts';

/** Whether the service is well, as the Open Inference Protocol asks. */
export function healthRoutes(server: FastifyInstance, isReady: () => boolean): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  typed.get(
    '/v2/health/live',
    {
      schema: {
        tags: ['health'],
        operationId: 'isLive',
        summary: 'Does the process answer?',
        response: { 200: liveContract },
      },
    },
    () => ({ live: true }),
  );
  typed.get(
    '/v2/health/ready',
    {
      schema: {
        tags: ['health'],
        operationId: 'isReady',
        summary: 'Does it take work?',
        response: { 200: readyContract, 503: readyContract },
      },
    },
    (_request, reply) => {
      const ready = isReady();
      reply.code(ready ? 200 : 503);
      return { ready };
    },
  );
}
