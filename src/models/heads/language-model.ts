/**
 * Scores of the vocabulary from hidden states: the head of masked language models and of GPT-2, under the names that
 * transformers gives its parameters.
 */

import { linear } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { TextEncoder } from '../architectures/encoder.ts';
import { modelError } from '../errors.ts';
import { ACTIVATIONS } from '../layers/activation.ts';
import { dense, norm } from '../layers/dense.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import { biasParameter, linearParameters, normParameters } from '../layers/parameters.ts';
import type { Scope } from '../layers/scope.ts';

/** The head's own parameters; the matrix that makes scores is the encoder's word table. */
export function languageModelParameters(encoder: TextEncoder): ParameterSpec[] {
  const { transform, bias, tied } = encoder.vocabularyHead;
  if (!tied) {
    throw modelError(
      'models/architecture-unsupported',
      `config.json of a ${encoder.modelType} model has tie_word_embeddings = false; Attune's language-model heads use the word embeddings as their output matrix.`,
      { details: { modelType: encoder.modelType } },
    );
  }
  const depth = encoder.layers + 1;
  const specs: ParameterSpec[] = [];
  if (transform !== undefined) {
    const { initial, denseBias, normBias } = transform;
    specs.push(
      ...linearParameters(
        transform.dense,
        encoder.width,
        encoder.width,
        { depth, initial },
        { bias: denseBias },
      ),
      ...normParameters(transform.norm, encoder.width, depth, { bias: normBias }),
    );
  }
  if (bias !== undefined) specs.push(biasParameter(bias, encoder.vocabulary, depth));
  return specs;
}

/**
 * Logits [..., vocabulary] from hidden states [..., width]. Hand in only the positions whose scores are wanted: the
 * product with the word table is the dearest of the model.
 */
export function languageModelLogits(encoder: TextEncoder, parameters: Scope, hidden: Tensor): Tensor {
  const { table, transform, bias } = encoder.vocabularyHead;
  let features = hidden;
  if (transform !== undefined) {
    const inner = dense(features, parameters.within(transform.dense), { bias: transform.denseBias });
    const activated = ACTIVATIONS[transform.activation](inner);
    features = norm(activated, parameters.within(transform.norm), transform.epsilon, {
      bias: transform.normBias,
    });
  }
  return linear(features, parameters.get(table), bias === undefined ? undefined : parameters.get(bias));
}
