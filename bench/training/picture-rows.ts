/** Training steps of models that read pictures, beside the same models in PyTorch. */
import type { Figure } from '../runner/figure.ts';
import { matmulSpeed } from './matmul-speed.ts';
import { PictureClassifier, type PicturePlan } from './picture-classifier.ts';
import { figuresOf, timeSteps } from './step-figures.ts';
import { type Precision, TorchClassifier, usefulPrecisions } from './torch-classifier.ts';

type Model = Pick<PicturePlan, 'encoder' | 'statistics'> & { readonly batch: number };

const RESNET_18 = {
  model_type: 'resnet',
  image_size: 224,
  hidden_sizes: [64, 128, 256, 512],
  depths: [2, 2, 2, 2],
  layer_type: 'basic',
};
const VIT_S_16 = {
  model_type: 'vit',
  image_size: 224,
  patch_size: 16,
  hidden_size: 384,
  num_attention_heads: 6,
  intermediate_size: 1536,
  attention_probs_dropout_prob: 0,
};
const SMALL = { model_type: 'attune-image-small', image_height: 64, image_width: 48 };

/** What the rows are called, and what is timed. */
export const PICTURE_MODELS: Readonly<Record<string, Model>> = {
  'vit-s/16': { encoder: VIT_S_16, statistics: 'kept', batch: 8 },
  'resnet-18': { encoder: RESNET_18, statistics: 'batch', batch: 16 },
  'resnet-18-averages-kept': { encoder: RESNET_18, statistics: 'kept', batch: 16 },
  'attune-image-small': { encoder: SMALL, statistics: 'batch', batch: 64 },
};

const CLASSES = 20;
/** The same product before each model: the machine's mood changes over a run of minutes. */
const PLAIN = { rows: 1024, inner: 1024, columns: 1024 };

export type PictureOptions = {
  readonly python: string | undefined;
  readonly threads: number;
  readonly rounds: number;
  /** Small pictures, to see that it works. */
  readonly quick: boolean;
  readonly say: (text: string) => void;
};

/** @param names - keys of PICTURE_MODELS */
export async function pictureRows(
  names: readonly string[],
  { python, threads, rounds, quick, say }: PictureOptions,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const name of names) {
    const model = PICTURE_MODELS[name];
    if (model === undefined)
      throw new Error(`--pictures ${name}: one of ${Object.keys(PICTURE_MODELS).join()}`);
    const plain = await matmulSpeed(PLAIN, threads);
    const { encoder, statistics, batch } = quick ? { ...model, batch: 2 } : model;
    const sizes = quick && 'image_size' in encoder ? { ...encoder, image_size: 64 } : encoder;
    const plan: PicturePlan = { encoder: sizes, statistics, classes: CLASSES, batch, threads };
    // A peer for each model: it gives back the memory of the one before.
    const torch =
      python === undefined ? undefined : TorchClassifier.start(python, threads, 'picture_training.py');
    const ours = await PictureClassifier.create(plan);
    try {
      let precisions: readonly Precision[] = [];
      if (torch) {
        await torch.build(plan);
        precisions = await usefulPrecisions(torch, say);
      }
      const times = await timeSteps(ours, torch, precisions, rounds);
      const row = `${name} x${batch} fp32`;
      say(`${row}: ${[...times].map(([side, ms]) => `${side} ${ms.toFixed(0)} ms`).join(', ')}`);
      const work = { operations: ours.operations, items: batch, unit: 'pictures/s' };
      figures.push(...figuresOf(row, work, times, plain));
    } finally {
      torch?.close();
      await ours.close();
    }
  }
  return figures;
}
