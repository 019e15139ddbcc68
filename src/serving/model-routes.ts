/** Which models are served, and what an operator does with their versions. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { AttuneError, closest } from '../base/errors.ts';
import { detailContract, figuresContract, figuresPathContract } from './api/figures.ts';
import {
  loadContract,
  type ModelAnswer,
  modelContract,
  modelPathContract,
  modelsContract,
  promoteContract,
  rollBackContract,
  trafficContract,
  unloadContract,
  unloadedContract,
} from './api/models.ts';
import { noSuchModel, REFUSALS, refused } from './documentation.ts';
import type { RequestErrorCode } from './errors.ts';
import type { ModelRegistry } from './models/registry.ts';
import type { ServedModel } from './models/served-model.ts';

const WHOSE = { ...REFUSALS, 404: noSuchModel };
const CONFLICTS = { ...WHOSE, 409: refused('What is loaded does not allow it.') };

export function modelRoutes(server: FastifyInstance, models: ModelRegistry): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const described = (model: ServedModel) => describe(model, models);
  const schema = (operationId: string, summary: string) => ({ tags: ['models'], operationId, summary });
  typed.get(
    '/v1/models',
    {
      schema: {
        ...schema('listModels', 'Models, the fields they read and the attributes they give'),
        response: { 200: modelsContract },
      },
    },
    () => ({ models: models.models.map(described), failed: models.failed.map((one) => ({ ...one })) }),
  );
  typed.get(
    '/v1/models/:model',
    {
      schema: {
        ...schema('getModel', 'One model'),
        params: modelPathContract,
        response: { 200: modelContract, 404: noSuchModel },
      },
    },
    ({ params }) => described(models.model(params.model)),
  );
  typed.get(
    '/v1/models/:model/figures',
    {
      schema: {
        ...schema('modelFigures', 'How good the live version was on its test products'),
        params: modelPathContract,
        response: { 200: figuresContract, 404: noSuchModel },
      },
    },
    ({ params }) => {
      const { version, figures = [] } = models.model(params.model).live.opened;
      return { version, attributes: [...figures] };
    },
  );
  typed.get(
    '/v1/models/:model/figures/:attribute',
    {
      schema: {
        ...schema(
          'attributeFigures',
          'One attribute of the live version more closely: calibration, coverage against precision, confusions, slices',
        ),
        params: figuresPathContract,
        response: {
          200: detailContract,
          404: refused('There is no such model, or it has no such attribute.'),
        },
      },
    },
    ({ params: { model, attribute } }) => {
      const { version, predictor, details = [] } = models.model(model).live.opened;
      const names = predictor.attributes.map(({ name }) => name);
      if (!names.includes(attribute)) throw noSuchAttribute(model, attribute, names);
      return { version, detail: details.find((one) => one.attribute === attribute) ?? null };
    },
  );
  typed.post(
    '/v1/models/:model/load',
    {
      schema: {
        ...schema('loadModel', 'Load a version; the first of a model is live at once, a further one waits'),
        params: modelPathContract,
        body: loadContract,
        response: { 200: modelContract, ...WHOSE },
      },
    },
    async ({ params, body }) => {
      await models.load(params.model, body.version);
      return described(models.model(params.model));
    },
  );
  typed.post(
    '/v1/models/:model/unload',
    {
      schema: {
        ...schema('unloadModel', 'Unload a version that answers nobody, or the whole model'),
        params: modelPathContract,
        body: unloadContract,
        response: { 200: unloadedContract, ...CONFLICTS },
      },
    },
    async ({ params: { model }, body: { version } }) => ({
      name: model,
      unloaded: [...(await models.unload(model, version))],
    }),
  );
  typed.post(
    '/v1/models/:model/promote',
    {
      schema: {
        ...schema('promoteVersion', 'Let a loaded version answer from now on'),
        params: modelPathContract,
        body: promoteContract,
        response: { 200: modelContract, ...WHOSE },
      },
    },
    async ({ params, body }) => described(await models.promote(params.model, body.version)),
  );
  typed.post(
    '/v1/models/:model/rollback',
    {
      schema: {
        ...schema('rollBack', 'Let the version that was live before answer again'),
        params: modelPathContract,
        body: rollBackContract,
        response: { 200: modelContract, ...CONFLICTS },
      },
    },
    async ({ params }) => described(await models.rollBack(params.model)),
  );
  typed.put(
    '/v1/models/:model/traffic',
    {
      schema: {
        ...schema('shareTraffic', 'Give versions a share of the products, as canary or as shadow'),
        params: modelPathContract,
        body: trafficContract,
        response: { 200: modelContract, ...WHOSE },
      },
    },
    async ({ params, body: { canary, shadow } }) =>
      described(
        await models.share(params.model, { ...(canary ? { canary } : {}), ...(shadow ? { shadow } : {}) }),
      ),
  );
}

function describe(model: ServedModel, models: ModelRegistry): ModelAnswer {
  const { predictor } = model.live.opened;
  const { live, canary, shadow } = model.traffic;
  return {
    name: model.name,
    default: models.models[0] === model,
    version: live,
    previous: model.before ?? null,
    versions: [...model.versions.keys()].map((version) => {
      if (version === live) return { version, role: 'live' };
      if (version === canary?.version) return { version, role: 'canary', share: canary.share };
      if (version === shadow?.version) return { version, role: 'shadow', share: shadow.share };
      return { version, role: 'idle' };
    }),
    fields: [...predictor.fields],
    media: (predictor.mediaFields ?? []).map(({ name, kind }) => ({ name, kind })),
    cells: [...(predictor.tableFields ?? [])],
    attributes: predictor.attributes.map(({ name, kind }) => ({ name, kind })),
    ...(shadow === undefined ? {} : { shadow: model.tally.toJSON() }),
  };
}

function noSuchAttribute(model: string, attribute: string, names: readonly string[]) {
  const near = closest(attribute.slice(0, 100), names);
  return new AttuneError<RequestErrorCode>(
    'serving/attribute-not-found',
    `The model "${model}" has no attribute "${attribute.slice(0, 100)}".`,
    { hint: near === undefined ? `It has: ${names.join(', ')}.` : `Did you mean "${near}"?` },
  );
}
