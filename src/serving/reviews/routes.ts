/** `/v1/reviews`: the queue of products that people look at. There where a store is. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Store } from '../../store/store.ts';
import {
  alikeContract,
  alikeQueryContract,
  answeredContract,
  answersContract,
  doneContract,
  releaseContract,
  reviewFiguresContract,
  skipContract,
  takeContract,
  takenContract,
  undoContract,
} from '../api/reviews.ts';
import { REFUSALS, refused } from '../documentation.ts';
import { disagreementsRoute } from './disagreements-route.ts';
import { describeQueued } from './read-queue.ts';

const TAKEN = {
  404: refused('The store has no such product or answer.'),
  409: refused('Somebody else has the product, or has said something since.'),
};
const ALIKE = 50;

export function reviewRoutes(server: FastifyInstance, store: Store): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['reviews'], operationId, summary });
  typed.get(
    '/v1/reviews',
    {
      schema: {
        ...schema(
          'reviewFigures',
          'How much waits, how often people say what the model suggested, and how often they agree',
        ),
        response: { 200: reviewFiguresContract },
      },
    },
    async () => {
      const { reviews } = store;
      const [waiting, attributes, people] = await Promise.all([
        reviews.waiting(),
        reviews.agreement(),
        reviews.peopleAgree(),
      ]);
      return { ...waiting, attributes, people };
    },
  );
  disagreementsRoute(server, store);
  typed.post(
    '/v1/reviews::take',
    {
      schema: {
        ...schema('takeReview', 'Take the products that are worth most; nobody else gets them meanwhile'),
        body: takeContract,
        response: { 200: takenContract, ...REFUSALS },
      },
    },
    async ({ body: { who, attribute, limit }, caller }) => {
      const queued = await store.reviews.take(who ?? caller.name, {
        limit,
        ...(attribute === undefined ? {} : { attribute }),
      });
      const products = await describeQueued(store, queued);
      return { products, waiting: (await store.reviews.waiting()).products };
    },
  );
  typed.post(
    '/v1/reviews::answer',
    {
      schema: {
        ...schema('answerReview', 'Say what is right; the value is in force at once'),
        body: answersContract,
        response: { 200: answeredContract, ...TAKEN, ...REFUSALS },
      },
    },
    async ({ body: { who, answers }, caller }) => {
      const ids = await store.atomically(async ({ reviews }) => {
        const made: number[] = [];
        for (const { unit = null, ...answer } of answers)
          made.push((await reviews.submit({ ...answer, unit, who: who ?? caller.name })).id);
        return made;
      });
      return { ids };
    },
  );
  typed.post(
    '/v1/reviews::skip',
    {
      schema: {
        ...schema('skipReview', 'Leave a product to others'),
        body: skipContract,
        response: { 200: doneContract, ...REFUSALS },
      },
    },
    async ({ body: { who, productId }, caller }) => {
      await store.reviews.skip(who ?? caller.name, productId);
      return {};
    },
  );
  typed.post(
    '/v1/reviews::undo',
    {
      schema: {
        ...schema('undoReview', 'Take answers back: what was in force before is in force again'),
        body: undoContract,
        response: { 200: doneContract, ...TAKEN, ...REFUSALS },
      },
    },
    async ({ body: { who, ids }, caller }) => {
      await store.atomically(async ({ reviews }) => {
        for (const id of ids) await reviews.undo(who ?? caller.name, id);
      });
      return {};
    },
  );
  typed.post(
    '/v1/reviews::release',
    {
      schema: {
        ...schema('releaseReviews', 'Give back what one has and has not answered'),
        body: releaseContract,
        response: { 200: doneContract, ...REFUSALS },
      },
    },
    async ({ body: { who }, caller }) => {
      await store.reviews.release(who ?? caller.name);
      return {};
    },
  );
  typed.get(
    '/v1/reviews/alike',
    {
      schema: {
        ...schema('reviewsAlike', 'Products that wait with the same suggestion'),
        querystring: alikeQueryContract,
        response: { 200: alikeContract },
      },
    },
    async ({ query: { who, limit = ALIKE, ...of }, caller }) => {
      const ids = await store.reviews.alike({ ...of, limit, who: who ?? caller.name });
      const products = await store.products.get(ids);
      return {
        products: ids.flatMap((id) => {
          const product = products.find((one) => one.id === id);
          return product === undefined
            ? []
            : { productId: id, category: product.category, fields: { ...product.fields } };
        }),
      };
    },
  );
}
