/**
 * Mixup and CutMix: each picture of a micro-batch is mixed with another's, and its loss with the loss by the other's labels.
 * For models that read one picture of a product and nothing else: a text cannot be mixed.
 */
import type { Random } from '../base/random.ts';
import { type Mix, mixBatch } from '../features/image/mix.ts';
import type { Value } from '../graph/session.ts';
import type { Example } from '../models/attribute/example.ts';
import { modalitiesOf } from '../models/attribute/fusion.ts';
import { mediaEncoderOf, mediaScope } from '../models/attribute/media-vectors.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { trainingError } from './errors.ts';
import { OWN_SHARE } from './objective.ts';
import type { MicroBatch } from './step.ts';
import { type LabelledExample, makeTargets, type Targets } from './targets.ts';

/** The usual shapes of the share, and half of the batches as they are, so that whole pictures are still seen. */
const MIXES: Readonly<Record<Mix['kind'], Mix>> = {
  mixup: { kind: 'mixup', probability: 0.5, alpha: 0.2 },
  cutmix: { kind: 'cutmix', probability: 0.5, alpha: 1 },
};

/** @throws training/bad-setting where the model reads anything but one trained picture a product */
export function requireMixable(spec: AttributeModelSpec): void {
  const [field] = spec.media ?? [];
  const alone =
    modalitiesOf(spec).length === 1 && field?.kind === 'image' && field.most === 1 && !field.frozen;
  if (alone && spec.spans === undefined) return;
  throw trainingError(
    'training/bad-setting',
    'training.mix mixes pictures and their labels; here other inputs would tell which is which.',
    {
      hint: 'Leave training.mix out, or read one picture of a product (`most: 1`, not frozen) and nothing else.',
    },
  );
}

export function mixPictures(
  spec: AttributeModelSpec,
  {
    inputs,
    examples,
    labelled,
    targets,
  }: {
    readonly inputs: Readonly<Record<string, Value>>;
    readonly examples: readonly Pick<Example, 'media'>[];
    readonly labelled: readonly LabelledExample[];
    readonly targets: Targets;
  },
  kind: Mix['kind'],
  random: Random,
): MicroBatch {
  const field = spec.media![0]!;
  const { height, imageWidth } = mediaEncoderOf(field);
  const name = `${mediaScope(field.field)}.values`;
  const pictures = inputs[name]!;
  const size = { height, width: imageWidth };
  const mixed = mixBatch(pictures.data as Float32Array, size, MIXES[kind], random);
  // Products without a picture have none in the array.
  const withPicture = examples.flatMap(({ media }, product) => (media[0]!.length > 0 ? [product] : []));
  const partnerOf = examples.map((_, product) => product);
  for (const [file, product] of withPicture.entries())
    partnerOf[product] = withPicture[mixed.partners[file]!]!;
  const partners = makeTargets(
    spec,
    partnerOf.map((product) => labelled[product]!),
    { unlistedWeight: 0 },
  );
  const renamed = Object.entries(partners.values).map(([key, value]) => [
    key.replace(/^target/, 'partner'),
    value,
  ]);
  return {
    values: {
      ...inputs,
      [name]: { ...pictures, data: mixed.pixels },
      ...targets.values,
      ...(Object.fromEntries(renamed) as Record<string, Value>),
      [OWN_SHARE]: { dtype: 'float32', dims: [], data: Float32Array.of(mixed.weight) },
    },
    weight: mixed.weight * targets.weight + (1 - mixed.weight) * partners.weight,
  };
}
