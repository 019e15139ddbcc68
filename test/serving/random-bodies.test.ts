import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictLineContract, predictResponseContract } from '../../src/serving/api/predict.ts';
import { problemContract } from '../../src/serving/api/problem.ts';
import { predict, serve } from './http.ts';

const text = fc.string({ unit: 'binary', maxLength: 40 });
const anyName = fc.oneof(
  fc.constantFrom(
    'id',
    'title',
    'titel',
    'description',
    'texts',
    'category',
    'products',
    'topK',
    'contributions',
    '__proto__',
    'constructor',
  ),
  text,
);
const anything = fc.oneof(fc.jsonValue(), text, fc.constant(null), fc.double(), fc.integer());
const likeProduct = fc.dictionary(anyName, fc.oneof(text, anything, fc.dictionary(anyName, text)), {
  maxKeys: 5,
});
const likeBody = fc.oneof(
  fc.record(
    {
      products: fc.array(likeProduct, { maxLength: 4 }),
      topK: fc.oneof(fc.nat(60), anything),
      contributions: fc.oneof(fc.boolean(), anything),
    },
    { requiredKeys: ['products'] },
  ),
  fc.record({
    products: fc.array(fc.record({ id: text, title: text, description: text }), { maxLength: 4 }),
  }),
  fc.dictionary(anyName, anything),
  anything,
);
const likeJson = fc.oneof(
  likeBody.map((body) => JSON.stringify(body) ?? ''),
  fc.string({ unit: 'binary' }),
  fc.tuple(likeBody, fc.nat(20)).map(([body, cut]) => (JSON.stringify(body) ?? '').slice(cut)),
);

describe('whatever a client sends', () => {
  it('is answered by the contract or refused as a problem, never a 5xx', async () => {
    const server = await serve({ maxWaitMs: 0 });
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(likeJson, async (body) => {
        const { status, json } = await predict(server, body);
        expect(status).toBeLessThan(500);
        if (status === 200) {
          predictResponseContract.parse(json);
          answered++;
        } else {
          expect(problemContract.parse(json).status).toBe(status);
        }
      }),
      { numRuns: 150 },
    );
    expect(answered).toBeGreaterThan(10);
  });

  it('is answered line by line as a stream', async () => {
    const server = await serve({ maxWaitMs: 0 });
    const line = fc
      .oneof(
        likeProduct.map((product) => JSON.stringify(product)),
        text,
      )
      .map((written) => written.replaceAll(/[\r\n]/g, ' '));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const response = await fetch(`${server.url}/v1/products:predict`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-ndjson' },
          body: lines.join('\n'),
        });
        expect(response.status).toBe(200);
        const answers = (await response.text()).split('\n').filter((answer) => answer !== '');
        expect(answers).toHaveLength(lines.filter((written) => written.trim() !== '').length);
        for (const answer of answers) {
          const parsed = predictLineContract.parse(JSON.parse(answer));
          if ('problem' in parsed) expect(parsed.problem.status).toBeLessThan(500);
        }
      }),
      { numRuns: 50 },
    );
  });
});
