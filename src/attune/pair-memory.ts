/** How much memory aligning texts and pictures will take, told before the run starts. */
import { availableMemory } from 'node:process';
import { type ParameterSpec, parameterSize } from '../models/layers/parameters.ts';
import type { AlignConfig } from '../training/align-config.ts';
import { trainingError } from '../training/errors.ts';
import { fieldFloats, textFloats } from './activations.ts';
import { gigabytes } from './gigabytes.ts';
import { BASE, FLOAT } from './memory.ts';
import type { PairStart } from './prepare-pairs.ts';

/** Of a parameter: itself, Adam's two moments, itself where vectors are computed, and its gradient. */
const KEPT_WEIGHTS = 5;
/** Matrices of all texts by all pictures of a batch. */
const KEPT_LOGITS = 6;

type Start = Pick<PairStart, 'config' | 'encoder' | 'processor' | 'maxTokens' | 'weights'>;

/** Bytes at most, by estimate. All pairs of a batch are compared with each other, so it is computed at once. */
export function pairMemory(
  { config, encoder, processor, maxTokens, weights }: Start,
  { batchSize }: Pick<AlignConfig, 'batchSize'>,
): number {
  const sizes = encoder.parameters.map((each: ParameterSpec) => parameterSize(each));
  const all = sizes.reduce((a, b) => a + b, 0);
  const part = (name: string) => (config[name] ?? {}) as Readonly<Record<string, unknown>>;
  const texts = textFloats(part('text_config'), encoder.text, maxTokens);
  const pictures = fieldFloats({
    field: 'pictures',
    kind: 'image',
    most: 1,
    encoder: { ...config, model_type: encoder.modelType },
    fresh: weights === undefined,
    processor,
  });
  const step = batchSize * (texts + pictures) + KEPT_LOGITS * batchSize ** 2;
  return BASE + FLOAT * (KEPT_WEIGHTS * all + Math.max(...sizes) + step);
}

/**
 * @param available - bytes that the process may still take
 * @throws training/too-large with the batch size that would fit
 */
export function checkPairMemory(
  start: Start,
  settings: Pick<AlignConfig, 'batchSize'>,
  available: number = availableMemory(),
): number {
  const needed = pairMemory(start, settings);
  if (needed <= available) return needed;
  let fits = Math.floor(settings.batchSize / 2);
  while (fits >= 2 && pairMemory(start, { batchSize: fits }) > available) fits = Math.floor(fits / 2);
  throw trainingError(
    'training/too-large',
    `Aligning needs about ${gigabytes(needed)} of memory, and ${gigabytes(available)} are free. Nothing has been started.`,
    {
      hint:
        fits >= 2
          ? `It fits with --set align.batchSize=${fits}.`
          : 'No batch of it fits: choose a smaller align.model (or model.layers and model.width), or align on a machine with more memory.',
      details: { needed, available },
    },
  );
}
