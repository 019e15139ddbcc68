/**
 * `preprocessor_config.json` of a Hugging Face checkpoint, read as the processors of transformers read it: a key that is
 * left out has its class's default; keys that change nothing here are passed over; whatever else would change the
 * result is refused by name, never ignored.
 *
 * @see https://github.com/huggingface/transformers/blob/main/src/transformers/image_processing_backends.py
 */
import { z } from 'zod';
import { closest } from '../../base/errors.ts';
import { featureError } from '../errors.ts';
import type { Fit, ImageProcessor, Size } from './processor.ts';
import type { Resampling } from './resample.ts';
import { smallProcessor } from './small-processor.ts';

const IMAGENET_STANDARD = [0.5, 0.5, 0.5] as const;
const OPENAI_CLIP = {
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
} as const;
const STANDARD = { image_mean: IMAGENET_STANDARD, image_std: IMAGENET_STANDARD } as const;
const BICUBIC = 3;

/** The defaults of each class; all of them resize, rescale and normalise. */
const CLASSES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ViTImageProcessor: { ...STANDARD, size: { height: 224, width: 224 }, resample: 2 },
  DeiTImageProcessor: {
    ...STANDARD,
    size: { height: 256, width: 256 },
    resample: BICUBIC,
    do_center_crop: true,
    crop_size: 224,
  },
  CLIPImageProcessor: {
    ...OPENAI_CLIP,
    size: { shortest_edge: 224 },
    default_to_square: false,
    resample: BICUBIC,
    do_center_crop: true,
    crop_size: 224,
  },
  SiglipImageProcessor: {
    ...STANDARD,
    size: { height: 224, width: 224 },
    default_to_square: false,
    resample: BICUBIC,
  },
  ConvNextImageProcessor: {
    ...STANDARD,
    size: { shortest_edge: 384 },
    default_to_square: false,
    resample: BICUBIC,
    crop_pct: 224 / 256,
  },
  BitImageProcessor: {
    ...OPENAI_CLIP,
    size: { shortest_edge: 224 },
    default_to_square: false,
    resample: BICUBIC,
    do_center_crop: true,
    crop_size: 224,
  },
};

/** The class of a model whose preprocessor_config.json names none, as AutoImageProcessor finds it. */
const CLASS_OF_MODEL: Readonly<Record<string, string>> = {
  vit: 'ViTImageProcessor',
  vit_mae: 'ViTImageProcessor',
  swin: 'ViTImageProcessor',
  swinv2: 'ViTImageProcessor',
  deit: 'DeiTImageProcessor',
  clip: 'CLIPImageProcessor',
  siglip: 'SiglipImageProcessor',
  convnext: 'ConvNextImageProcessor',
  convnextv2: 'ConvNextImageProcessor',
  resnet: 'ConvNextImageProcessor',
  regnet: 'ConvNextImageProcessor',
  bit: 'BitImageProcessor',
  dinov2: 'BitImageProcessor',
};

/** Pillow's numbers. */
const RESAMPLINGS: readonly Resampling[] = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'];

/** Keys that say who wrote the file, or that cannot matter to one RGB picture that gives `[3, height, width]`. */
const WITHOUT_EFFECT = new Set([
  'image_processor_type',
  'feature_extractor_type',
  'processor_class',
  'do_convert_rgb',
  'return_tensors',
  'device',
  'disable_grouping',
  'input_data_format',
  'image_seq_length',
  '_valid_processor_keys',
]);

