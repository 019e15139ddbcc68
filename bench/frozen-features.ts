/**
 * What a frozen encoder spares: Myntra's pictures through a ResNet-18 or a ViT-S/16 of random weights, at 224 pixels, and its titles
 * through all-MiniLM-L6-v2, neither of which learns. The first epoch computes every vector, from reading the files on; the next ones read
 * them from disk. Each has its optimiser steps, its dev score and its saves.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { configSchema } from '../src/attune/config.ts';
import { train } from '../src/attune.ts';
import { Random } from '../src/base/random.ts';
import { openImageArchitecture } from '../src/models/architectures/registry.ts';
import { writeSafetensors } from '../src/models/checkpoint/safetensors.ts';
import { initialValues } from '../src/models/layers/parameters.ts';
import { SETS, split } from './multimodal/data.ts';
import type { Figure } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';

export const OPTIONS: OwnOptions = {
  rows: 'products (default 2000)',
  encoder: '`resnet-18` (default) or `vit-s`',
  model: 'folder of the checkpoint that reads titles (all-MiniLM-L6-v2); pictures alone without it',
  threads: 'threads (default one a core)',
};

const EPOCHS = 3;
const SIDE = 224;
const ENCODERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'resnet-18': {
    model_type: 'resnet',
    embedding_size: 64,
    hidden_sizes: [64, 128, 256, 512],
    depths: [2, 2, 2, 2],
    layer_type: 'basic',
    image_size: SIDE,
  },
  'vit-s': {
    model_type: 'vit',
    hidden_size: 384,
    num_hidden_layers: 12,
    num_attention_heads: 6,
    intermediate_size: 1536,
    image_size: SIDE,
    patch_size: 16,
  },
};

export async function run({ own, data, say }: BenchOptions): Promise<readonly Figure[]> {
  const name = own.encoder ?? 'resnet-18';
  const encoder = ENCODERS[name];
  if (encoder === undefined) throw new Error(`--encoder ${name}: one of ${Object.keys(ENCODERS).join()}`);
  const rows = Number(own.rows ?? 2000);
  const scratch = await mkdtemp(join(tmpdir(), 'attune-frozen-features-'));
  try {
    const { train: path } = await split(data, scratch, SETS.myntra, rows);
    const image = join(scratch, name);
    await writeRandom(image, encoder);
    const title = own.model === undefined ? {} : { title: { kind: 'text', maxTokens: 32 } };
    const config = configSchema.parse({
      data: { path, group: 'group_key', split: { by: 'hash', dev: 0.1, test: 0.05 } },
      inputs: { ...title, image: { kind: 'image' } },
      attributes: { articleType: 'choice', baseColour: 'choice', gender: 'choice', season: 'choice' },
      model: {
        image,
        ...(own.model === undefined ? {} : { text: resolve(own.model) }),
        freeze: [...(own.model === undefined ? [] : ['text']), 'image'],
        wide: false,
      },
      training: {
        epochs: EPOCHS,
        patience: EPOCHS,
        threads: Number(own.threads ?? availableParallelism()),
      },
    });
    const seconds = await epochs(config, join(scratch, 'model'), say);
    const what = `${rows} products, ${name}${own.model === undefined ? '' : ' and MiniLM'} frozen`;
    const later = Math.max(...seconds.slice(1));
    return [
      ...seconds.map((value, i) => ({ name: `${what}: epoch ${i + 1}`, value, unit: 's' })),
      { name: `${what}: the first beside the slowest later one`, value: seconds[0]! / later, unit: 'x' },
    ];
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Seconds of each epoch, the first with all that is computed once. */
async function epochs(
  config: ReturnType<typeof configSchema.parse>,
  out: string,
  say: (text: string) => void,
): Promise<readonly number[]> {
  const seconds: number[] = [];
  let since = performance.now();
  await train({
    config,
    out,
    progress: (event) => {
      if (event.kind === 'stage') say(event.stage);
      if (event.kind === 'stage' && event.stage.startsWith('Reading pictures')) since = performance.now();
    },
    onEpoch: ({ epoch, trainLoss }) => {
      const now = performance.now();
      seconds.push((now - since) / 1000);
      since = now;
      say(`epoch ${epoch}: ${seconds.at(-1)!.toFixed(2)} s, loss ${trainLoss.toFixed(4)}`);
    },
  });
  return seconds;
}

async function writeRandom(folder: string, config: Readonly<Record<string, unknown>>): Promise<void> {
  await mkdir(folder);
  const random = new Random(1);
  const { parameters, prefix } = openImageArchitecture(config);
  const tensors = parameters.map((parameter) => ({
    name: `${prefix}${parameter.name}`,
    shape: parameter.shape,
    read: () => initialValues(parameter, random),
  }));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, 'F32');
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(
    join(folder, 'preprocessor_config.json'),
    JSON.stringify({ image_processor_type: 'ViTImageProcessor', size: { height: SIDE, width: SIDE } }),
  );
}
