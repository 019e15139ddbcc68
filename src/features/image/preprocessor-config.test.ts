import { expect, it } from 'vitest';
import { readPreprocessorConfig } from './preprocessor-config.ts';
import { fixedSize, processorFingerprint } from './processor.ts';

it('reads the files of before transformers 4.26, where sizes were numbers and classes feature extractors', () => {
  const clip = readPreprocessorConfig({
    crop_size: 224,
    do_center_crop: true,
    do_normalize: true,
    do_resize: true,
    feature_extractor_type: 'CLIPFeatureExtractor',
    image_mean: [0.48145466, 0.4578275, 0.40821073],
    image_std: [0.26862954, 0.26130258, 0.27577711],
    resample: 3,
    size: 224,
  });
  expect(clip).toEqual(readPreprocessorConfig({ image_processor_type: 'CLIPImageProcessor' }));
  expect(clip.fit).toEqual({ kind: 'shortest', edge: 224 });
  expect(readPreprocessorConfig({ feature_extractor_type: 'ViTFeatureExtractor', size: 160 }).fit).toEqual({
    kind: 'stretch',
    height: 160,
    width: 160,
  });
});

it('takes the class from the model type when the file names none', () => {
  expect(readPreprocessorConfig({ size: 200 }, 'resnet')).toEqual(
    readPreprocessorConfig({ image_processor_type: 'ConvNextImageProcessorFast', size: 200 }),
  );
  expect(() => readPreprocessorConfig({ size: 200 })).toThrow(/names no image_processor_type/);
});

it('resizes by crop_pct below 384 pixels, and to a square from there', () => {
  const small = readPreprocessorConfig({ image_processor_type: 'ConvNextImageProcessor', size: 224 });
  expect(small.fit).toEqual({ kind: 'shortest', edge: 256 });
  expect(small.crops).toEqual([{ height: 224, width: 224 }]);
  const large = readPreprocessorConfig({ image_processor_type: 'ConvNextImageProcessor' });
  expect(large.fit).toEqual({ kind: 'stretch', height: 384, width: 384 });
  expect(fixedSize(large)).toEqual({ height: 384, width: 384 });
});

it('refuses by name what would change the result', () => {
  const vit = (more: object) => () =>
    readPreprocessorConfig({ image_processor_type: 'ViTImageProcessor', ...more });
  expect(vit({ do_flip_channel_order: true })).toThrow(/do_flip_channel_order: true/);
  expect(vit({ do_flip_channel_order: false, do_thumbnail: null })).not.toThrow();
  expect(vit({ crop_pct: 0.9 })).toThrow(/crop_pct in a ViTImageProcessor/);
  expect(vit({ do_pad: true })).toThrow(/do_pad without pad_size/);
  expect(vit({ data_format: 'channels_last' })).toThrow(/data_format is "channels_last"/);
  expect(vit({ resample: 7 })).toThrow(/resample is 7/);
  expect(vit({ size: { longest_edge: 10 } })).toThrow(/size is/);
  expect(vit({ image_std: [1, 0, 1] })).toThrow(/image_std has a 0/);
  expect(() => readPreprocessorConfig({ image_processor_type: 'DonutImageProcessor' })).toThrow(
    /DonutImageProcessor is not known/,
  );
});

it('names equal processors equally and different ones differently', () => {
  const of = (more: object) =>
    processorFingerprint(readPreprocessorConfig({ image_processor_type: 'ViTImageProcessor', ...more }));
  expect(of({})).toBe(of({ size: { height: 224, width: 224 }, do_convert_rgb: true }));
  expect(of({ rescale_factor: 1 / 127.5 })).not.toBe(of({}));
});
