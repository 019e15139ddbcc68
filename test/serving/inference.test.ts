import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inferResponseContract, modelMetadataContract } from '../../src/serving/api/inference.ts';
import { problemContract } from '../../src/serving/api/problem.ts';
import { readElements } from '../../src/serving/inference/binary.ts';
import type { RunningServer } from '../../src/serving/server.ts';
import { type Json, post, predict, serve, versionOf } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';
import { swatchPredictor } from './swatch-predictor.ts';

const WIRE = new URL('./fixtures/tritonclient.json', import.meta.url);
const CLIENT = fileURLToPath(new URL('./fixtures/check_tritonclient.py', import.meta.url));
/** An interpreter with tritonclient[http]; where none is named, only what it once sent is replayed. */
const PYTHON = process.env.ATTUNE_TRITON_PYTHON;
/** Set to write down anew what it sends: the test that runs it then comes first. */
const RECORD = process.env.ATTUNE_TRITON_RECORD === undefined ? [] : ['--record', fileURLToPath(WIRE)];

type Wire = {
  readonly request: { method: string; path: string; headers: Record<string, string>; body: string };
  readonly answer: { status: number; jsonLength: string | null; body: string };
};

/** The keyword predictor, which can be loaded again. */
const keywords = () => {
  const version = () => versionOf(keywordPredictor());
  return serve({
    models: [version()],
    repository: {
      list: async () => [{ name: 'keywords', version: '1' }],
      open: async (name) => (name === 'keywords' ? version() : undefined),
    },
  });
};

const infer = ({ url }: RunningServer, body: unknown, path = '/v2/models/keywords/infer') =>
  post(url + path, body);

const titles = (...data: string[]) => ({ name: 'title', shape: [data.length, 1], datatype: 'BYTES', data });

const output = (json: Json, name: string): Json => json.outputs.find((one: Json) => one.name === name);

