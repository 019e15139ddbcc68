import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { modelError } from '../errors.ts';
import { readJsonIfThere, writeWhole } from './files.ts';
import type { SafetensorsFile, TensorSource, WeightDtype } from './safetensors.ts';
import { openSafetensors, writeSafetensors } from './safetensors.ts';
import type { StoredDtype } from './safetensors-header.ts';
import { byteLength } from './safetensors-header.ts';

/**
 * A model's weights in a folder: `model.safetensors`, or shards `model-00001-of-00003.safetensors` with
 * `model.safetensors.index.json`, as transformers lays them out.
 */
export type Weights = {
  readonly names: readonly string[];
  readonly has: (name: string) => boolean;
  readonly shape: (name: string) => readonly number[];
  /** How it is stored; `read` gives float32 whatever this is. */
  readonly dtype: (name: string) => StoredDtype;
  readonly read: (name: string) => Promise<Float32Array>;
};

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const SHARD = /^model-\d{5}-of-\d{5}\.safetensors$/;
const PICKLES = ['pytorch_model.bin', 'pytorch_model.bin.index.json'];

/**
 * Opens the weights of a folder.
 * @throws models/pickle-refused when there are only pickled weights, models/checkpoint-missing when there are none
 */
export async function openWeights(folder: string): Promise<Weights> {
  const files = await listFolder(folder);
  if (files.includes(SINGLE)) return fromFiles([await openSafetensors(join(folder, SINGLE))]);
  const index = await readJsonIfThere(join(folder, INDEX));
  if (index !== undefined) return openShards(folder, index.weight_map);
  const pickled = PICKLES.find((name) => files.includes(name));
  if (pickled !== undefined) throw pickle(folder, pickled);
  throw modelError('models/checkpoint-missing', `${folder} has neither ${SINGLE} nor ${INDEX}.`, {
    hint: 'A checkpoint folder holds config.json, tokenizer.json and model.safetensors.',
  });
}

/**
 * Writes the weights of a folder: one file when they fit in `maxShardBytes`, else shards filled in the order given.
 * Each file is written whole or not at all; files of an older set of weights are removed at the end.
 * @returns the names of the files written
 */
export async function writeWeights(
  folder: string,
  tensors: readonly TensorSource[],
  dtype: WeightDtype,
  maxShardBytes: number,
): Promise<readonly string[]> {
  const shards = intoShards(tensors, dtype, maxShardBytes);
  const files = shards.map((_, i) => (shards.length === 1 ? SINGLE : shardName(i, shards.length)));
  for (const [i, shard] of shards.entries()) await writeSafetensors(join(folder, files[i]!), shard, dtype);
  if (shards.length > 1) {
    const map = shards.flatMap((shard, i) => shard.map((tensor) => [tensor.name, files[i]!] as const));
    const size = tensors.reduce((sum, tensor) => sum + sizeOf(tensor, dtype), 0);
    const index = { metadata: { total_size: size }, weight_map: Object.fromEntries(map) };
    await writeWhole(join(folder, INDEX), (handle) =>
      handle.writeFile(`${JSON.stringify(index, null, 2)}\n`),
    );
    files.push(INDEX);
  }
  for (const name of await listFolder(folder)) {
    const ofWeights = name === SINGLE || name === INDEX || SHARD.test(name);
    if (ofWeights && !files.includes(name)) await rm(join(folder, name));
  }
  return files;
}

async function openShards(folder: string, map: unknown): Promise<Weights> {
  if (typeof map !== 'object' || map === null || Array.isArray(map)) {
    throw modelError(
      'models/config-invalid',
      `${join(folder, INDEX)} has no weight_map from tensor names to files.`,
    );
  }
  const byFile = new Map<string, string[]>();
  for (const [tensor, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !/^[\w.-]+\.safetensors$/.test(file)) {
      throw modelError(
        'models/config-invalid',
        `${join(folder, INDEX)} puts tensor ${JSON.stringify(tensor)} in ${JSON.stringify(file)}, expected the name of a .safetensors file of the same folder.`,
      );
    }
    const names = byFile.get(file);
    if (names === undefined) byFile.set(file, [tensor]);
    else names.push(tensor);
  }
  const files: SafetensorsFile[] = [];
  for (const [file, names] of byFile) {
    const opened = await openSafetensors(join(folder, file));
    const missing = names.filter((name) => !opened.tensors.has(name));
    if (missing.length > 0) {
      throw modelError(
        'models/tensor-missing',
        `${opened.path} lacks ${missing.length} of the tensors that ${INDEX} says it has: ${missing.slice(0, 5).join(', ')}.`,
        { hint: 'The shards and the index must come from one download.', details: { missing } },
      );
    }
    files.push(opened);
  }
  return fromFiles(files);
}

function fromFiles(files: readonly SafetensorsFile[]): Weights {
  const holder = new Map<string, SafetensorsFile>();
  for (const file of files) {
    for (const name of file.tensors.keys()) {
      const other = holder.get(name);
      if (other !== undefined) {
        throw modelError(
          'models/safetensors-invalid',
          `Tensor ${JSON.stringify(name)} is in two shards, ${other.path} and ${file.path}; expected one.`,
        );
      }
      holder.set(name, file);
    }
  }
  const find = (name: string) => {
    const file = holder.get(name);
    if (file === undefined) {
      throw modelError('models/tensor-missing', `The checkpoint has no tensor ${JSON.stringify(name)}.`);
    }
    return file;
  };
  return {
    names: [...holder.keys()],
    has: (name) => holder.has(name),
    shape: (name) => find(name).tensors.get(name)!.shape,
    dtype: (name) => find(name).tensors.get(name)!.dtype,
    read: async (name) => find(name).read(name),
  };
}

function intoShards(
  tensors: readonly TensorSource[],
  dtype: WeightDtype,
  maxShardBytes: number,
): TensorSource[][] {
  const shards: TensorSource[][] = [[]];
  let filled = 0;
  for (const tensor of tensors) {
    const size = sizeOf(tensor, dtype);
    if (filled > 0 && filled + size > maxShardBytes) {
      shards.push([]);
      filled = 0;
    }
    shards.at(-1)!.push(tensor);
    filled += size;
  }
  return shards;
}

function sizeOf(tensor: TensorSource, dtype: WeightDtype): number {
  return byteLength(tensor.dtype ?? dtype, tensor.shape);
}

function shardName(index: number, count: number): string {
  const pad = (n: number) => String(n).padStart(5, '0');
  return `model-${pad(index + 1)}-of-${pad(count)}.safetensors`;
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw modelError(
      'models/checkpoint-missing',
      `The folder ${folder} cannot be listed: ${(cause as Error).message}.`,
      {
        cause,
      },
    );
  }
}

function pickle(folder: string, name: string): Error {
  return modelError(
    'models/pickle-refused',
    `${folder} has its weights only in ${name}, a Python pickle. Loading a pickle runs code from it, so Attune does not.`,
    {
      hint:
        'Convert it where you trust it, in Python: ' +
        `from transformers import AutoModel; AutoModel.from_pretrained(${JSON.stringify(folder)}).save_pretrained("converted"), ` +
        'then copy config.json and tokenizer.json beside the new model.safetensors.',
    },
  );
}
