/** `/v1/corrections`: what people say of products. It is in force at once, and no model overwrites it. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Response } from '../../store/review-answers.ts';
import type { Store } from '../../store/store.ts';
import {
  correctionPageContract,
  correctionQueryContract,
  correctionWriteContract,
  newCorrectionContract,
} from '../api/records.ts';
import { REFUSALS, refused } from '../documentation.ts';

export function correctionRoutes(server: FastifyInstance, store: Store): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['products'], operationId, summary });
  typed.post(
    '/v1/corrections',
    {
      schema: {
        ...schema('correct', 'Say the value of an attribute of a product'),
        body: correctionWriteContract,
        response: { 200: newCorrectionContract, 404: refused('There is no such product.'), ...REFUSALS },
      },
    },
    async ({ body: { productId, attribute, values, unit = null, who }, caller }) => {
      const answer = { productId, attribute, values, unit, who: who ?? caller.name };
      return corrected(await store.reviews.submit(answer));
    },
  );
  typed.get(
    '/v1/corrections',
    {
      schema: {
        ...schema('listCorrections', 'What people said, a page at a time'),
        querystring: correctionQueryContract,
        response: { 200: correctionPageContract },
      },
    },
    async ({ query }) => {
      const given = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
      const corrections = await store.reviews.responses(given);
      return {
        corrections: corrections.map(({ suggestion, ...said }) => ({
          ...corrected(said),
          suggested: suggestion && {
            value: Array.isArray(suggestion.value)
              ? [...suggestion.value]
              : (suggestion.value as string | number | null),
            model: suggestion.model,
            version: suggestion.version,
          },
        })),
      };
    },
  );
}

function corrected({ id, productId, attribute, values, unit, who, created }: Response) {
  return { id, productId, attribute, values: [...values], unit, who, created: created.toISOString() };
}
