import { describe, expect, it } from 'vitest';
import { input, parameter } from '../../graph/builder.ts';
import { topologicalOrder } from '../../graph/order.ts';
import { languageModelParameters } from '../heads/language-model.ts';
import { trainingDropout } from '../layers/dropout.ts';
import { parameterSize } from '../layers/parameters.ts';
import { scopeOf } from '../layers/scope.ts';
import type { RawConfig } from './config.ts';
import { hiddenStates } from './encoder.ts';
import { openArchitecture } from './registry.ts';

const MINILM = { num_hidden_layers: 6, hidden_size: 384, num_attention_heads: 12, intermediate_size: 1536 };

describe('openArchitecture', () => {
  // What `sum(p.numel() for p in model.parameters())` gives in transformers, without the pooler.
  it.each([
    ['bert-base', { model_type: 'bert' }, 108_891_648, 109_514_298],
    ['all-MiniLM-L6-v2', { model_type: 'bert', ...MINILM }, 22_565_376, undefined],
    [
      'roberta-base',
      { model_type: 'roberta', max_position_embeddings: 514, type_vocab_size: 1 },
      124_055_040,
      124_697_433,
    ],
    [
      'xlm-roberta-base',
      { model_type: 'xlm-roberta', vocab_size: 250_002, max_position_embeddings: 514, type_vocab_size: 1 },
      277_453_056,
      undefined,
    ],
    ['distilbert-base', { model_type: 'distilbert' }, 66_362_880, undefined],
    ['mpnet-base', { model_type: 'mpnet', max_position_embeddings: 514 }, 108_895_872, undefined],
    ['ModernBERT-base', { model_type: 'modernbert' }, 149_014_272, 149_655_232],
    ['gpt2', { model_type: 'gpt2' }, 124_439_808, 124_439_808],
  ] as const)('counts the parameters of %s as transformers does', (_, config, bare, withHead) => {
    const encoder = openArchitecture(config);
    const count = encoder.parameters.reduce((total, spec) => total + parameterSize(spec), 0);
    expect(count).toBe(bare);
    if (withHead !== undefined) {
      const head = languageModelParameters(encoder).reduce((total, spec) => total + parameterSize(spec), 0);
      expect(count + head).toBe(withHead);
    }
  });

  it('names the architectures it knows, and the nearest, when it meets another', () => {
    expect(() => openArchitecture({ model_type: 'distillbert' })).toThrow(
      /model_type = "distillbert"; Attune knows bert/,
    );
    expect(catchError(() => openArchitecture({ model_type: 'distillbert' })).hint).toBe(
      'Did you mean distilbert?',
    );
    expect(catchError(() => openArchitecture({})).code).toBe('models/architecture-unsupported');
  });

  it.each([
    [{ model_type: 'bert', position_embedding_type: 'relative_key' }, 'position_embedding_type'],
    [{ model_type: 'bert', is_decoder: true }, 'is_decoder'],
    [{ model_type: 'bert', hidden_act: 'mish' }, 'hidden_act'],
    [{ model_type: 'roberta', add_cross_attention: true }, 'add_cross_attention'],
    [{ model_type: 'xlm-roberta', position_embedding_type: 'relative_key' }, 'position_embedding_type'],
    [{ model_type: 'distilbert', sinusoidal_pos_embds: true }, 'sinusoidal_pos_embds'],
    [{ model_type: 'distilbert', activation: 'constructor' }, 'activation'],
    [{ model_type: 'mpnet', relative_attention_num_buckets: 64 }, 'relative_attention_num_buckets'],
    [{ model_type: 'modernbert', hidden_activation: 'laplace' }, 'hidden_activation'],
    [{ model_type: 'modernbert', rope_scaling: { type: 'yarn' } }, 'rope_scaling'],
    [{ model_type: 'modernbert', rope_parameters: { full_attention: { rope_type: 'yarn' } } }, 'rope_type'],
    [{ model_type: 'gpt2', add_cross_attention: true }, 'add_cross_attention'],
  ] as const)('refuses %o, which would be another computation', (config, key) => {
    const error = catchError(() => openArchitecture(config));
    expect(error.code).toBe('models/architecture-unsupported');
    expect(error.message).toContain(key);
  });

  it.each([
    [{ model_type: 'bert', hidden_size: '768' }, 'hidden_size'],
    [{ model_type: 'bert', hidden_size: 770 }, '770'],
    [{ model_type: 'bert', num_hidden_layers: 0 }, 'num_hidden_layers'],
    [{ model_type: 'roberta', hidden_dropout_prob: 1 }, 'hidden_dropout_prob'],
    [{ model_type: 'distilbert', dim: -1 }, 'dim'],
    [{ model_type: 'mpnet', layer_norm_eps: 0 }, 'layer_norm_eps'],
    [{ model_type: 'modernbert', layer_types: ['full_attention'] }, 'layer_types'],
    [{ model_type: 'modernbert', layer_types: ['local'] }, 'layer_types'],
    [{ model_type: 'gpt2', n_inner: 1.5 }, 'n_inner'],
  ] as const)('refuses %o, whose value is wrong, and names the key', (config, key) => {
    const error = catchError(() => openArchitecture(config));
    expect(error.code).toBe('models/config-invalid');
    expect(error.message).toContain(key);
  });

  it('refuses a language-model head with an output matrix of its own', () => {
    const encoder = openArchitecture({ model_type: 'bert', tie_word_embeddings: false });
    expect(catchError(() => languageModelParameters(encoder)).message).toContain('tie_word_embeddings');
  });

  it('reads ModernBERT configs of the hub and of transformers 5 alike', () => {
    const sizes = { ...MINILM, model_type: 'modernbert', vocab_size: 50, num_hidden_layers: 4 };
    const old = { ...sizes, global_attn_every_n_layers: 2, global_rope_theta: 5000, local_rope_theta: 300 };
    const full = 'full_attention';
    const sliding = 'sliding_attention';
    const now = {
      ...sizes,
      layer_types: [full, sliding, full, sliding],
      rope_parameters: {
        full_attention: { rope_type: 'default', rope_theta: 5000 },
        sliding_attention: { rope_type: 'default', rope_theta: 300 },
      },
    };
    const other = { ...now, layer_types: [full, full, full, sliding] };
    expect(fingerprint(old)).toBe(fingerprint(now));
    expect(fingerprint(other)).not.toBe(fingerprint(now));
    expect(fingerprint({ ...old, local_rope_theta: 301 })).not.toBe(fingerprint(now));
    expect(fingerprint({ ...old, local_attention: 64 })).not.toBe(fingerprint(now));
  });

  // Places counted in transformers' code: after the embeddings, and for each layer the attention's shares and outputs.
  it.each([
    [
      { model_type: 'bert', hidden_dropout_prob: 0.2, attention_probs_dropout_prob: 0.3 },
      [
        [0.2, 5],
        [0.3, 2],
      ],
    ],
    [{ model_type: 'roberta', hidden_dropout_prob: 0.2, attention_probs_dropout_prob: 0 }, [[0.2, 5]]],
    [
      { model_type: 'distilbert', dropout: 0.2, attention_dropout: 0.3 },
      [
        [0.2, 3],
        [0.3, 2],
      ],
    ],
    [
      { model_type: 'mpnet', hidden_dropout_prob: 0.2, attention_probs_dropout_prob: 0.3 },
      [
        [0.2, 5],
        [0.3, 2],
      ],
    ],
    [
      { model_type: 'modernbert', embedding_dropout: 0.1, attention_dropout: 0.2, mlp_dropout: 0.3 },
      [
        [0.1, 1],
        [0.2, 4],
        [0.3, 2],
      ],
    ],
    [
      { model_type: 'gpt2', embd_pdrop: 0.1, attn_pdrop: 0.2, resid_pdrop: 0.3 },
      [
        [0.1, 1],
        [0.2, 2],
        [0.3, 4],
      ],
    ],
  ] as const)('drops at the places and with the probabilities of %o', (config, places) => {
    const two = { num_hidden_layers: 2, n_layers: 2, n_layer: 2 };
    const counts = new Map<number, number>();
    for (const node of graphOf({ ...config, ...two }, trainingDropout())) {
      if (node.kind !== 'dropout') continue;
      const probability = node.attributes.probability as number;
      counts.set(probability, (counts.get(probability) ?? 0) + 1);
    }
    expect([...counts].sort(([a], [b]) => a - b)).toEqual(places);
  });

  it('says how deep each parameter lies, for learning rates by layer', () => {
    const encoder = openArchitecture({ model_type: 'gpt2', n_layer: 3 });
    const depth = new Map(encoder.parameters.map(({ name, depth: at }) => [name, at]));
    expect(['wte.weight', 'h.0.ln_1.weight', 'h.2.mlp.c_fc.weight'].map((name) => depth.get(name))).toEqual([
      0, 1, 3,
    ]);
    expect(encoder.parameters.find(({ name }) => name === 'h.1.ln_2.bias')?.role).toBe('norm');
  });
});

function graphOf(config: RawConfig, dropout: ReturnType<typeof trainingDropout>) {
  const encoder = openArchitecture(config);
  const tensors = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
  const inputs = {
    ids: input('ids', 'int32', ['batch', 'tokens']),
    mask: input('mask', 'int32', ['batch', 'tokens']),
  };
  return topologicalOrder([
    hiddenStates(
      encoder,
      scopeOf((name) => tensors.get(name)!),
      inputs,
      dropout,
    ),
  ]);
}

/** Everything that a graph computes, constants included. */
function fingerprint(config: RawConfig): string {
  return JSON.stringify(
    graphOf(config, (x) => x).map(({ kind, attributes, outputs }) => [kind, attributes, outputs]),
  );
}

function catchError(action: () => unknown): { code: string; message: string; hint: string | undefined } {
  try {
    action();
  } catch (error) {
    return error as { code: string; message: string; hint: string | undefined };
  }
  throw new Error('Expected an error.');
}
