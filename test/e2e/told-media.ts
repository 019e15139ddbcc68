/** A catalog whose pictures say the color and whose sounds say the tone, and folders of random encoders to read them with. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../../src/base/random.ts';
import { openImageArchitecture } from '../../src/models/architectures/registry.ts';
import { writeSafetensors } from '../../src/models/checkpoint/safetensors.ts';
import { initialValues, type ParameterSpec } from '../../src/models/layers/parameters.ts';
import { csv } from './shop.ts';

const COLORS = { Red: [200, 40, 40], Blue: [40, 60, 200], Green: [40, 170, 60] } as const;
const TONES = { low: 300, high: 2500 } as const;
const WIDER = 6;
const KINDS = ['shirt', 'mug', 'lamp'];

export type Told = {
  readonly sku: string;
  readonly title: string;
  readonly photo: string;
  readonly clip: string;
  readonly kind: string;
  readonly color: keyof typeof COLORS;
  readonly tone: keyof typeof TONES;
};

/** Writes `products.csv` and the files that it names. */
export async function writeTold(folder: string, count: number, seed: number): Promise<readonly Told[]> {
  mkdirSync(join(folder, 'media'), { recursive: true });
  const random = new Random(seed, 0x70d);
  const products: Told[] = [];
  for (let i = 0; i < count; i++) {
    const color = random.pick(Object.keys(COLORS) as (keyof typeof COLORS)[]);
    const tone = random.pick(Object.keys(TONES) as (keyof typeof TONES)[]);
    const kind = random.pick(KINDS);
    const [photo, clip] = [`media/${seed}-${i}.png`, `media/${seed}-${i}.wav`];
    const shade = () => random.below(50) - 25;
    const [r, g, b] = COLORS[color];
    const background = { r: r + shade(), g: g + shade(), b: b + shade() };
    const size = { width: 40 + random.below(30), height: 40 + random.below(30) };
    await sharp({ create: { ...size, channels: 3, background } })
      .png()
      .toFile(join(folder, photo));
    writeFileSync(join(folder, clip), sine(TONES[tone] * (0.9 + 0.2 * random.uniform())));
    const title = `${kind} number ${random.below(1000)}`;
    products.push({ sku: `p${i}`, title, photo, clip, kind, color, tone });
  }
  writeFileSync(join(folder, 'products.csv'), csv(products));
  return products;
}

/** A third of a second, 16 bits at 16 kHz. */
function sine(hertz: number): Buffer {
  const [rate, samples] = [16_000, 5_120];
  const file = Buffer.alloc(44 + 2 * samples);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 2 * samples, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  for (const at of [20, 22]) file.writeUInt16LE(1, at);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(2 * samples, 40);
  for (let i = 0; i < samples; i++)
    file.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hertz * i) / rate)), 44 + 2 * i);
  return file;
}

/** A folder as transformers writes one: a ViT of two layers, random weights. @returns its tensors */
export async function randomVit(path: string): Promise<ReadonlyMap<string, Float32Array>> {
  const config = {
    model_type: 'vit',
    hidden_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 64,
    image_size: 32,
    patch_size: 8,
  };
  return randomEncoder(path, config, {
    image_processor_type: 'ViTImageProcessor',
    size: { height: 32, width: 32 },
  });
}

/** A Whisper that hears a second. */
export async function randomWhisper(path: string): Promise<ReadonlyMap<string, Float32Array>> {
  const config = {
    model_type: 'whisper',
    d_model: 32,
    encoder_layers: 1,
    encoder_attention_heads: 2,
    encoder_ffn_dim: 64,
    num_mel_bins: 40,
    max_source_positions: 50,
  };
  return randomEncoder(path, config, {
    feature_extractor_type: 'WhisperFeatureExtractor',
    feature_size: 40,
    chunk_length: 1,
  });
}

async function randomEncoder(
  path: string,
  config: Readonly<Record<string, unknown>>,
  preprocessor: Readonly<Record<string, unknown>>,
): Promise<ReadonlyMap<string, Float32Array>> {
  mkdirSync(path);
  writeFileSync(join(path, 'config.json'), JSON.stringify(config));
  writeFileSync(join(path, 'preprocessor_config.json'), JSON.stringify(preprocessor));
  const random = new Random(3);
  const { parameters, prefix } = openImageArchitecture(config);
  // Matrices wide enough to tell inputs apart without learning.
  const factor = ({ role }: ParameterSpec) => (role === 'weight' ? WIDER : 1);
  const tensors = parameters.map((parameter) => ({
    ...parameter,
    values: initialValues(parameter, random).map((value) => value * factor(parameter)),
  }));
  await writeSafetensors(
    join(path, 'model.safetensors'),
    tensors.map(({ name, shape, values }) => ({ name: `${prefix}${name}`, shape, read: () => values })),
    'F32',
  );
  return new Map(tensors.map(({ name, values }) => [name, values]));
}
