/** `/v1/pictures/{hash}`: small copies of pictures that were sent. There where a store is. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AttuneError } from '../../base/errors.ts';
import type { Store } from '../../store/store.ts';
import { picturePathContract } from '../api/records.ts';
import { refused } from '../documentation.ts';
import type { RequestErrorCode } from '../errors.ts';

export function pictureRoute(server: FastifyInstance, store: Store): void {
  server.withTypeProvider<ZodTypeProvider>().get(
    '/v1/pictures/:hash',
    {
      schema: {
        tags: ['products'],
        operationId: 'getPicture',
        summary: 'A small copy of a picture that was sent with a product',
        params: picturePathContract,
        response: {
          200: { description: 'A JPEG.', content: { 'image/jpeg': { schema: z.any() } } },
          404: refused('No copy of it is kept.'),
        },
      },
    },
    async ({ params: { hash } }, reply) => {
      const jpeg = await store.pictures.get(hash);
      if (jpeg === undefined) throw notKept(hash);
      // It is what it is for ever; who has no key any more has no cache to share either.
      return reply
        .type('image/jpeg')
        .header('cache-control', 'private, max-age=31536000, immutable')
        .send(Buffer.from(jpeg));
    },
  );
}

function notKept(hash: string) {
  return new AttuneError<RequestErrorCode>(
    'serving/picture-not-found',
    `No copy of the picture ${hash} is kept.`,
    { hint: 'Copies are made of pictures that are sent as bytes, with a product that has an id.' },
  );
}
