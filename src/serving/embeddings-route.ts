import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { embeddingsRequestContract, embeddingsResponseContract } from './api/embeddings.ts';
import { REFUSALS } from './documentation.ts';
import type { TextEmbedder } from './text-embedder.ts';

/** `POST /v1/embeddings`: there where a text encoder is. */
export function embeddingsRoute(server: FastifyInstance, { name, embed }: TextEmbedder): void {
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
    async ({ body: { input, model = name, encoding_format } }) => {
      const vectors = await embed([input].flat());
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
