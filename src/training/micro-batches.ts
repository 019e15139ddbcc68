/** The products of one step as the arrays that its passes read: inputs as training varies them, and labels. */
import type { Random } from '../base/random.ts';
import type { BatchMaker } from '../models/attribute/batch.ts';
import { type Example, type Loaders, withLoaded } from '../models/attribute/example.ts';
import { isFused } from '../models/attribute/fusion.ts';
import { mediaTokens } from '../models/attribute/media-vectors.ts';
import { cutByTokens } from '../models/attribute/runner.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { variationOf } from './augment-config.ts';
import type { TrainingConfig } from './config.ts';
import type { LabelledProduct } from './labelled.ts';
import { mixPictures } from './mix-pictures.ts';
import type { MicroBatch } from './step.ts';
import { makeTargets } from './targets.ts';
import { hideModality, varyCategories, varyMedia } from './vary-modalities.ts';

export type TrainingExample = {
  readonly labelled: LabelledProduct;
  /** Without its pictures, which are brought when its step comes. */
  readonly example: Example;
};
export const tokensOf = ({ example }: TrainingExample) => example.packed.ids.length;

export type MicroBatchParts = Loaders & {
  readonly spec: AttributeModelSpec;
  readonly batches: BatchMaker;
  readonly config: TrainingConfig;
};

/** @param random - of this step: which modalities are hidden, how pictures are changed and which are mixed */
export async function toMicroBatches(
  parts: MicroBatchParts,
  step: readonly TrainingExample[],
  random: Random,
): Promise<MicroBatch[]> {
  const { spec, batches, config } = parts;
  const extra = ({ labelled }: TrainingExample) => mediaTokens(spec, labelled.media);
  const result: MicroBatch[] = [];
  for (const items of cutByTokens(step, { length: tokensOf, extra }, config.maxTokensPerMicroBatch)) {
    const labelled = items.map(({ labelled, example }) => ({
      texts: labelled.texts,
      labels: labelled.labels,
      length: example.packed.ids.length,
      spans: example.spans,
    }));
    const targets = makeTargets(spec, labelled, { unlistedWeight: config.unlistedWeight });
    const examples = await Promise.all(
      items.map(({ example, labelled: { media } }) => withLoaded(example, media, parts)),
    );
    const varied = isFused(spec) ? examples.map((example) => variedOf(parts, example, random)) : examples;
    const inputs = batches.make(varied);
    if (config.mix === 'none')
      result.push({ values: { ...inputs, ...targets.values }, weight: targets.weight });
    else result.push(mixPictures(spec, { inputs, examples: varied, labelled, targets }, config.mix, random));
  }
  return result;
}

function variedOf({ spec, config }: MicroBatchParts, example: Example, random: Random): Example {
  const varied = spec.media ? varyMedia(spec, example, variationOf(config.augment), random) : example;
  return hideModality(varyCategories(spec, varied, random), config.modalityDropout, random);
}
