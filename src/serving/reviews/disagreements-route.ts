/** `/v1/reviews/disagreements`: what people said otherwise than others, to be settled. There where a store is. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Store } from '../../store/store.ts';
import { disagreementQueryContract, disagreementsContract } from '../api/reviews.ts';

const PAGE = 50;

export function disagreementsRoute(server: FastifyInstance, store: Store): void {
  server.withTypeProvider<ZodTypeProvider>().get(
    '/v1/reviews/disagreements',
    {
      schema: {
        tags: ['reviews'],
        operationId: 'disagreements',
        summary: 'Where two people said otherwise of the same product',
        querystring: disagreementQueryContract,
        response: { 200: disagreementsContract },
      },
    },
    async ({ query: { attribute, before, limit = PAGE } }) => {
      const found = await store.reviews.disagreements({
        limit,
        ...(attribute === undefined ? {} : { attribute }),
        ...(before === undefined ? {} : { before }),
      });
      return {
        disagreements: found.map(({ productId, attribute: of, answers }) => ({
          productId,
          attribute: of,
          answers: answers.map(({ values, at, ...answer }) => ({
            ...answer,
            values: [...values],
            at: at.toISOString(),
          })),
        })),
        next: found.length < limit ? null : found.at(-1)!.latest,
      };
    },
  );
}