describe('the Open Inference Protocol', () => {
  it.skipIf(PYTHON === undefined)('is understood by tritonclient', async () => {
    const { url } = await keywords();
    const { stdout } = await promisify(execFile)(PYTHON!, [CLIENT, url, ...RECORD]);
    const { understood } = JSON.parse(readFileSync(WIRE, 'utf8')) as { understood: unknown };
    expect(JSON.parse(stdout)).toEqual(understood);
  });

  it('answers tritonclient as it was recorded, to the byte', async () => {
    const { url } = await keywords();
    const { wire } = JSON.parse(readFileSync(WIRE, 'utf8')) as { wire: readonly Wire[] };
    expect(wire.length).toBeGreaterThan(15);
    for (const { request, answer } of wire) {
      const { method, path, headers, body } = request;
      const response = await fetch(`${url}/${path.replace(/^\//, '')}`, {
        method,
        headers,
        ...(method === 'GET' ? {} : { body: Buffer.from(body, 'base64') }),
      });
      const got = Buffer.from(await response.arrayBuffer());
      const wanted = Buffer.from(answer.body, 'base64');
      expect([path, response.status]).toEqual([path, answer.status]);
      if (answer.status >= 400)
        expect(JSON.parse(got.toString()).error).toBe(JSON.parse(wanted.toString()).error);
      else expect(got.equals(wanted), `${method} ${path}: ${got.toString()}`).toBe(true);
      expect(response.headers.get('inference-header-content-length')).toBe(answer.jsonLength);
    }
  });

  it('was understood by tritonclient as the friendly layer answers', async () => {
    const server = await keywords();
    const { understood }: Json = JSON.parse(readFileSync(WIRE, 'utf8'));
    const texts = ['Norda shirt in navy cotton, 180 g', '', 'Trousers, wool and linen أحمر'];
    const { json } = await predict(server, { products: texts.map((title) => ({ title })) });
    for (const form of ['json', 'binary', 'default'])
      for (const [name, { shape, values }] of Object.entries(understood[form]) as [string, Json][]) {
        const [attribute = '', part] = name.split('.');
        expect(shape).toEqual([3, part === 'span' ? 2 : 1]);
        json.predictions.forEach(({ attributes }: Json, i: number) => {
          const said = attributes[attribute];
          const row = shape[1] === 2 ? values.slice(2 * i, 2 * i + 2) : values[i];
          if (part === 'confidence') expect(row).toBeCloseTo(said.confidence, 6);
          else if (part === 'status') expect(row).toBe(said.status);
          else if (part === 'span')
            expect(row).toEqual([said.evidence[0]?.start ?? -1, said.evidence[0]?.end ?? -1]);
          else if (attribute === 'weight') expect(row).toBe(said.value);
          else expect(row).toBe(said.value === null ? '' : [said.value].flat()[0] && stringOf(said.value));
        });
      }
  });

  it('takes data flat or nested, null as missing, and gives the outputs that were asked for', async () => {
    const server = await keywords();
    const nested = { ...titles('red', 'navy'), data: [['red'], [null]] };
    const { status, json } = await infer(server, { inputs: [nested], outputs: [{ name: 'color' }] });
    expect(status).toBe(200);
    inferResponseContract.parse(json);
    expect(json.outputs).toEqual([{ name: 'color', datatype: 'BYTES', shape: [2, 1], data: ['Red', ''] }]);
    const all = await infer(server, { id: 'x', inputs: [titles('red wool and cotton')] });
    expect(all.json.id).toBe('x');
    expect(output(all.json, 'material').data).toEqual(['["wool","cotton"]']);
    expect(output(all.json, 'color.span').data).toEqual([0, 3]);
    expect(output(all.json, 'weight').data).toEqual([null]);
  });

  it('names the tensors of pictures, sounds and numbers, and reads them', async () => {
    const server = await serve({ predictor: { ...swatchPredictor(), numberFields: ['price'] } });
    const metadata = await (await fetch(`${server.url}/v2/models/swatches`)).json();
    expect(modelMetadataContract.parse(metadata).inputs).toEqual([
      { name: 'title', datatype: 'BYTES', shape: [-1, 1] },
      { name: 'photo', datatype: 'BYTES', shape: [-1, 1] },
      { name: 'clip', datatype: 'BYTES', shape: [-1, 1] },
      { name: 'price', datatype: 'FP32', shape: [-1, 1] },
      { name: 'category', datatype: 'BYTES', shape: [-1, 1] },
    ]);
    const clip = Buffer.from('any bytes').toString('base64');
    const { json } = await infer(
      server,
      {
        inputs: [
          { name: 'clip', shape: [2, 1], datatype: 'BYTES', data: [clip, ''] },
          { name: 'price', shape: [2, 1], datatype: 'FP32', data: [5, null] },
        ],
      },
      '/v2/models/swatches/infer',
    );
    expect(output(json, 'weight').data).toEqual([105, 0]);
  });

  it('answers no products with none', async () => {
    const { json } = await infer(await keywords(), { inputs: [titles()] });
    expect(output(json, 'color')).toEqual({ name: 'color', datatype: 'BYTES', shape: [0, 1], data: [] });
  });

  it.each([
    ['an unknown input', { inputs: [{ ...titles('a'), name: 'titel' }] }, 'The model has no input "titel".'],
    [
      'an unknown output',
      { inputs: [titles('a')], outputs: [{ name: 'colour' }] },
      'The model has no output "colour".',
    ],
    [
      'another datatype',
      { inputs: [{ ...titles('a'), datatype: 'FP32' }] },
      'The input "title" must be BYTES. Got FP32.',
    ],
    [
      'another shape',
      { inputs: [{ ...titles('a'), shape: [1] }] },
      'The input "title" must have the shape [1, 1]. Got [1].',
    ],
    [
      'rows that disagree',
      { inputs: [titles('a'), { ...titles('a', 'b'), name: 'description' }] },
      'The input "description" must have the shape [1, 1]. Got [2, 1].',
    ],
    [
      'too few elements',
      { inputs: [{ ...titles('a'), shape: [2, 1] }] },
      'The input "title" has 1 elements; its shape says 2.',
    ],
    [
      'a number for a text',
      { inputs: [{ ...titles(), shape: [1, 1], data: [7] }] },
      'The input "title" must hold texts. Got 7.',
    ],
    ['an input twice', { inputs: [titles('a'), titles('b')] }, 'The input "title" is given twice.'],
    [
      'no data',
      { inputs: [{ name: 'title', shape: [1, 1], datatype: 'BYTES' }] },
      'The input "title" has no data.',
    ],
    ['too many', { inputs: [titles(...'abcdefghijk')] }, 'One call takes 10 products. Got 11.'],
    ['no inputs', { inputs: [] }, '"inputs" must be a list whose length is at least 1. Got a list of 0.'],
  ])('refuses %s', async (_what, body, detail) => {
    const { status, json } = await infer(await serve({ maxProducts: 10 }), body);
    expect([status, json.detail, json.error]).toEqual([422, detail, detail]);
    problemContract.parse(json);
  });

  it('refuses bytes that do not fit what the JSON says, whatever they are', async () => {
    const { url } = await serve();
    const request = (size: number) =>
      JSON.stringify({
        inputs: [{ name: 'title', shape: [1, 1], datatype: 'BYTES', parameters: { binary_data_size: size } }],
      });
    const send = async (size: number, bytes: Uint8Array, length?: string) => {
      const json = request(size);
      const response = await fetch(`${url}/v2/models/keywords/infer`, {
        method: 'POST',
        headers: { 'inference-header-content-length': length ?? String(json.length) },
        body: Buffer.concat([Buffer.from(json), bytes]),
      });
      return { status: response.status, json: (await response.json()) as Json };
    };
    const element = Buffer.concat([Buffer.from([3, 0, 0, 0]), Buffer.from('red')]);
    expect((await send(7, element)).status).toBe(200);
    for (const [size, bytes, length] of [
      [8, element],
      [6, element],
      [-1, element],
      [7, Buffer.concat([element, element])],
      [7, Buffer.from([255, 255, 255, 255, 1, 2, 3])],
      [7, element, '99999'],
      [7, element, 'many'],
    ] as const)
      expect((await send(size, bytes, length)).json.status, String([size, length])).toBe(422);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        expect((await send(bytes.length, bytes)).status).toBeLessThan(500);
      }),
      { numRuns: 50 },
    );
  });

  it('reads back the elements that a client wrote', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), (elements) => {
        const bytes = elements.flatMap((element) => {
          const length = Buffer.alloc(4);
          length.writeUInt32LE(element.length);
          return [length, Buffer.from(element)];
        });
        expect(readElements(Buffer.concat(bytes), 'x').map((one) => [...one])).toEqual(
          elements.map((one) => [...one]),
        );
      }),
    );
  });
});

const stringOf = (value: unknown): string => (Array.isArray(value) ? JSON.stringify(value) : String(value));
