import { describe, expect, it } from 'vitest';
import { predictResponseContract } from '../../src/serving/api/predict.ts';
import { problemContract } from '../../src/serving/api/problem.ts';
import { predict, serve } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';

describe('POST /v1/products:predict', () => {
  it('predicts each product in order, with value, confidence, status, evidence and what is missing', async () => {
    const server = await serve();
    const { status, json, headers } = await predict(server, {
      products: [
        { id: 'A1', title: 'Norda shirt in navy cotton', description: 'Weighs 180 g.' },
        { id: 7, title: 'Trousers' },
      ],
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('application/json');
    predictResponseContract.parse(json);
    expect(json.model).toBe('keywords');
    expect(json.predictions.map(({ id }: { id: string }) => id)).toEqual(['A1', '7']);
    const [first, second] = json.predictions;
    expect(first.attributes.color).toEqual({
      value: 'Blue',
      confidence: 0.97,
      status: 'auto',
      source: 'model',
      evidence: [{ field: 'title', start: 15, end: 19, text: 'navy' }],
      alternatives: [],
      notApplicable: false,
    });
    expect(first.attributes.material.value).toEqual(['cotton']);
    expect(first.attributes.weight).toMatchObject({ value: 180, unit: 'g', status: 'review' });
    expect(first.missing).toEqual([]);
    expect(second.attributes.sleeve).toMatchObject({ value: null, notApplicable: true });
    expect(second.missing).toEqual(['color']);
  });

  it('lists as many alternatives as each call asked for, though calls share a batch', async () => {
    const server = await serve({ maxWaitMs: 50 });
    const ask = (topK?: number) =>
      predict(server, { products: [{ title: 'red' }], ...(topK ? { topK } : {}) });
    const answers = await Promise.all([ask(), ask(1), ask(3)]);
    expect(answers.map(({ json }) => json.predictions[0].attributes.color.alternatives.length)).toEqual([
      0, 1, 3,
    ]);
  });

  it('takes texts in the long form too, and null and empty texts as missing: the model abstains', async () => {
    const server = await serve();
    const { status, json } = await predict(server, {
      products: [{ texts: { title: 'red' } }, { title: null, description: '' }, {}],
    });
    expect(status).toBe(200);
    expect(json.predictions[0].attributes.color.value).toBe('Red');
    for (const i of [1, 2]) {
      expect(json.predictions[i].id).toBeNull();
      expect(json.predictions[i].attributes.color).toMatchObject({ value: null, status: 'abstain' });
    }
  });

  it('reads a field whose name is taken from `texts`, and says so in the contract', async () => {
    const seen: unknown[] = [];
    const predictor = {
      ...keywordPredictor(),
      fields: ['title', 'category'],
      predict: async (products: readonly unknown[]) => {
        seen.push(...products);
        return products.map(() => ({ id: '', attributes: {}, missing: [] }));
      },
    };
    const server = await serve({ predictor });
    await predict(server, { products: [{ category: 'Shoes', title: 'a', texts: { category: 'b' } }] });
    expect(seen).toEqual([{ category: 'Shoes', texts: { title: 'a', category: 'b' } }]);
  });

  it('gives places that JavaScript slices right, after emoji and in right-to-left text', async () => {
    const server = await serve();
    const title = '🧥👨‍👩‍👧 معطف أحمر with linen';
    const { json } = await predict(server, { products: [{ title }] });
    const { color, material } = json.predictions[0].attributes;
    expect(color.value).toBe('Red');
    for (const { start, end, text } of [...color.evidence, ...material.evidence])
      expect(title.slice(start, end)).toBe(text);
  });

  it('takes a text of 10 MB', async () => {
    const server = await serve();
    const description = `${'plain words '.repeat(875_000)} crimson`;
    const { status, json } = await predict(server, { products: [{ description }] });
    expect(status).toBe(200);
    expect(json.predictions[0].attributes.color.evidence[0].text).toBe('crimson');
  });

  it('refuses an unknown field with the one that was meant and those that there are', async () => {
    const server = await serve();
    const { status, json, headers } = await predict(server, { products: [{ title: 'a' }, { titel: 'b' }] });
    expect(status).toBe(422);
    expect(headers.get('content-type')).toContain('application/problem+json');
    problemContract.parse(json);
    expect(json.code).toBe('serving/unknown-field');
    expect(json.detail).toBe(
      '"products[1].titel" is not a field of the model "keywords". Did you mean "title"? A product has: title, description, id, category, texts.',
    );
    expect(json.errors).toEqual([{ pointer: '#/products/1/titel', detail: json.detail }]);
    expect(json.instance).toBe(`urn:uuid:${headers.get('x-request-id')}`);
  });

  it.each([
    ['a number for a text', { products: [{ title: 42 }] }, '"products[0].title" must be a text. Got 42.'],
    [
      'a list for a text',
      { products: [{ title: ['a'] }] },
      '"products[0].title" must be a text. Got a list of 1.',
    ],
    ['no products', {}, '"products" must be a list. It is missing.'],
    [
      'an empty list',
      { products: [] },
      '"products" must be a list whose length is at least 1. Got a list of 0.',
    ],
    ['a list as the body', [], 'The body must be an object, {"name": value}. Got a list of 0.'],
    ['null as the body', null, 'The body must be an object, {"name": value}. Got null.'],
    ['half a product', { products: [null] }, '"products[0]" must be an object, {"name": value}. Got null.'],
    ['too high a topK', { products: [{}], topK: 51 }, '"topK" must be at most 50. Got 51.'],
    [
      'a fraction as id',
      { products: [{ id: 1.5 }] },
      '"products[0].id" must be a text or a whole number. Got 1.5.',
    ],
    [
      'a text given twice',
      { products: [{ title: 'a', texts: { title: 'b' } }] },
      '"products[0].texts.title" is given twice.',
    ],
    [
      'a name of the body',
      { product: [{}], products: [{}] },
      'The body has an unknown name, "product". Did you mean "products"? Known are: products, model, version, topK, contributions, keep.',
    ],
  ])('refuses %s, saying what it got', async (_what, body, detail) => {
    const server = await serve();
    const { status, json } = await predict(server, body);
    expect([status, json.detail]).toEqual([422, detail]);
    problemContract.parse(json);
  });

  it('lists several faults, at most 20', async () => {
    const server = await serve();
    const { json } = await predict(server, { products: Array.from({ length: 30 }, () => ({ title: 1 })) });
    expect(json.errors).toHaveLength(20);
    expect(json.detail).toContain('29 more');
  });

  it('refuses a name that would reach a prototype as any unknown field', async () => {
    const server = await serve();
    const { status, json } = await predict(server, '{"products":[{"__proto__":{"title":"red"}}]}');
    expect([status, json.code]).toEqual([422, 'serving/unknown-field']);
  });

  it('refuses JSON that is broken, nested a hundred thousand deep, or no JSON at all', async () => {
    const server = await serve();
    const broken = await predict(server, '{"products": [}');
    expect([broken.status, broken.json.code]).toEqual([400, 'serving/malformed-json']);
    expect(broken.json.detail).toContain("Unexpected token '}'");
    const deep = await predict(
      server,
      `{"products":[{"title":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`,
    );
    expect(deep.status).toBe(422);
    const empty = await predict(server, '');
    expect([empty.status, empty.json.code]).toEqual([400, 'serving/malformed-json']);
    expect((await predict(server, '\uFEFF{"products":[{}]}')).status).toBe(200);
  });

  it('refuses a body, and a list, that are too long', async () => {
    const server = await serve({ maxBodyBytes: 1000, maxProducts: 3 });
    const long = await predict(server, { products: [{ title: 'x'.repeat(1000) }] });
    expect([long.status, long.json.code]).toEqual([413, 'serving/body-too-large']);
    expect(long.json.detail).toContain('1000 bytes');
    const many = await predict(server, { products: [{}, {}, {}, {}] });
    expect([many.status, many.json.code]).toEqual([422, 'serving/too-many-products']);
    expect(many.json.detail).toBe('One call takes 3 products. Got 4.');
    expect(many.json.hint).toContain('application/x-ndjson');
    expect((await predict(server, { products: [{}, {}, {}] })).status).toBe(200);
  });

  it('refuses content types and encodings that it does not read', async () => {
    const server = await serve();
    const text = await predict(server, '{}', { 'content-type': 'text/plain' });
    expect([text.status, text.json.code]).toEqual([415, 'serving/unsupported-media-type']);
    const zipped = await predict(server, '{}', { 'content-encoding': 'gzip' });
    expect([zipped.status, zipped.json.code]).toEqual([415, 'serving/unsupported-media-type']);
    expect(zipped.json.detail).toContain('gzip');
  });

  it('says no more than the request id when the model fails, and answers the neighbours', async () => {
    const model = keywordPredictor();
    const predictor = {
      ...model,
      predict: async (...[products, options]: Parameters<typeof model.predict>) => {
        if (products.some(({ texts }) => texts.title === 'poison')) throw new Error('/secret/path is broken');
        return model.predict(products, options);
      },
    };
    const server = await serve({ predictor, maxWaitMs: 50 });
    const [bad, good] = await Promise.all([
      predict(server, { products: [{ title: 'red' }, { title: 'poison' }] }),
      predict(server, { products: [{ title: 'red' }] }),
    ]);
    expect([bad!.status, bad!.json.code]).toEqual([500, 'serving/prediction-failed']);
    expect(bad!.json.detail).toBe('The model failed on products[1].');
    expect(JSON.stringify(bad!.json)).not.toContain('secret');
    expect(good!.status).toBe(200);
  });
});
