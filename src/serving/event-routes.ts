/** `/v1/events`: what shoppers did, and `/v1/reviews:raise`: what it says of products goes first in the queue. There where a store is. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { raiseReviews } from '../monitoring/behaviour/raise-reviews.ts';
import type { Store } from '../store/store.ts';
import { eventsAddedContract, eventsWriteContract, raiseContract, raisedContract } from './api/events.ts';
import { REFUSALS } from './documentation.ts';

export function eventRoutes(server: FastifyInstance, store: Store): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  typed.post(
    '/v1/events',
    {
      schema: {
        tags: ['events'],
        operationId: 'addEvents',
        summary: 'Keep what shoppers did',
        body: eventsWriteContract,
        response: { 200: eventsAddedContract, ...REFUSALS },
      },
    },
    async ({ body: { events } }) =>
      store.events.add(
        events.map(({ at, kind, reason, ...event }) => ({
          at: new Date(at),
          kind,
          productId: event.productId ?? null,
          shopper: event.shopper ?? null,
          session: event.session ?? null,
          query: event.query ?? null,
          quantity: event.quantity ?? null,
          price: event.price ?? null,
          key: event.key ?? null,
          details: reason === undefined ? {} : { reason },
        })),
      ),
  );
  typed.post(
    '/v1/reviews::raise',
    {
      schema: {
        tags: ['reviews'],
        operationId: 'raiseReviews',
        summary: 'Put first what shoppers return or find otherwise than it is described',
        body: raiseContract,
        response: { 200: raisedContract, ...REFUSALS },
      },
    },
    async ({ body: { days } }) => {
      const { unfound, ...raised } = await raiseReviews(store, { days });
      return { ...raised, unfound: { ...unfound, queries: [...unfound.queries], words: [...unfound.words] } };
    },
  );
}
