/** The encoders of a run's pictures and sounds, and where they start. */
import { dirname } from 'node:path';
import { type AudioInputConfig, type ImageInputConfig, inputsOf } from '../catalog/config-inputs.ts';
import { soundInput } from '../features/audio/sound-input.ts';
import type { Size } from '../features/image/processor.ts';
import { smallProcessor } from '../features/image/small-processor.ts';
import { SMALL_IMAGE } from '../models/architectures/small-image.ts';
import { describeOnnxFile } from '../models/attribute/onnx-encoder.ts';
import type { FileEncoderSpec, MediaSpec } from '../models/attribute/spec.ts';
import { readImageCheckpoint, readImageProcessor } from '../models/checkpoint/image-checkpoint.ts';
import { readSoundCheckpoint, readSoundPlan } from '../models/checkpoint/sound-checkpoint.ts';
import type { Weights } from '../models/checkpoint/weights.ts';
import type { AttuneConfig } from './config.ts';
import { type EncoderFolders, isOnnxPath } from './encoder-folders.ts';

/** A field with its encoder. */
export type FileEncoder = {
  readonly spec: MediaSpec;
  /** Under the names of the encoder's parameters; undefined for one that starts at random. */
  readonly weights: Weights | undefined;
  /** The path of an encoder that is an ONNX file. */
  readonly onnx?: string;
};

/**
 * @param shapeOf - finds the shape in which an encoder that starts from nothing sees the pictures of a field
 * @throws what reading a checkpoint throws
 */
export async function fileEncoders(
  { inputs, training: { threads } }: Pick<AttuneConfig, 'inputs' | 'training'>,
  folders: EncoderFolders,
  shapeOf: (field: string) => Promise<Size>,
): Promise<readonly FileEncoder[]> {
  const encoders: FileEncoder[] = [];
  for (const [field, input] of inputsOf(inputs, 'image', 'audio')) {
    const folder = folders[input.kind];
    const { spec, ...start } =
      folder !== undefined && isOnnxPath(folder)
        ? await onnxStart(input, folder, threads)
        : await startOf(input, folders, () => shapeOf(field));
    encoders.push({ spec: { field, most: input.most, ...spec }, ...start });
  }
  return encoders;
}

type Start = Omit<FileEncoder, 'spec'> & { readonly spec: FileEncoderSpec };

async function startOf(
  input: ImageInputConfig | AudioInputConfig,
  { image, audio }: EncoderFolders,
  shape: () => Promise<Size>,
): Promise<Start> {
  if (input.kind === 'image') return image === undefined ? smallImage(await shape()) : pretrainedImage(image);
  return audio === undefined ? smallSound(input.seconds) : pretrainedSound(audio, input.seconds);
}

async function pretrainedImage(folder: string): Promise<Start> {
  const { config, processor, weights } = await readImageCheckpoint(folder);
  return { spec: { kind: 'image', fresh: false, encoder: config, processor }, weights };
}

async function pretrainedSound(folder: string, seconds: number): Promise<Start> {
  const { config, sound, weights } = await readSoundCheckpoint(folder, seconds);
  return { spec: { kind: 'audio', fresh: false, encoder: config, sound }, weights };
}

/** What makes its input stands in the preprocessor_config.json beside it. */
async function onnxStart(
  input: ImageInputConfig | AudioInputConfig,
  path: string,
  threads: number | undefined,
): Promise<Start> {
  const common = { fresh: false, frozen: true } as const;
  const start = { weights: undefined, onnx: path };
  const folder = dirname(path);
  if (input.kind === 'image') {
    const { processor, height, width } = await readImageProcessor(folder);
    const encoder = await describeOnnxFile(path, [3, height, width], false, threads);
    return { ...start, spec: { ...common, kind: 'image', encoder, processor } };
  }
  const { sound, framesFirst } = await readSoundPlan(folder, input.seconds);
  const { rows, columns } = soundInput(sound);
  const encoder = await describeOnnxFile(path, [rows, columns], framesFirst, threads);
  return { ...start, spec: { ...common, kind: 'audio', encoder, sound } };
}

function smallImage({ height, width }: Size): Start {
  const processor = smallProcessor({ height, width });
  const encoder = smallEncoder(3, height, width);
  return { spec: { kind: 'image', fresh: true, encoder, processor }, weights: undefined };
}

/** Bands of a spectrogram, and frames of 10 ms in a second. */
const MELS = 64;
const FRAMES_PER_SECOND = 100;

function smallSound(seconds: number): Start {
  const frames = Math.round(seconds * FRAMES_PER_SECOND);
  const encoder = { ...smallEncoder(1, MELS, frames), keep_rows: true };
  const sound = { kind: 'small', mels: MELS, frames } as const;
  return { spec: { kind: 'audio', fresh: true, encoder, sound }, weights: undefined };
}

const smallEncoder = (channels: number, height: number, width: number) => ({
  model_type: SMALL_IMAGE,
  num_channels: channels,
  image_height: height,
  image_width: width,
});
