/** A catalog whose titles say what is drawn in the pictures. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/base/random.ts';
import { openPairArchitecture } from '../../src/models/architectures/registry.ts';
import type { PairCheckpoint } from '../../src/models/checkpoint/pair-checkpoint.ts';
import { writeSafetensors } from '../../src/models/checkpoint/safetensors.ts';
import { initialValues } from '../../src/models/layers/parameters.ts';
import { csv } from './shop.ts';

const COLORS = { red: '#c82828', blue: '#283cc8', green: '#28aa3c', yellow: '#e6d21e', black: '#141414' };
const GROUNDS = { white: '#ffffff', grey: '#9a9a9a', pink: '#ffb0c8', cyan: '#a0f0f0' };
const SHAPES = {
  dot: '<circle cx="24" cy="24" r="14"/>',
  bar: '<rect x="4" y="18" width="40" height="12"/>',
  post: '<rect x="18" y="4" width="12" height="40"/>',
};

/** Writes `products.csv` and the pictures that it names. */
export async function writeDrawn(folder: string, count: number, seed: number): Promise<void> {
  mkdirSync(join(folder, 'media'), { recursive: true });
  const random = new Random(seed, 0xd4a);
  const pick = <T extends object>(table: T) => random.pick(Object.keys(table) as (keyof T & string)[]);
  const rows: Record<string, string>[] = [];
  for (let i = 0; i < count; i++) {
    const [color, ground, shape] = [pick(COLORS), pick(GROUNDS), pick(SHAPES)];
    const move = `translate(${random.below(9) - 4} ${random.below(9) - 4})`;
    const drawing = `<g fill="${COLORS[color]}" transform="${move}">${SHAPES[shape]}</g>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><rect width="48" height="48" fill="${GROUNDS[ground]}"/>${drawing}</svg>`;
    const photo = `media/${i}.png`;
    await sharp(Buffer.from(svg)).png().toFile(join(folder, photo));
    rows.push({ sku: `p${i}`, title: `${color} ${shape} on ${ground}`, photo, shape });
  }
  writeFileSync(join(folder, 'products.csv'), csv(rows));
}

/** A folder as transformers writes one: a CLIP of a layer each, random weights, with the tokenizer of another folder. @returns its tensors */
export async function randomClip(
  path: string,
  other: Promise<PairCheckpoint>,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { tokenizer, tokenizerFiles } = await other;
  const layer = { hidden_size: 32, num_hidden_layers: 1, num_attention_heads: 2, intermediate_size: 64 };
  const config = {
    model_type: 'clip',
    projection_dim: 16,
    text_config: {
      ...layer,
      vocab_size: tokenizer.vocabularySize,
      max_position_embeddings: 24,
      eos_token_id: tokenizer.special.sep,
      bos_token_id: tokenizer.special.cls,
    },
    vision_config: { ...layer, image_size: 32, patch_size: 8 },
  };
  mkdirSync(path);
  const files = {
    ...tokenizerFiles,
    'config.json': config,
    'preprocessor_config.json': {
      image_processor_type: 'CLIPImageProcessor',
      size: { shortest_edge: 32 },
      crop_size: { height: 32, width: 32 },
    },
  };
  for (const [name, json] of Object.entries(files)) writeFileSync(join(path, name), JSON.stringify(json));
  const random = new Random(3);
  const { parameters } = openPairArchitecture(config);
  const tensors = parameters.map((each) => ({ ...each, values: initialValues(each, random) }));
  await writeSafetensors(
    join(path, 'model.safetensors'),
    tensors.map(({ name, shape, values }) => ({ name, shape, read: () => values })),
    'F32',
  );
  return new Map(tensors.map(({ name, values }) => [name, values]));
}
