import { describe, expect, it } from 'vitest';
import { HTTP_STATUS, SERVING_ERRORS } from '../../src/serving/errors.ts';
import { type Json, serve } from './http.ts';

async function openapi(): Promise<Json> {
  const { url } = await serve();
  return (await fetch(`${url}/openapi.json`)).json();
}

/** Every `$ref` in a document. */
function references(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' ? [String(value)] : references(value),
  );
}

describe('GET /openapi.json', () => {
  it('is OpenAPI 3.1 and describes each call', async () => {
    const document = await openapi();
    expect(document.openapi).toMatch(/^3\.1\./);
    expect(Object.keys(document.paths).sort()).toEqual([
      '/v1/models',
      '/v1/models/{model}',
      '/v1/models/{model}/figures',
      '/v1/models/{model}/figures/{attribute}',
      '/v1/models/{model}/load',
      '/v1/models/{model}/promote',
      '/v1/models/{model}/rollback',
      '/v1/models/{model}/traffic',
      '/v1/models/{model}/unload',
      '/v1/products:predict',
      '/v1/traffic',
      '/v2',
      '/v2/health/live',
      '/v2/health/ready',
      '/v2/models/{model}',
      '/v2/models/{model}/infer',
      '/v2/models/{model}/ready',
      '/v2/models/{model}/versions/{version}',
      '/v2/models/{model}/versions/{version}/infer',
      '/v2/models/{model}/versions/{version}/ready',
      '/v2/repository/index',
      '/v2/repository/models/{model}/load',
      '/v2/repository/models/{model}/unload',
    ]);
    for (const reference of references(document))
      expect(document.components.schemas).toHaveProperty([reference.replace('#/components/schemas/', '')]);
    expect(Object.keys(document.components.schemas).sort()).toEqual([
      'Model',
      'Prediction',
      'PredictionLine',
      'Problem',
      'ProductInput',
    ]);
  });

  it("names the model's own fields, both content types, and the problems", async () => {
    const document = await openapi();
    const call = document.paths['/v1/products:predict'].post;
    expect(Object.keys(call.requestBody.content)).toEqual(['application/json', 'application/x-ndjson']);
    const product = document.components.schemas.ProductInput;
    expect(Object.keys(product.properties)).toEqual(['title', 'description', 'id', 'category', 'texts']);
    expect(product.additionalProperties).toBe(false);
    expect(product.properties.category.description).toBe('Where the product stands in the catalog.');
    const list = call.requestBody.content['application/json'].schema.properties.products;
    expect(list).toMatchObject({
      minItems: 1,
      maxItems: 1000,
      items: { $ref: '#/components/schemas/ProductInput' },
    });
    expect(Object.keys(call.responses['200'].content)).toEqual(['application/json', 'application/x-ndjson']);
    for (const status of ['400', '413', '415', '422', '429', '500', '503'])
      expect(call.responses[status].content['application/problem+json'].schema).toEqual({
        $ref: '#/components/schemas/Problem',
      });
    expect(call.parameters).toEqual([
      expect.objectContaining({ name: 'model', in: 'query', required: false }),
      expect.objectContaining({ name: 'version', in: 'query', required: false }),
      expect.objectContaining({
        name: 'topK',
        in: 'query',
        required: false,
        schema: expect.objectContaining({ type: 'integer', minimum: 0, maximum: 50 }),
      }),
      expect.objectContaining({
        name: 'contributions',
        in: 'query',
        required: false,
        schema: expect.objectContaining({ enum: ['true', 'false'] }),
        description: expect.stringContaining('a further pass over the products for each set of modalities'),
      }),
      expect.objectContaining({ name: 'keep', in: 'query', required: false }),
    ]);
  });
});

describe('/docs', () => {
  it('is a page made of files of ours, the document too', async () => {
    const { url } = await serve();
    const html = await (await fetch(`${url}/docs`)).text();
    const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      expect(file).toMatch(/^\/docs\//);
      expect((await fetch(url + file)).status, file).toBe(200);
    }
    expect((await fetch(`${url}/docs/json`)).status).toBe(200);
  });
});

describe('the table of errors', () => {
  it('gives each code of a request a 4xx or 5xx status, and a sentence', () => {
    for (const [code, status] of Object.entries(HTTP_STATUS)) {
      expect(status, code).toBeGreaterThanOrEqual(400);
      expect(SERVING_ERRORS[code as keyof typeof SERVING_ERRORS], code).toMatch(/^[A-Z].*\.$/);
    }
  });
});
