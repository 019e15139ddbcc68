import { mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AttuneError } from '../../base/errors.ts';
import type { TensorSource, WeightDtype } from './safetensors.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/golden/safetensors/fixtures');

type Values = Record<string, { shape: number[]; values: number[] }>;
const json = async (name: string) => JSON.parse(await readFile(join(FIXTURES, name), 'utf8')) as Values;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attune-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file with this header and this many bytes of data. */
function file(header: string | Buffer, dataBytes = 0): Buffer {
  const body = Buffer.from(header as string);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(body.length));
  return Buffer.concat([length, body, Buffer.alloc(dataBytes)]);
}

async function opening(bytes: Buffer): Promise<AttuneError> {
  const path = join(folder, 'hostile.safetensors');
  await writeFile(path, bytes);
  const error = await openSafetensors(path).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(AttuneError);
  expect((error as AttuneError).code).toBe('models/safetensors-invalid');
  return error as AttuneError;
}

const entry = (dtype: unknown, shape: unknown, offsets: unknown) => ({ dtype, shape, data_offsets: offsets });

describe('reading', () => {
  it('reads every dtype of a file that Python wrote, as float32', async () => {
    const expected = await json('read.json');
    const opened = await openSafetensors(join(FIXTURES, 'read.safetensors'));
    expect([...opened.tensors.keys()].sort()).toEqual(Object.keys(expected).sort());
    expect(opened.metadata).toEqual({ format: 'pt', note: 'a \\ quote "' });
    for (const [name, { shape, values }] of Object.entries(expected)) {
      expect(opened.tensors.get(name)?.shape, name).toEqual(shape);
      expect(await opened.read(name), name).toEqual(Float32Array.from(values));
    }
  });

  it('refuses an integer that float32 would change', async () => {
    const header = file(JSON.stringify({ x: entry('I64', [1], [0, 8]) }), 8);
    header.writeBigInt64LE(16_777_217n, header.length - 8);
    const path = join(folder, 'integer.safetensors');
    await writeFile(path, header);
    await expect((await openSafetensors(path)).read('x')).rejects.toThrow(
      /16777217, which float32 cannot hold/,
    );
  });

  it('refuses to read on when the file was replaced meanwhile', async () => {
    const path = join(folder, 'replaced.safetensors');
    await writeFile(path, file(JSON.stringify({ x: entry('F32', [1], [0, 4]) }), 4));
    const opened = await openSafetensors(path);
    await writeFile(path, file(JSON.stringify({ x: entry('F32', [2], [0, 8]) }), 8));
    await expect(opened.read('x')).rejects.toThrow(/changed while it was read/);
  });

  it('reads a tensor that lies beyond 4 GB', async () => {
    const path = join(folder, 'far.safetensors');
    const far = 5 * 2 ** 30;
    const header = file(
      JSON.stringify({ hole: entry('U8', [far], [0, far]), x: entry('F32', [1], [far, far + 4]) }),
    );
    const handle = await open(path, 'w');
    await handle.write(header);
    // Nothing is written between, so the file takes no room on the disk.
    await handle.write(Buffer.from(Float32Array.of(7.5).buffer), 0, 4, header.length + far);
    await handle.close();
    expect(await (await openSafetensors(path)).read('x')).toEqual(Float32Array.of(7.5));
    await rm(path);
  });

  it('says which file is missing', async () => {
    await expect(openSafetensors(join(folder, 'none.safetensors'))).rejects.toMatchObject({
      code: 'models/checkpoint-missing',
      message: expect.stringContaining('none.safetensors'),
    });
  });
});

