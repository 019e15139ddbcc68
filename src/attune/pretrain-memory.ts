/** How much memory pretraining will take, told before the run starts. */
import { availableMemory } from 'node:process';
import { parameterSize } from '../models/layers/parameters.ts';
import type { TrainingConfig } from '../training/config.ts';
import { trainingError } from '../training/errors.ts';
import type { PretrainConfig } from '../training/pretrain-config.ts';
import { guessFloats, textFloats } from './activations.ts';
import { gigabytes } from './gigabytes.ts';
import { BASE, FLOAT } from './memory.ts';
import type { PretrainStart } from './pretrain-start.ts';

/** Of a parameter: itself, Adam's two moments, and itself once more while it moves to where it is trained. */
const KEPT_WEIGHTS = 4;

type Settings = Pick<PretrainConfig, 'maxTokens' | 'batchTokens' | 'guessed'> &
  Pick<TrainingConfig, 'maxTokensPerMicroBatch'>;

/** Bytes at most, by estimate. */
export function pretrainMemory({ start, encoder, parameters }: PretrainStart, settings: Settings): number {
  const { maxTokens, batchTokens, guessed, maxTokensPerMicroBatch } = settings;
  const sizes = parameters.map(parameterSize);
  const all = sizes.reduce((a, b) => a + b, 0);
  const rows = Math.max(1, Math.floor(Math.min(batchTokens, maxTokensPerMicroBatch) / maxTokens));
  const gradients = (batchTokens > maxTokensPerMicroBatch ? 3 : 1) * all + Math.max(...sizes);
  const row = textFloats(start.encoder, encoder, maxTokens) + guessFloats(encoder, guessed * maxTokens);
  return BASE + FLOAT * (KEPT_WEIGHTS * all + gradients + rows * row);
}

/**
 * @param available - bytes that the process may still take
 * @throws training/too-large with the micro-batch that would fit
 */
export function checkPretrainMemory(
  start: PretrainStart,
  settings: Settings,
  available: number = availableMemory(),
): number {
  const needed = pretrainMemory(start, settings);
  if (needed <= available) return needed;
  let fits = settings.maxTokensPerMicroBatch;
  do fits = Math.floor(fits / 2);
  while (fits >= 64 && pretrainMemory(start, { ...settings, maxTokensPerMicroBatch: fits }) > available);
  throw trainingError(
    'training/too-large',
    `Pretraining needs about ${gigabytes(needed)} of memory, and ${gigabytes(available)} are free. Nothing has been started.`,
    {
      hint:
        fits >= 64
          ? `It fits with --set training.maxTokensPerMicroBatch=${fits}.`
          : 'Choose a smaller encoder (model.text, or model.layers and model.width) or a lower pretrain.maxTokens, or a machine with more memory.',
      details: { needed, available },
    },
  );
}
