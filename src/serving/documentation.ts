/** OpenAPI 3.1 from the contracts that check the requests, and a page to try it. */
import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { modelContract } from './api/models.ts';
import {
  anyProductContract,
  NDJSON_TYPE,
  predictionContract,
  predictLineContract,
  RESERVED_NAMES,
} from './api/predict.ts';
import { PROBLEM_TYPE, problemContract } from './api/problem.ts';
import type { ModelRegistry } from './models/registry.ts';

export const refused = (description: string) => ({
  description,
  content: { [PROBLEM_TYPE]: { schema: problemContract } },
});

/** How a call that takes a body is refused, whatever the call. */
export const REFUSALS = {
  400: refused('The body is not JSON, or the request no proper HTTP.'),
  413: refused('The body is too large.'),
  415: refused('The content type or encoding is not read.'),
  422: refused(
    'The body has another form than the call takes: an unknown field, a wrong type, too many products.',
  ),
  429: refused('Too much waits already; `Retry-After` says when to try again.'),
  500: refused('The model or the service failed.'),
  503: refused('The service is closing.'),
};

export const noSuchModel = refused('There is no such model, or no such version of it.');

/** Registers the plugins; routes added afterwards are in the document unless their schema says `hide`. */
export async function documentation(server: FastifyInstance, models: ModelRegistry): Promise<void> {
  const names = z.registry<{ id?: string | undefined }>();
  names.add(anyProductContract, { id: 'Product' });
  names.add(modelContract, { id: 'Model' });
  names.add(predictionContract, { id: 'Prediction' });
  names.add(problemContract, { id: 'Problem' });
  names.add(predictLineContract, { id: 'PredictionLine' });
  const options = { schemaRegistry: names, zodToJsonConfig: { override: describe } };
  const named = createJsonSchemaTransformObject(options);
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Attune', version: '1', description: 'Predicts the attributes of products.' },
    },
    transform: createJsonSchemaTransform(options),
    transformObject: (document) => withoutUnused(named(document)),
  });
  const current = (): OpenApi => ofModels(structuredClone(server.swagger()) as OpenApi, models);
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    transformSpecification: () => current() as Readonly<Record<string, unknown>>,
    staticCSP: {
      'default-src': ["'none'"],
      'connect-src': ["'self'"],
      'font-src': ['data:'],
      'img-src': ["'self'", 'data:'],
      'script-src': ["'self'"],
      // Swagger UI sets styles in attributes.
      'style-src': ["'self'", "'unsafe-inline'"],
      'base-uri': ["'none'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    },
    theme: { title: 'Attune: the API' },
    uiConfig: { layout: 'BaseLayout', tryItOutEnabled: true, defaultModelsExpandDepth: 0 },
  });
  server.get('/openapi.json', { schema: { hide: true } }, current);
}

type OpenApi = ReturnType<SwaggerTransformObject>;

const SCHEMAS = '#/components/schemas/';
const PRODUCT = 'ProductInput';

/** What a route's schema has no place to say: the products of the models that are served now, bodies of lines, and a body to try. */
function ofModels(document: OpenApi, { models }: ModelRegistry): OpenApi {
  const products = models.map(({ name, live }) => ({
    title: name,
    ...z.toJSONSchema(live.productContract, { io: 'input', override: describe }),
    $schema: undefined,
  }));
  const schemas = 'components' in document ? document.components?.schemas : undefined;
  if (schemas !== undefined)
    Object.assign(schemas, { [PRODUCT]: products.length > 1 ? { anyOf: products } : (products[0] ?? {}) });
  for (const [method, operation] of operationsOf(document)) {
    refusable(operation, method !== 'get');
    // Clients of the repository may leave the body out.
    if (operation.tags?.includes('repository') && operation.requestBody !== undefined)
      Object.assign(operation.requestBody, { required: false });
  }
  const fields = models[0]?.live.opened.predictor.fields ?? [];
  for (const { post } of Object.values(document.paths ?? {}).map((path) => path ?? {})) {
    const answers = post?.responses?.['200'];
    const body = post?.requestBody;
    if (answers === undefined || !('content' in answers) || body === undefined || !('content' in body))
      continue;
    if (answers.content?.[NDJSON_TYPE] === undefined) continue;
    const field = fields.find((name) => !RESERVED_NAMES.includes(name));
    const example = {
      id: 'A1',
      ...(field === undefined ? {} : { [field]: 'Navy cotton shirt, slim fit, 180 g' }),
    };
    Object.assign(body.content['application/json'] ?? {}, { example: { products: [example], topK: 3 } });
    body.content[NDJSON_TYPE] = { schema: { $ref: `${SCHEMAS}${PRODUCT}` }, example };
  }
  return document;
}

type Operation = {
  readonly tags?: readonly string[];
  readonly requestBody?: object;
  responses?: Record<string, object>;
};

function operationsOf({ paths = {} }: OpenApi): readonly (readonly [string, Operation])[] {
  return Object.values(paths).flatMap((path) => Object.entries((path ?? {}) as Record<string, Operation>));
}

/** How any call may be refused, whatever it says of itself. */
const ANY_REFUSAL: Readonly<Record<string, string>> = {
  400: 'The request is no proper HTTP, or an address too long.',
  401: 'Keys are set, and none that is known was sent.',
  403: 'The key that was sent has not the role that the call needs.',
  422: 'The address, the query or the body has another form than the call takes.',
  429: 'Too many calls, or too much waits; `Retry-After` says when to try again.',
  500: 'The service failed.',
  503: 'The service is closing, or its database is away.',
};

/** What may be said of a call that changes something, too. */
const WRITE_REFUSAL: Readonly<Record<string, string>> = {
  404: 'What is named is not there.',
  409: 'Something else is under way, or stands against it.',
};

function refusable(operation: Operation, writes: boolean): void {
  const refusals = Object.entries({ ...ANY_REFUSAL, ...(writes ? WRITE_REFUSAL : {}) });
  const all = refusals.map(([status, description]) => [
    status,
    { description, content: { [PROBLEM_TYPE]: { schema: { $ref: `${SCHEMAS}Problem` } } } },
  ]);
  operation.responses = { ...(Object.fromEntries(all) as Record<string, object>), ...operation.responses };
}

/** Every named schema is generated as it is sent and as it is received; those that nothing refers to go. */
function withoutUnused(document: OpenApi): OpenApi {
  const all: Record<string, unknown> =
    ('components' in document ? document.components?.schemas : undefined) ?? {};
  const used = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key !== '$ref' || typeof value !== 'string') {
        visit(value);
        continue;
      }
      const name = value.slice(SCHEMAS.length);
      if (used.has(name)) continue;
      used.add(name);
      visit(all[name]);
    }
  };
  visit(document.paths);
  for (const name of Object.keys(all)) if (!used.has(name)) delete all[name];
  return document;
}

/** The contracts' own descriptions; without this only those in `names` would be looked up. */
function describe({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: object }): void {
  const description = z.globalRegistry.get(zodSchema as z.ZodType)?.description;
  if (description !== undefined) Object.assign(jsonSchema, { description });
}
