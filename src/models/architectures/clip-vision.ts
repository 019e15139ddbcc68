/** CLIP's tower for pictures: a ViT with a norm before its layers; Radford et al. 2021, https://arxiv.org/abs/2103.00020. */
import { z } from 'zod';
import { add, reshape, slice } from '../../graph/builder.ts';
import { convolutionParameters } from '../layers/convolution.ts';
import { norm } from '../layers/dense.ts';
import { type Initial, normParameters, tableParameter } from '../layers/parameters.ts';
import { patchTokens, withTokensBefore } from '../layers/patches.ts';
import type { Rows } from '../layers/rows.ts';
import { onlyRow, runTower, towerKeys, towerOf, towerParameters } from './clip-towers.ts';
import { parseConfig, positive, type RawConfig, size } from './config.ts';
import type { ImageEncoder } from './encoder.ts';
import { bothSizes, patchesOf } from './image-config.ts';

const VISION_CONFIG = z.looseObject({
  ...towerKeys({ width: 768, intermediate: 3072, heads: 12, epsilon: 1e-5 }),
  initializer_range: positive.default(0.02),
  num_channels: size.default(3),
  image_size: bothSizes.default([224, 224]),
  patch_size: bothSizes.default([32, 32]),
});

/**
 * The picture's vector is the class token after the last norm; the patches are those before it, as in transformers.
 * @param config - `vision_config` of a CLIP model, or config.json of the tower alone
 */
export function clipVision(config: RawConfig, prefix: string): ImageEncoder {
  const parsed = parseConfig(VISION_CONFIG, config);
  const tower = towerOf(config, parsed, 'quick_gelu');
  const { width } = tower.layer;
  const [rows, columns] = patchesOf(config, parsed.image_size, parsed.patch_size);
  const patches = rows * columns;
  const initial: Initial = { kind: 'normal', std: parsed.initializer_range };
  const plan = { depth: 0, initial };
  return {
    modelType: String(config.model_type),
    prefix,
    width,
    layers: tower.layers,
    channels: parsed.num_channels,
    height: parsed.image_size[0],
    imageWidth: parsed.image_size[1],
    parameters: [
      { name: 'embeddings.class_embedding', shape: [width], role: 'embedding', ...plan },
      ...convolutionParameters(
        'embeddings.patch_embedding',
        [width, parsed.num_channels, ...parsed.patch_size],
        plan,
        { bias: false },
      ),
      tableParameter('embeddings.position_embedding', patches + 1, width, plan),
      ...normParameters('pre_layrnorm', width, 0),
      ...towerParameters(tower, initial),
      ...normParameters('post_layernorm', width, tower.layers),
    ],
    encode: (parameters, pixels, dropout) => {
      const embeddings = parameters.within('embeddings');
      const patch = patchTokens(pixels, embeddings.within('patch_embedding'), {
        stride: parsed.patch_size,
        bias: false,
      });
      const first = reshape(embeddings.get('class_embedding'), [1, 1, width]);
      const placed = add(withTokensBefore([first], patch), embeddings.get('position_embedding.weight'));
      const below = norm(placed, parameters.within('pre_layrnorm'), parsed.layer_norm_eps);
      const last = (asked: Rows) => runTower(tower, parameters, below, { dropout, rows: asked });
      return {
        tokens: slice(last('all'), 1, 1, patches + 1),
        pooled: norm(onlyRow(last('first')), parameters.within('post_layernorm'), parsed.layer_norm_eps),
      };
    },
  };
}
