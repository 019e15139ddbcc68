/**
 * Whisper's encoder: two convolutions along time, fixed waves for positions, pre-norm layers; Radford et al. 2022,
 * https://arxiv.org/abs/2212.04356. Parameter names and defaults are those of transformers' `WhisperModel`. It takes 30 seconds
 * of log-mel as a picture of one channel, mels high and frames wide. A clip's vector is the mean over time.
 */
import { z } from 'zod';
import { add, mean, reshape } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { ACTIVATIONS } from '../layers/activation.ts';
import { convolutionParameters, convolveRow } from '../layers/convolution.ts';
import { norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { type Initial, normParameters, type ParameterSpec } from '../layers/parameters.ts';
import { pixelsAsTokens } from '../layers/patches.ts';
import { type PreNormNames, type PreNormShape, preNormLayer, preNormParameters } from '../layers/pre-norm.ts';
import type { Scope } from '../layers/scope.ts';
import {
  parseConfig,
  positive,
  probability,
  type RawConfig,
  readActivation,
  requireEvenHeads,
  requireValues,
  size,
} from './config.ts';
import type { ImageEncoder } from './encoder.ts';

const WHISPER_CONFIG = z.looseObject({
  num_mel_bins: size.default(80),
  encoder_layers: size.default(4),
  encoder_attention_heads: size.default(6),
  encoder_ffn_dim: size.default(1536),
  d_model: size.default(384),
  dropout: probability.default(0),
  attention_dropout: probability.default(0),
  init_std: positive.default(0.02),
  max_source_positions: size.default(1500),
});

/** PyTorch's default, which transformers does not change. */
const EPSILON = 1e-5;
/** The second convolution halves the frames. */
const FRAMES_A_POSITION = 2;

const LAYER: PreNormNames = {
  normBefore: 'self_attn_layer_norm',
  query: 'self_attn.q_proj',
  key: 'self_attn.k_proj',
  value: 'self_attn.v_proj',
  output: 'self_attn.out_proj',
  normAfter: 'final_layer_norm',
  inner: 'fc1',
  outer: 'fc2',
};

type Plan = {
  readonly layer: PreNormShape;
  readonly layers: number;
  readonly mels: number;
  readonly positions: number;
  readonly std: number;
};

export function whisper(config: RawConfig): ImageEncoder {
  const parsed = parseConfig(WHISPER_CONFIG, config);
  requireValues(config, { encoder_layerdrop: 0, activation_dropout: 0 });
  requireEvenHeads(config, parsed.d_model, parsed.encoder_attention_heads);
  const plan: Plan = {
    layer: {
      width: parsed.d_model,
      heads: parsed.encoder_attention_heads,
      intermediate: parsed.encoder_ffn_dim,
      activation: readActivation(config, 'activation_function', 'gelu'),
      epsilon: EPSILON,
      hiddenDropout: parsed.dropout,
      attentionDropout: parsed.attention_dropout,
      biases: { query: true, key: false, value: true },
    },
    layers: parsed.encoder_layers,
    mels: parsed.num_mel_bins,
    positions: parsed.max_source_positions,
    std: parsed.init_std,
  };
  return {
    modelType: 'whisper',
    prefix: 'model.encoder.',
    width: parsed.d_model,
    layers: plan.layers,
    channels: 1,
    height: plan.mels,
    imageWidth: FRAMES_A_POSITION * plan.positions,
    parameters: parametersOf(plan),
    encode: (parameters, pixels, dropout) => {
      const tokens = encode(plan, parameters, pixels, dropout);
      return { tokens, pooled: mean(tokens, [1]) };
    },
  };
}

function parametersOf({ layer, layers, mels, positions, std }: Plan): ParameterSpec[] {
  const { width } = layer;
  const initial: Initial = { kind: 'normal', std };
  return [
    ...convolutionParameters('conv1', [width, mels, 3], { depth: 0, initial }),
    ...convolutionParameters('conv2', [width, width, 3], { depth: 0, initial }),
    {
      name: 'embed_positions.weight',
      shape: [positions, width],
      role: 'embedding',
      depth: 0,
      initial: { kind: 'sinusoids' },
      fixed: true,
    },
    ...Array.from({ length: layers }, (_, i) =>
      preNormParameters(`layers.${i}`, layer, LAYER, { depth: i + 1, initial }),
    ).flat(),
    ...normParameters('layer_norm', width, layers),
  ];
}

/** [batch, 1, mels, frames] to [batch, positions, width]. */
function encode(plan: Plan, parameters: Scope, spectrogram: Tensor, dropout: Dropout): Tensor {
  const [batch, , mels, frames] = spectrogram.shape;
  const channels = reshape(spectrogram, [batch!, mels!, 1, frames!]);
  const { gelu } = ACTIVATIONS;
  const once = gelu(convolveRow(channels, parameters.within('conv1'), { padding: 1 }));
  const twice = gelu(
    convolveRow(once, parameters.within('conv2'), { stride: FRAMES_A_POSITION, padding: 1 }),
  );
  const placed = add(pixelsAsTokens(twice), parameters.get('embed_positions.weight'));
  let hidden = dropout(placed, plan.layer.hiddenDropout);
  for (let i = 0; i < plan.layers; i++)
    hidden = preNormLayer(hidden, parameters.within(`layers.${i}`), plan.layer, LAYER, { dropout });
  return norm(hidden, parameters.within('layer_norm'), EPSILON);
}
