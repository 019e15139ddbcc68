/** `/v1/products/{id}/history`: what models and people said of a product. There where a store is. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Store } from '../../store/store.ts';
import { historyContract } from '../api/history.ts';
import { productIdContract } from '../api/records.ts';
import { refused } from '../documentation.ts';
import { notStored } from '../records/not-stored.ts';

export function historyRoute(server: FastifyInstance, store: Store): void {
  server.withTypeProvider<ZodTypeProvider>().get(
    '/v1/products/:id/history',
    {
      schema: {
        tags: ['products'],
        operationId: 'productHistory',
        summary: 'What was said of a product before',
        params: productIdContract,
        response: { 200: historyContract, 404: refused('There is no such product.') },
      },
    },
    async ({ params: { id } }) => {
      const [[product], current, past, answers] = await Promise.all([
        store.products.get([id]),
        store.predictions.of([id]),
        store.predictions.history(id),
        store.reviews.responses({ productId: id }),
      ]);
      if (product === undefined) throw notStored(id);
      return {
        alternatives: Object.fromEntries(
          current.map(({ attribute, alternatives }) => [attribute, [...alternatives]]),
        ),
        predictions: past.map(({ id: number, at, replaced, value, ...said }) => ({
          id: number,
          attribute: said.attribute,
          model: said.model,
          version: said.version,
          value: typeof value === 'object' && value !== null ? [...value] : value,
          unit: said.unit,
          notApplicable: said.notApplicable,
          confidence: said.confidence,
          status: said.status,
          shadow: said.shadow,
          at: at.toISOString(),
          replaced: replaced.toISOString(),
        })),
        answers: answers.map(({ id: number, attribute, values, unit, who, created }) => ({
          id: number,
          attribute,
          values: [...values],
          unit,
          who,
          at: created.toISOString(),
        })),
      };
    },
  );
}
