import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { embeddingsRequestContract, embeddingsResponseContract } from './api/embeddings.ts';
import { clientGone, goneSignal } from './client-gone.ts';
import { REFUSALS } from './documentation.ts';
import type { Limits } from './options.ts';
import type { TextEmbedder } from './text-embedder.ts';
import { TextQueue } from './text-queue.ts';

/** `POST /v1/embeddings`: there where a text encoder is. */
export function embeddingsRoute(
  server: FastifyInstance,
  embedder: TextEmbedder,
  limits: Pick<Limits, 'maxQueued' | 'maxQueuedCharacters'>,
): void {
  const queue = new TextQueue(embedder, limits);
  server.withTypeProvider<ZodTypeProvider>().post(
    '/v1/embeddings',
    {
      schema: {
        tags: ['embeddings'],
        operationId: 'embed',
        summary: 'Vectors of texts',
        body: embeddingsRequestContract,
        response: { 200: embeddingsResponseContract, ...REFUSALS },
      },
    },
    async ({ body: { input, model = embedder.name, encoding_format } }, reply) => {
      const signal = goneSignal(reply);
      const vectors = await queue.embed([input].flat(), signal).catch((error: unknown) => {
        throw signal.aborted ? clientGone() : error;
      });
      return {
        object: 'list' as const,
        model,
        data: vectors.map((vector, index) => ({
          object: 'embedding' as const,
          index,
          embedding: encoding_format === 'base64' ? base64Of(vector) : [...vector],
        })),
        usage: { prompt_tokens: 0, total_tokens: 0 },
      };
    },
  );
}

function base64Of({ buffer, byteOffset, byteLength }: Float32Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
