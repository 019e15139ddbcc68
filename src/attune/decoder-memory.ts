/** How much memory training the decoder of texts will take, told before the run starts. */
import { availableMemory } from 'node:process';
import { openArchitecture } from '../models/architectures/registry.ts';
import type { GeneratorSpec } from '../models/generation/spec.ts';
import { parameterSize } from '../models/layers/parameters.ts';
import type { TrainingConfig } from '../training/config.ts';
import { trainingError } from '../training/errors.ts';
import { gigabytes } from './gigabytes.ts';
import { BASE, FLOAT } from './memory.ts';

/** Of a parameter: itself, Adam's two moments, and itself once more while it moves to where it is trained. */
const KEPT_WEIGHTS = 4;
/** Arrays of the decoder's width, and of four times that, which a layer keeps for each token; and score matrices for each head. */
const KEPT_WIDTHS = 14 + 4 * 4;
const KEPT_SCORES = 3;
/** Arrays as wide as the vocabulary for each token of a text. */
const KEPT_GUESSES = 5;

type Settings = Pick<TrainingConfig, 'batchSize' | 'maxTokensPerMicroBatch'>;

/** Bytes at most, by estimate. */
export function decoderMemory(
  { decoder, attributes, maxPromptTokens }: GeneratorSpec,
  { batchSize, maxTokensPerMicroBatch }: Settings,
): number {
  const { parameters, layers, width, heads, vocabulary } = openArchitecture(decoder);
  const sizes = parameters.map(parameterSize);
  const all = sizes.reduce((a, b) => a + b, 0);
  const text = Math.max(...attributes.map(({ maxTokens }) => maxTokens));
  const length = maxPromptTokens + text;
  const rows = Math.max(1, Math.min(batchSize, Math.floor(maxTokensPerMicroBatch / length)));
  const gradients = (batchSize > rows ? 3 : 1) * all + Math.max(...sizes);
  const row =
    length * layers * (KEPT_WIDTHS * width + KEPT_SCORES * heads * length) +
    text * KEPT_GUESSES * (vocabulary + width);
  return BASE + FLOAT * (KEPT_WEIGHTS * all + gradients + rows * row);
}

/**
 * @param available - bytes that the process may still take
 * @throws training/too-large
 */
export function checkDecoderMemory(
  spec: GeneratorSpec,
  settings: Settings,
  available: number = availableMemory(),
): number {
  const needed = decoderMemory(spec, settings);
  if (needed <= available) return needed;
  throw trainingError(
    'training/too-large',
    `Training the decoder of texts needs about ${gigabytes(needed)} of memory, and ${gigabytes(available)} are free. Nothing has been started.`,
    {
      hint: 'Lower training.maxTokensPerMicroBatch or model.maxTokens, or choose a smaller model.decoder.',
      details: { needed, available },
    },
  );
}
