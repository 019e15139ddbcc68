import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { allows } from './access/roles.ts';
import {
  anyProductContract,
  NDJSON_TYPE,
  predictLineContract,
  predictQueryContract,
  predictRequestContract,
  predictResponseContract,
} from './api/predict.ts';
import { validateAllButBody } from './bodies.ts';
import { goneSignal } from './client-gone.ts';
import { noSuchModel, REFUSALS } from './documentation.ts';
import type { Limits } from './options.ts';
import type { Call, PredictionService } from './prediction-service.ts';

/** `POST /v1/products:predict`: JSON answered by JSON, a stream of lines by a stream of lines. */
export function predictRoute(server: FastifyInstance, service: PredictionService, limits: Limits): void {
  server.withTypeProvider<ZodTypeProvider>().route({
    method: 'POST',
    // A colon is doubled, so that it is not taken for a parameter.
    url: '/v1/products::predict',
    schema: {
      tags: ['predict'],
      operationId: 'predictProducts',
      summary: 'Predict the attributes of products',
      description: `Text fields stand in the product by name; \`GET /v1/models\` lists what each model reads. For many products send \`${NDJSON_TYPE}\`, one product a line, and read while you write: answers come back one a line, in the same order, as they are ready, and a line that cannot be answered gets a problem in its place.`,
      querystring: predictQueryContract,
      // The fields of a product are those of the model that is named, so the service checks them.
      body: predictRequestContract(anyProductContract, limits.maxProducts),
      response: {
        200: {
          description: 'Predictions, in the order of the products',
          content: {
            'application/json': { schema: predictResponseContract },
            [NDJSON_TYPE]: { schema: predictLineContract },
          },
        },
        404: noSuchModel,
        ...REFUSALS,
      },
    },
    validatorCompiler: validateAllButBody,
    handler: async (request, reply) => {
      const call: Call = {
        query: request.query,
        signal: goneSignal(reply),
        mayWrite: allows(request.caller.role, 'review'),
        requestId: request.id,
        onAnswer: (by) => {
          request.answeredBy = by;
        },
        onFailure: (error) => request.log.error({ err: error }, 'a line of the stream failed'),
      };
      const body: unknown = request.body;
      if (!(body instanceof Readable)) return service.predictAll(body, call);
      const lines = streamOf(service.predictLines(body, call), call.signal);
      return (reply as FastifyReply).type(NDJSON_TYPE).send(lines);
    },
  });
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
