/**
 * The model repository extension of Triton: what is there, load, unload.
 *
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_model_repository.md
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { repositoryIndexContract } from '../api/inference.ts';
import { modelPathContract } from '../api/models.ts';
import { noSuchModel, REFUSALS } from '../documentation.ts';
import type { ModelRegistry } from '../models/registry.ts';
import { parseJson } from '../prediction-service.ts';
import { checked } from './checked.ts';

const indexRequest = z.looseObject({ ready: z.boolean().optional() });
/** A config or files of a client's own are refused: a model comes from the folders that the service was told of. */
const loadRequest = z.strictObject({ parameters: z.strictObject({}).optional() });
const unloadRequest = z.strictObject({
  parameters: z.strictObject({ unload_dependents: z.boolean().optional() }).optional(),
});
const nothing = z.strictObject({});

export function repositoryRoutes(server: FastifyInstance, models: ModelRegistry): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['repository'], operationId, summary });
  typed.post(
    '/v2/repository/index',
    {
      schema: {
        ...schema('repositoryIndex', 'Models that are loaded, and that could be'),
        body: indexRequest,
        response: { 200: repositoryIndexContract, ...REFUSALS },
      },
    },
    async (request) => {
      const { ready } = bodyOf(request, indexRequest);
      const index = (await models.index()).filter(({ loaded }) => loaded || ready !== true);
      return index.map(({ name, version, loaded }) => ({
        name,
        version,
        state: loaded ? ('READY' as const) : ('UNAVAILABLE' as const),
        reason: loaded ? '' : 'not loaded',
      }));
    },
  );
  typed.post(
    '/v2/repository/models/:model/load',
    {
      schema: {
        ...schema('repositoryLoad', 'Load the newest version of a model and let it answer'),
        params: modelPathContract,
        body: loadRequest,
        response: { 200: nothing, 404: noSuchModel, ...REFUSALS },
      },
    },
    async (request) => {
      bodyOf(request, loadRequest);
      const { model } = request.params;
      const { version } = await models.load(model);
      await models.promote(model, version);
      return {};
    },
  );
  typed.post(
    '/v2/repository/models/:model/unload',
    {
      schema: {
        ...schema('repositoryUnload', 'Unload a model with all its versions'),
        params: modelPathContract,
        body: unloadRequest,
        response: { 200: nothing, 404: noSuchModel, ...REFUSALS },
      },
    },
    async (request) => {
      bodyOf(request, unloadRequest);
      await models.unload(request.params.model);
      return {};
    },
  );
}

/** A body may be left out. */
function bodyOf<T extends z.ZodType>({ body }: Pick<FastifyRequest, 'body'>, contract: T): z.infer<T> {
  const text = (body as Buffer | null | undefined)?.toString('utf8') ?? '';
  return checked(contract, text === '' ? {} : parseJson(text, 'The body'));
}
