/** SigLIP's tower for pictures: a ViT without a class token, pooled by attention; Zhai et al. 2023, https://arxiv.org/abs/2303.15343. */
import { z } from 'zod';
import { add, slice } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { attend, splitHeads } from '../layers/attention.ts';
import { convolutionParameters } from '../layers/convolution.ts';
import { dense, norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { feedForward } from '../layers/feed-forward.ts';
import {
  biasParameter,
  type Initial,
  linearParameters,
  normParameters,
  type ParameterSpec,
  tableParameter,
} from '../layers/parameters.ts';
import { patchTokens } from '../layers/patches.ts';
import type { PreNormShape } from '../layers/pre-norm.ts';
import { type Scope, scopeOf } from '../layers/scope.ts';
import { onlyRow, runTower, towerKeys, towerOf, towerParameters } from './clip-towers.ts';
import { parseConfig, type RawConfig, requireValues, size } from './config.ts';
import type { ImageEncoder } from './encoder.ts';
import { bothSizes, patchesOf } from './image-config.ts';

const VISION_CONFIG = z.looseObject({
  ...towerKeys({ width: 768, intermediate: 3072, heads: 12, epsilon: 1e-6 }),
  num_channels: size.default(3),
  image_size: bothSizes.default([224, 224]),
  patch_size: bothSizes.default([16, 16]),
});

/** Of SigLIP's parameters when nothing is loaded: the config says nothing of it. */
export const SIGLIP_INITIAL: Initial = { kind: 'truncated-normal', std: 0.02, cutoff: 2 };

/** @param config - `vision_config` of a SigLIP model, or config.json of the tower alone */
export function siglipVision(config: RawConfig, prefix: string): ImageEncoder {
  const parsed = parseConfig(VISION_CONFIG, config);
  requireValues(config, { vision_use_head: true });
  const tower = towerOf(config, parsed, 'gelu_pytorch_tanh');
  const { width } = tower.layer;
  const [rows, columns] = patchesOf(config, parsed.image_size, parsed.patch_size);
  const plan = { depth: 0, initial: SIGLIP_INITIAL };
  return {
    modelType: String(config.model_type),
    prefix,
    width,
    layers: tower.layers,
    channels: parsed.num_channels,
    height: parsed.image_size[0],
    imageWidth: parsed.image_size[1],
    parameters: [
      ...convolutionParameters(
        'embeddings.patch_embedding',
        [width, parsed.num_channels, ...parsed.patch_size],
        plan,
      ),
      tableParameter('embeddings.position_embedding', rows * columns, width, plan),
      ...towerParameters(tower, SIGLIP_INITIAL),
      ...normParameters('post_layernorm', width, tower.layers),
      ...poolParameters(tower.layer, tower.layers + 1),
    ],
    encode: (parameters, pixels, dropout) => {
      const embeddings = parameters.within('embeddings');
      const patches = patchTokens(pixels, embeddings.within('patch_embedding'), {
        stride: parsed.patch_size,
      });
      const placed = add(patches, embeddings.get('position_embedding.weight'));
      const states = runTower(tower, parameters, placed, { dropout });
      const tokens = norm(states, parameters.within('post_layernorm'), parsed.layer_norm_eps);
      return { tokens, pooled: pool(tower.layer, parameters.within('head'), tokens, dropout) };
    },
  };
}

function poolParameters({ width, intermediate }: PreNormShape, depth: number): ParameterSpec[] {
  const plan = { depth, initial: SIGLIP_INITIAL };
  return [
    { name: 'head.probe', shape: [1, 1, width], role: 'embedding', ...plan },
    { name: 'head.attention.in_proj_weight', shape: [3 * width, width], role: 'weight', ...plan },
    biasParameter('head.attention.in_proj_bias', 3 * width, depth),
    ...linearParameters('head.attention.out_proj', width, width, plan),
    ...normParameters('head.layernorm', width, depth),
    ...linearParameters('head.mlp.fc1', width, intermediate, plan),
    ...linearParameters('head.mlp.fc2', intermediate, width, plan),
  ];
}

/** A learned probe asks the tokens: [batch, patches, width] to [batch, width]. */
function pool(shape: PreNormShape, scope: Scope, tokens: Tensor, dropout: Dropout): Tensor {
  const { width, heads, epsilon, activation } = shape;
  // Query's, key's and value's matrices lie in one, as PyTorch's MultiheadAttention has them.
  const part = (i: number) =>
    scopeOf((name) => slice(scope.get(`attention.in_proj_${name}`), 0, i * width, (i + 1) * width));
  const project = (x: Tensor, i: number) => splitHeads(dense(x, part(i)), heads);
  const context = attend(project(scope.get('probe'), 0), project(tokens, 1), project(tokens, 2), {
    bias: undefined,
    scale: 1 / Math.sqrt(width / heads),
    dropout,
    probability: 0,
  });
  const asked = dense(context, scope.within('attention.out_proj'));
  const normal = norm(asked, scope.within('layernorm'), epsilon);
  const fed = feedForward(normal, scope.within('mlp.fc1'), scope.within('mlp.fc2'), activation);
  return onlyRow(add(asked, fed));
}
