import { expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { smallProcessor } from '../features/image/small-processor.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import { mixPictures, requireMixable } from './mix-pictures.ts';
import { type LabelledExample, makeTargets } from './targets.ts';

const SIZE = 16;
const PHOTO = {
  field: 'photo',
  kind: 'image',
  most: 1,
  encoder: { model_type: 'attune-image-small', image_height: SIZE, image_width: SIZE },
  fresh: true,
  processor: smallProcessor({ height: SIZE, width: SIZE }),
} as const;
const SPEC: AttributeModelSpec = {
  encoder: {},
  vocabulary: undefined,
  pooling: 'mean',
  fields: [],
  categoryContext: false,
  maxTokens: 16,
  media: [PHOTO],
  choices: [{ attribute: 'color', kind: 'choice', values: ['a', 'b', 'c', 'd'], notApplicable: false }],
  numbers: [],
  spans: undefined,
};
const LABELS = ['a', 'b', 'c', 'd'];
const LABELLED = LABELS.map(
  (value): LabelledExample => ({
    texts: [],
    length: 1,
    spans: undefined,
    labels: { color: { state: 'values', values: [value] } },
  }),
);
/** The third product has no picture; a picture's pixels are all the number of its product. */
const EXAMPLES = [1, 1, 0, 1].map((files) => ({ media: [new Array(files).fill(new Float32Array(0))] }));
const PIXELS = 3 * SIZE * SIZE;
const inputs = {
  'media.photo.values': {
    dtype: 'float32' as const,
    dims: [3, 3, SIZE, SIZE],
    data: Float32Array.from({ length: 3 * PIXELS }, (_, i) => [0, 1, 3][Math.floor(i / PIXELS)]!),
  },
};

it.each(['mixup', 'cutmix'] as const)(
  '%s: the share of the partner in the pixels is its share in the labels',
  (kind) => {
    const targets = makeTargets(SPEC, LABELLED, { unlistedWeight: 0 });
    let mixedAtAll = 0;
    for (let seed = 0; seed < 40; seed++) {
      const { values, weight } = mixPictures(
        SPEC,
        { inputs, examples: EXAMPLES, labelled: LABELLED, targets },
        kind,
        new Random(seed),
      );
      expect(weight).toBeCloseTo(4, 5);
      const own = values['mix.own']!.data[0] as number;
      const partners = [...(values['partner.choice.0']!.data as Int32Array)];
      expect(partners[2]).toBe(2);
      for (const [file, product] of [0, 1, 3].entries()) {
        const pixels = (values['media.photo.values']!.data as Float32Array).subarray(
          file * PIXELS,
          (file + 1) * PIXELS,
        );
        const mean = pixels.reduce((a, b) => a + b, 0) / PIXELS;
        expect(mean).toBeCloseTo(own * product + (1 - own) * partners[product]!, 3);
      }
      if (own < 1) mixedAtAll++;
    }
    expect(mixedAtAll).toBeGreaterThan(5);
    expect(mixedAtAll).toBeLessThan(35);
  },
);

it('is refused where a text would tell which picture is meant', () => {
  expect(() => requireMixable(SPEC)).not.toThrow();
  expect(() => requireMixable({ ...SPEC, fields: [{ name: 'title', maxTokens: 8 }] })).toThrow(
    'training.mix',
  );
  expect(() => requireMixable({ ...SPEC, media: [{ ...PHOTO, most: 2 }] })).toThrow('training.mix');
});
