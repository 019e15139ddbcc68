import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Predictor } from '../prediction/prediction.ts';
import { liveContract, readyContract } from './api/health.ts';
import { modelsContract } from './api/models.ts';

/** What is served, and whether it is well. */
export function modelRoutes(server: FastifyInstance, predictor: Predictor, isReady: () => boolean): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  typed.get(
    '/v1/models',
    {
      schema: {
        tags: ['models'],
        operationId: 'listModels',
        summary: 'Models, the fields they read and the attributes they give',
        response: { 200: modelsContract },
      },
    },
    () => ({
      models: [
        {
          name: predictor.name,
          fields: [...predictor.fields],
          media: (predictor.mediaFields ?? []).map(({ name, kind }) => ({ name, kind })),
          cells: [...(predictor.tableFields ?? [])],
          attributes: predictor.attributes.map(({ name, kind }) => ({ name, kind })),
        },
      ],
    }),
  );
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