const side = z.int().min(1);
const pair = z.union([
  side,
  z.tuple([side, side]),
  z.strictObject({ height: side, width: side }),
  z.strictObject({ shortest_edge: side }),
  z.strictObject({ shortest_edge: side, longest_edge: side }),
]);
const channels = z.union([
  z.number().transform((value) => [value, value, value] as const),
  z.tuple([z.number(), z.number(), z.number()]),
]);
const schema = z.strictObject({
  do_resize: z.boolean().default(true),
  size: pair,
  default_to_square: z.boolean().default(true),
  resample: z
    .int()
    .min(0)
    .max(RESAMPLINGS.length - 1),
  do_center_crop: z.boolean().default(false),
  crop_size: pair.optional(),
  crop_pct: z.number().gt(0).max(1).optional(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z.number().default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: channels,
  image_std: channels,
  do_pad: z.boolean().default(false),
  pad_size: pair.optional(),
  data_format: z.literal('channels_first').optional(),
});
type Config = z.output<typeof schema>;
type SizeConfig = z.output<typeof pair>;

/**
 * @param json - the content of preprocessor_config.json
 * @param modelType - `model_type` of config.json, for files that do not name their class
 * @throws features/processor-invalid, features/processor-unsupported
 */
export function readPreprocessorConfig(json: unknown, modelType?: string): ImageProcessor {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw invalid('it is not an object');
  const given = json as Readonly<Record<string, unknown>>;
  if (given.image_processor_type === SMALL_PROCESSOR) return readSmall(given);
  const className = classOf(given, modelType);
  const config = parse(className, given);
  const { fit, crops } = geometry(className, config);
  if (config.do_pad && config.pad_size === undefined)
    throw unsupported('do_pad without pad_size, which pads to the largest picture of a batch');
  return {
    fit,
    resampling: RESAMPLINGS[config.resample]!,
    crops,
    scale: config.do_rescale ? config.rescale_factor : 1,
    mean: config.do_normalize ? config.image_mean : [0, 0, 0],
    std: config.do_normalize ? nonZero(config.image_std) : [1, 1, 1],
    pad: config.do_pad ? exact(config.pad_size!, 'pad_size') : undefined,
  };
}

/** What the folder of a small picture encoder says of its processor, which transformers has none like. */
export function smallPreprocessorConfig({ height, width }: Size): Readonly<Record<string, unknown>> {
  return { image_processor_type: SMALL_PROCESSOR, size: { height, width } };
}

const SMALL_PROCESSOR = 'AttuneSmallImageProcessor';

function readSmall({ size }: Readonly<Record<string, unknown>>): ImageProcessor {
  const parsed = pair.safeParse(size);
  if (!parsed.success) throw invalid(`size is ${JSON.stringify(size)}`);
  return smallProcessor(exact(parsed.data, 'size'));
}

/** The name as it was before transformers 5: `CLIPFeatureExtractor`, `ViTImageProcessorFast` are the same classes. */
function classOf(given: Readonly<Record<string, unknown>>, modelType: string | undefined): string {
  const named = given.image_processor_type ?? given.feature_extractor_type;
  if (named === undefined) {
    const found = modelType === undefined ? undefined : CLASS_OF_MODEL[modelType];
    if (found !== undefined) return found;
    throw invalid('it names no image_processor_type, and the model type does not tell one');
  }
  const name = String(named)
    .replace(/(Fast|Pil)$/, '')
    .replace(/FeatureExtractor$/, 'ImageProcessor');
  if (name in CLASSES) return name;
  const known = Object.keys(CLASSES);
  throw featureError(
    'features/processor-unsupported',
    `preprocessor_config.json: the image processor ${String(named)} is not known.`,
    { hint: `Known are ${known.join(', ')}.`, details: { className: named, nearest: closest(name, known) } },
  );
}

function parse(className: string, given: Readonly<Record<string, unknown>>): Config {
  const kept: Record<string, unknown> = { ...CLASSES[className] };
  for (const [key, value] of Object.entries(given)) {
    if (WITHOUT_EFFECT.has(key)) continue;
    if (key in schema.shape) {
      if (value !== null) kept[key] = value;
      // A switch that is off, or a value that is not given, changes nothing.
    } else if (value !== null && value !== false) throw unsupported(`${key}: ${JSON.stringify(value)}`);
  }
  if (kept.crop_pct !== undefined && className !== 'ConvNextImageProcessor')
    throw unsupported(`crop_pct in a ${className}`);
  const parsed = schema.safeParse(kept);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path }) => `${path[0] as string} is ${JSON.stringify(kept[path[0] as string])}`,
  );
  throw invalid([...new Set(problems)].join(', '));
}

function geometry(className: string, config: Config): Pick<ImageProcessor, 'fit' | 'crops'> {
  const crops: Size[] = [];
  let fit: Fit = config.do_resize ? fitOf(config.size, config.default_to_square) : { kind: 'keep' };
  if (className === 'ConvNextImageProcessor' && config.do_resize) {
    if (fit.kind !== 'shortest') throw invalid('size of a ConvNextImageProcessor has no shortest_edge alone');
    const { edge } = fit;
    if (edge < 384) {
      fit = { kind: 'shortest', edge: Math.trunc(edge / config.crop_pct!) };
      crops.push({ height: edge, width: edge });
    } else fit = { kind: 'stretch', height: edge, width: edge };
  }
  if (config.do_center_crop) {
    if (config.crop_size === undefined) throw invalid('do_center_crop is true and crop_size is missing');
    crops.push(exact(config.crop_size, 'crop_size'));
  }
  return { fit, crops };
}

function fitOf(size: SizeConfig, square: boolean): Fit {
  if (typeof size === 'number')
    return square ? { kind: 'stretch', height: size, width: size } : { kind: 'shortest', edge: size };
  if ('longest_edge' in size)
    return { kind: 'between', shortest: size.shortest_edge, longest: size.longest_edge };
  if ('shortest_edge' in size) return { kind: 'shortest', edge: size.shortest_edge };
  return { kind: 'stretch', ...exact(size, 'size') };
}

/** A size that says height and width; one number is a square. */
function exact(size: SizeConfig, key: string): Size {
  if (typeof size === 'number') return { height: size, width: size };
  if ('height' in size) return { height: size.height, width: size.width };
  if (Array.isArray(size)) return { height: size[0], width: size[1] };
  throw invalid(`${key} has no height and width`);
}

function nonZero(std: Config['image_std']): Config['image_std'] {
  if (std.includes(0)) throw invalid('image_std has a 0');
  return std;
}

function invalid(problem: string): Error {
  return featureError('features/processor-invalid', `preprocessor_config.json: ${problem}.`, {
    hint: 'Save the processor again with `transformers`.',
  });
}

function unsupported(what: string): Error {
  return featureError(
    'features/processor-unsupported',
    `preprocessor_config.json asks for ${what}, which Attune does not do.`,
  );
}