describe('hostile files', () => {
  const good = { x: entry('F32', [2], [0, 8]) };
  const cases: readonly (readonly [string, Buffer, RegExp])[] = [
    ['an empty file', Buffer.alloc(0), /has 0 bytes/],
    ['a length without a header', Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]), /claims 9 bytes, but only 0 follow/],
    [
      'a header of gigabytes',
      Buffer.from('ffffffffffffffff7b7d', 'hex'),
      /claims 18446744073709551615 bytes/,
    ],
    [
      'a header over 100 MB',
      Buffer.from('01e1f505000000007b7d', 'hex'),
      /claims 100000001 bytes, where the format/,
    ],
    ['a header that is not JSON', file('{"x":'), /header is not JSON/],
    ['a header that is not UTF-8', file(Buffer.from([0x7b, 0xff, 0x7d])), /not UTF-8/],
    ['a header that is a list', file('[]'), /not a JSON object/],
    [
      'a name given twice',
      file(
        '{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"\\u0078":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}',
        4,
      ),
      /"x".*stands twice/,
    ],
    [
      'the name __proto__',
      file('{"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4),
      /"__proto__".*no tensor may/,
    ],
    ['a description that is a number', file('{"x":3}'), /"x".*not an object/],
    [
      'an unknown key',
      file('{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"code":"1"}}', 4),
      /"x".*has "code"/,
    ],
    [
      'an unknown dtype',
      file(JSON.stringify({ x: entry('F31', [1], [0, 4]) }), 4),
      /"x".*dtype is "F31", expected one of F64/,
    ],
    [
      'an inherited dtype',
      file(JSON.stringify({ x: entry('constructor', [1], [0, 4]) }), 4),
      /dtype is "constructor"/,
    ],
    ['a negative size', file(JSON.stringify({ x: entry('F32', [-1], [0, 4]) }), 4), /shape is \[-1\]/],
    ['a fractional size', file(JSON.stringify({ x: entry('F32', [1.5], [0, 6]) }), 6), /shape is \[1.5\]/],
    [
      'sizes that overflow',
      file(JSON.stringify({ x: entry('F32', [2 ** 52, 2 ** 52], [0, 4]) }), 4),
      /"x".*has 4 bytes/,
    ],
    [
      'a size of more than 2^53',
      file('{"x":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}}', 4),
      /shape is/,
    ],
    ['one offset', file(JSON.stringify({ x: entry('F32', [1], [0]) }), 4), /data_offsets are \[0\]/],
    [
      'offsets the wrong way round',
      file(JSON.stringify({ x: entry('F32', [1], [4, 0]) }), 4),
      /bytes 4 to 0/,
    ],
    ['data beyond the file', file(JSON.stringify(good), 7), /"x".*bytes 0 to 8, but the file has 7/],
    [
      'a shape that does not fit',
      file(JSON.stringify({ x: entry('F32', [3], [0, 8]) }), 8),
      /"x".*has 8 bytes of data, expected 12 for F32 of shape \[3\]/,
    ],
    [
      'a dtype that does not fit',
      file(JSON.stringify({ x: entry('F16', [2], [0, 8]) }), 8),
      /expected 4 for F16/,
    ],
    [
      'overlapping tensors',
      file(JSON.stringify({ ...good, y: entry('F32', [1], [4, 8]) }), 8),
      /"y".*overlaps/,
    ],
    ['the same data twice', file(JSON.stringify({ ...good, y: entry('F32', [2], [0, 8]) }), 8), /overlaps/],
    ['a hole', file(JSON.stringify({ ...good, y: entry('F32', [1], [12, 16]) }), 16), /"y".*leaves a hole/],
    ['a hole at the start', file(JSON.stringify({ x: entry('F32', [1], [4, 8]) }), 8), /"x".*leaves a hole/],
    ['bytes at the end', file(JSON.stringify(good), 9), /1 bytes follow the last tensor/],
    ['metadata that is not strings', file('{"__metadata__":{"a":1}}'), /__metadata__/],
  ];
  it.each(cases)('refuses %s', async (_, bytes, message) => {
    expect((await opening(bytes)).message).toMatch(message);
  });

  it('never fails otherwise than by its own error, however a file is damaged', async () => {
    const whole = await readFile(join(FIXTURES, 'read.safetensors'));
    const path = join(folder, 'damaged.safetensors');
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(damage, fc.option(fc.nat(whole.length)), async (changes, cut) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        await writeFile(path, bytes.subarray(0, cut ?? bytes.length));
        try {
          const opened = await openSafetensors(path);
          for (const name of opened.tensors.keys()) await opened.read(name);
        } catch (cause) {
          expect(cause).toBeInstanceOf(AttuneError);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('writing', () => {
  const sources = (values: Values): TensorSource[] =>
    Object.entries(values).map(([name, { shape, values: numbers }]) => ({
      name,
      shape,
      read: () => Float32Array.from(numbers),
    }));

  it.each<WeightDtype>(['F32', 'F16', 'BF16'])(
    'writes the bytes that Python writes, in %s',
    async (dtype) => {
      const path = join(folder, `ours-${dtype}.safetensors`);
      await writeSafetensors(path, sources(await json('write.json')), dtype);
      expect(await readFile(path)).toEqual(await readFile(join(FIXTURES, `write-${dtype}.safetensors`)));
    },
  );

  it('gives back what it was given: names, shapes and every bit of float32', async () => {
    const tensor = fc.record({
      name: fc.string({ unit: 'grapheme' }).filter((name) => name !== '__proto__' && name !== '__metadata__'),
      values: fc.float32Array({ maxLength: 20 }),
    });
    const path = join(folder, 'round-trip.safetensors');
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 }),
        async (tensors) => {
          const given = tensors.map(({ name, values }) => ({
            name,
            shape: [1, values.length],
            read: () => values,
          }));
          await writeSafetensors(path, given);
          const opened = await openSafetensors(path);
          expect([...opened.tensors.keys()].sort()).toEqual(tensors.map(({ name }) => name).sort());
          for (const { name, values } of tensors) {
            expect(opened.tensors.get(name)?.shape).toEqual([1, values.length]);
            expect(Buffer.from((await opened.read(name)).buffer)).toEqual(
              Buffer.from(values.buffer, values.byteOffset, values.byteLength),
            );
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('writes and reads a tensor larger than a block, in fp16', async () => {
    const path = join(folder, 'large.safetensors');
    const values = Float32Array.from({ length: 5_000_000 }, (_, i) => (i % 2048) / 2);
    await writeSafetensors(path, [{ name: 'x', shape: [5, 1_000_000], read: () => values }], 'F16');
    const read = await (await openSafetensors(path)).read('x');
    expect(Buffer.compare(Buffer.from(read.buffer), Buffer.from(values.buffer))).toBe(0);
  });

  it('leaves the old file and nothing else when writing fails half-way', async () => {
    const target = await mkdtemp(join(folder, 'whole-'));
    const path = join(target, 'model.safetensors');
    await writeSafetensors(path, [{ name: 'x', shape: [1], read: () => Float32Array.of(1) }]);
    const before = await readFile(path);
    const failing = { name: 'y', shape: [1], read: () => Promise.reject(new Error('power cut')) };
    await expect(
      writeSafetensors(path, [{ name: 'x', shape: [1], read: () => Float32Array.of(2) }, failing]),
    ).rejects.toThrow('power cut');
    expect(await readdir(target)).toEqual(['model.safetensors']);
    expect(await readFile(path)).toEqual(before);
  });

  it('refuses a number that fp16 cannot hold, a wrong length and a name given twice', async () => {
    const path = join(folder, 'refused.safetensors');
    const x = (values: number[], shape = [values.length]) => ({
      name: 'x',
      shape,
      read: () => Float32Array.from(values),
    });
    await expect(writeSafetensors(path, [x([1, 65520])], 'F16')).rejects.toThrow(
      /"x".*65520 at position 1.*F16/,
    );
    await expect(writeSafetensors(path, [x([1, 2], [3])])).rejects.toThrow(
      /has 2 numbers, expected 3 for \[3\]/,
    );
    await expect(writeSafetensors(path, [x([1]), x([2])])).rejects.toThrow(/"x".*twice/);
    await writeSafetensors(path, [x([Infinity, -Infinity])], 'F16');
    expect(await (await openSafetensors(path)).read('x')).toEqual(Float32Array.of(Infinity, -Infinity));
  });
});
