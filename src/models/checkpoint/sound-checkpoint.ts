import { type SoundInput, type SoundPlan, soundInput } from '../../features/audio/sound-input.ts';
import type { ImageEncoder } from '../architectures/encoder.ts';
import { openImageArchitecture } from '../architectures/registry.ts';
import { modelError } from '../errors.ts';
import { encoderWeights, requiredJson } from './encoder-folder.ts';
import type { JsonObject } from './files.ts';
import type { Weights } from './weights.ts';

/** A sound encoder in a Hugging Face folder, read: nothing in it is run. */
export type SoundCheckpoint = {
  /** `config.json`, with the length of a clip where the encoder takes any. */
  readonly config: JsonObject;
  readonly encoder: ImageEncoder;
  readonly sound: SoundPlan;
  /** Under the names of the encoder's parameters. */
  readonly weights: Weights;
};

const SOUND_TYPES = ['whisper', 'audio-spectrogram-transformer', 'wav2vec2'];

/**
 * Reads `config.json`, `preprocessor_config.json` and the header of `model.safetensors` of a Whisper, AST or Wav2Vec2.
 * @param seconds - of a clip that Wav2Vec2 hears; Whisper and AST hear what their preprocessor says
 * @throws models/checkpoint-missing, models/architecture-unsupported, models/config-invalid, models/tensor-...,
 *   features/processor-invalid, features/processor-unsupported
 */
export async function readSoundCheckpoint(folder: string, seconds: number): Promise<SoundCheckpoint> {
  const raw = await requiredJson(folder, 'config.json', 'sound');
  if (!SOUND_TYPES.includes(String(raw.model_type))) {
    throw modelError(
      'models/architecture-unsupported',
      `${folder} has model_type = ${JSON.stringify(raw.model_type)}; as sound encoders Attune knows ${SOUND_TYPES.join(', ')}.`,
      { hint: 'Name an encoder of pictures in model.image, one of texts in model.text.' },
    );
  }
  const { sound } = await readSoundPlan(folder, seconds);
  const input = soundInput(sound);
  const config = input.spectrogram
    ? raw
    : { ...raw, clip_samples: input.columns, clip_mask: input.rows === 2 };
  const encoder = openImageArchitecture(config);
  requireFit(folder, encoder, input);
  return { config, encoder, sound, weights: await encoderWeights(folder, encoder) };
}

/**
 * Reads `preprocessor_config.json`.
 * @returns `framesFirst`: whether models of its kind read [frames, bands]
 * @throws models/checkpoint-missing, features/processor-invalid, features/processor-unsupported
 */
export async function readSoundPlan(
  folder: string,
  seconds: number,
): Promise<{ readonly sound: SoundPlan; readonly framesFirst: boolean }> {
  const preprocessor = await requiredJson(folder, 'preprocessor_config.json', 'sound');
  const whole: SoundPlan = { kind: 'checkpoint', preprocessor };
  const { spectrogram, sampleRateHz } = soundInput(whole);
  const framesFirst = preprocessor.feature_extractor_type === 'ASTFeatureExtractor';
  if (spectrogram) return { sound: whole, framesFirst };
  return { sound: { ...whole, samples: Math.round(seconds * sampleRateHz) }, framesFirst };
}

function requireFit(folder: string, encoder: ImageEncoder, { rows, columns }: SoundInput): void {
  if (encoder.height === rows && encoder.imageWidth === columns && encoder.channels === 1) return;
  throw modelError(
    'models/config-invalid',
    `The preprocessor of ${folder} makes ${rows} x ${columns} numbers of a sound, and its encoder (${encoder.modelType}) reads ${encoder.height} x ${encoder.imageWidth}.`,
    { hint: 'config.json and preprocessor_config.json come from different models.' },
  );
}
