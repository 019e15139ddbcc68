import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alignNames, checkTensors } from './tensor-names.ts';
import { openWeights, writeWeights } from './weights.ts';

let root: string;
let folder: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-weights-'));
});
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'model-'));
});
afterAll(() => rm(root, { recursive: true }));

const tensor = (name: string, shape: readonly number[], value: number) => ({
  name,
  shape,
  read: () => new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value),
});

describe('sharded weights', () => {
  const three = [tensor('a', [4], 1), tensor('b', [2, 3], 2), tensor('c', [1], 3)];

  it('fills shards up to the limit, with an index that transformers reads', async () => {
    const files = await writeWeights(folder, three, 'F32', 28);
    expect(files).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ]);
    expect(JSON.parse(await readFile(join(folder, 'model.safetensors.index.json'), 'utf8'))).toEqual({
      metadata: { total_size: 44 },
      weight_map: {
        a: 'model-00001-of-00002.safetensors',
        b: 'model-00002-of-00002.safetensors',
        c: 'model-00002-of-00002.safetensors',
      },
    });
    const weights = await openWeights(folder);
    expect(weights.names).toEqual(['a', 'b', 'c']);
    expect(weights.shape('b')).toEqual([2, 3]);
    expect(await weights.read('b')).toEqual(new Float32Array(6).fill(2));
  });

  it('counts the bytes of the dtype that is written', async () => {
    expect(await writeWeights(folder, three, 'BF16', 28)).toEqual(['model.safetensors']);
  });

  it('removes the files of older weights, so that nobody loads them', async () => {
    await writeWeights(folder, three, 'F32', 1000);
    await writeWeights(folder, three, 'F32', 16);
    expect(await readdir(folder)).not.toContain('model.safetensors');
    await writeWeights(folder, three, 'F32', 1000);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
  });

  it('refuses an index that points out of the folder', async () => {
    const index = { weight_map: { a: '../../etc/secret.safetensors' } };
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
    await expect(openWeights(folder)).rejects.toThrow(/"a" in "..\/..\/etc\/secret.safetensors"/);
  });

  it('refuses shards that lack a tensor of the index', async () => {
    await writeWeights(folder, three, 'F32', 28);
    await writeWeights(root, [tensor('a', [4], 1)], 'F32', 1000);
    await writeFile(
      join(folder, 'model-00002-of-00002.safetensors'),
      await readFile(join(root, 'model.safetensors')),
    );
    await expect(openWeights(folder)).rejects.toThrow(/lacks 2 of the tensors .*: b, c/);
  });

  it('refuses a tensor that stands in two shards', async () => {
    await writeWeights(folder, three, 'F32', 28);
    const second = join(folder, 'model-00002-of-00002.safetensors');
    const { writeSafetensors } = await import('./safetensors.ts');
    await writeSafetensors(second, [...three]);
    await expect(openWeights(folder)).rejects.toThrow(/"a" is in two shards/);
  });
});

describe('weights that cannot be read', () => {
  it('refuses pickled weights and says how to convert them', async () => {
    await writeFile(join(folder, 'pytorch_model.bin'), 'never opened');
    await expect(openWeights(folder)).rejects.toMatchObject({
      code: 'models/pickle-refused',
      hint: expect.stringContaining('save_pretrained'),
    });
  });

  it('says what a checkpoint folder holds when there are no weights', async () => {
    await expect(openWeights(folder)).rejects.toMatchObject({ code: 'models/checkpoint-missing' });
    await expect(openWeights(join(folder, 'none'))).rejects.toMatchObject({
      code: 'models/checkpoint-missing',
    });
  });
});

describe('tensor names', () => {
  const expected = new Map([
    ['embeddings.weight', [5, 2]],
    ['encoder.LayerNorm.weight', [2]],
    ['encoder.LayerNorm.bias', [2]],
  ]);
  const open = async (...tensors: ReturnType<typeof tensor>[]) => {
    await writeWeights(folder, tensors, 'F32', 1e9);
    return openWeights(folder);
  };

  it('finds a base model under a prefix, and gamma and beta', async () => {
    const weights = await open(
      tensor('bert.embeddings.weight', [5, 2], 1),
      tensor('bert.encoder.LayerNorm.gamma', [2], 2),
      tensor('bert.encoder.LayerNorm.beta', [2], 3),
      tensor('cls.predictions.bias', [5], 4),
    );
    const aligned = alignNames(weights, expected.keys());
    expect([...aligned.names].sort()).toEqual([...expected.keys(), 'cls.predictions.bias'].sort());
    expect(await aligned.read('encoder.LayerNorm.bias')).toEqual(new Float32Array(2).fill(3));
    checkTensors(expected, aligned, { ignore: [/^cls\./] });
  });

  it('drops a prefix that the checkpoint does not have', async () => {
    const aligned = alignNames(await open(tensor('embeddings.weight', [5, 2], 1)), [
      'bert.embeddings.weight',
    ]);
    expect(aligned.names).toEqual(['bert.embeddings.weight']);
  });

  it('refuses missing tensors with their shape and the nearest name there is', async () => {
    const weights = await open(
      tensor('embedding.weight', [5, 2], 1),
      tensor('encoder.LayerNorm.weight', [2], 1),
    );
    expect(() => checkTensors(expected, alignNames(weights, expected.keys()))).toThrow(
      'The checkpoint lacks 2 of 3 tensors: embeddings.weight [5, 2]; the checkpoint has embedding.weight [5, 2]; ' +
        'encoder.LayerNorm.bias [2].',
    );
  });

  it('refuses a wrong shape and an unknown tensor', async () => {
    const right = [...expected].map(([name, shape]) => tensor(name, shape, 1));
    const misshapen = await open(tensor('embeddings.weight', [2, 5], 1), ...right.slice(1));
    expect(() => checkTensors(expected, misshapen)).toThrow(
      /embeddings.weight is \[2, 5\], expected \[5, 2\]/,
    );
    const extra = await open(...right, tensor('lora.A', [3], 1));
    expect(() => checkTensors(expected, extra)).toThrow(
      /1 tensors that the architecture does not know: lora.A \[3\]/,
    );
    expect(() => checkTensors(expected, extra, { ignore: [/^head/] })).toThrow(/lora.A/);
  });
});
