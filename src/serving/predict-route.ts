import { setMaxListeners } from 'node:events';
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  NDJSON_TYPE,
  predictLineContract,
  predictQueryContract,
  predictResponseContract,
} from './api/predict.ts';
import { REFUSALS } from './documentation.ts';
import type { Call, PredictionService } from './prediction-service.ts';

/** `POST /v1/products:predict`: JSON answered by JSON, a stream of lines by a stream of lines. */
export function predictRoute(server: FastifyInstance, service: PredictionService): void {
  server.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    // A colon is doubled, so that it is not taken for a parameter.
    url: '/v1/products::predict',
    schema: {
      tags: ['predict'],
      operationId: 'predictProducts',
      summary: 'Predict the attributes of products',
      description: `Text fields stand in the product by name; the model reads ${service.predictor.fields.join(', ')}. For many products send \`${NDJSON_TYPE}\`, one product a line, and read while you write: answers come back one a line, in the same order, as they are ready, and a line that cannot be answered gets a problem in its place.`,
      querystring: predictQueryContract,
      body: service.requestContract,
      response: {
        200: {
          description: 'Predictions, in the order of the products',
          content: {
            'application/json': { schema: predictResponseContract },
            [NDJSON_TYPE]: { schema: predictLineContract },
          },
        },
        ...REFUSALS,
      },
    },
    handler: async (request, reply) => {
      const { body } = request;
      const call: Call = {
        topK: (body instanceof Readable ? undefined : body.topK) ?? request.query.topK ?? 0,
        contributions:
          (body instanceof Readable ? undefined : body.contributions) ?? request.query.contributions ?? false,
        signal: goneSignal(reply),
        requestId: request.id,
        onFailure: (error) => request.log.error({ err: error }, 'a line of the stream failed'),
      };
      if (body instanceof Readable) {
        const lines = streamOf(service.predictLines(body, call), call.signal);
        return (reply as FastifyReply).type(NDJSON_TYPE).send(lines);
      }
      return {
        model: service.predictor.name,
        predictions: [...(await service.predictAll(body.products, call))],
      };
    },
  });
}

/** Aborts when the connection closes before the answer is out. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  // Every line under way listens.
  setMaxListeners(0, gone.signal);
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Bytes as they are asked for; a stream whose client is gone ends in silence. */
function streamOf(lines: AsyncIterable<string>, gone: AbortSignal): Readable {
  async function* unlessGone() {
    try {
      yield* lines;
    } catch (error) {
      if (!gone.aborted) throw error;
    }
  }
  return Readable.from(unlessGone(), { objectMode: false });
}
