/** The post-norm encoder layer of BERT, which RoBERTa and XLM-RoBERTa share; Devlin et al. 2019, https://arxiv.org/abs/1810.04805. */
import { add } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ActivationName } from '../layers/activation.ts';
import { attend, splitHeads } from '../layers/attention.ts';
import { dense, norm } from '../layers/dense.ts';
import type { Dropout } from '../layers/dropout.ts';
import { addEmbeddings, positionRows } from '../layers/embeddings.ts';
import { feedForward } from '../layers/feed-forward.ts';
import { paddingBias } from '../layers/mask.ts';
import type { Initial, ParameterSpec } from '../layers/parameters.ts';
import { linearParameters, normParameters, tableParameter } from '../layers/parameters.ts';
import type { Rows } from '../layers/rows.ts';
import { rowsOf, rowsOfLayer } from '../layers/rows.ts';
import type { Scope } from '../layers/scope.ts';
import type { TextInputs } from './encoder.ts';

/** What BERT's and RoBERTa's configs have in common, under names of our own. */
export type BertShape = {
  readonly vocabulary: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly activation: ActivationName;
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  /** Rows of the position table. */
  readonly positions: number;
  /** The row of the first token: 0 in BERT; RoBERTa leaves the rows up to its padding id unused. */
  readonly firstPosition: number;
  readonly segments: number;
  readonly std: number;
  readonly epsilon: number;
  readonly padId: number;
};

/** Values of both configs' keys that Attune computes; others would be another model. */
export const BERT_ONLY = {
  position_embedding_type: 'absolute',
  is_decoder: false,
  add_cross_attention: false,
};

export function bertParameters(shape: BertShape): ParameterSpec[] {
  const { width, intermediate } = shape;
  const initial: Initial = { kind: 'normal', std: shape.std };
  const padded: Initial = { kind: 'normal', std: shape.std, zeroRow: shape.padId };
  const positions: Initial = shape.firstPosition === 0 ? initial : padded;
  const specs = [
    tableParameter('embeddings.word_embeddings', shape.vocabulary, width, { depth: 0, initial: padded }),
    tableParameter('embeddings.position_embeddings', shape.positions, width, {
      depth: 0,
      initial: positions,
    }),
    tableParameter('embeddings.token_type_embeddings', shape.segments, width, { depth: 0, initial }),
    ...normParameters('embeddings.LayerNorm', width, 0),
  ];
  for (let layer = 0; layer < shape.layers; layer++) {
    const name = `encoder.layer.${layer}`;
    const plan = { depth: layer + 1, initial };
    specs.push(
      ...linearParameters(`${name}.attention.self.query`, width, width, plan),
      ...linearParameters(`${name}.attention.self.key`, width, width, plan),
      ...linearParameters(`${name}.attention.self.value`, width, width, plan),
      ...linearParameters(`${name}.attention.output.dense`, width, width, plan),
      ...normParameters(`${name}.attention.output.LayerNorm`, width, plan.depth),
      ...linearParameters(`${name}.intermediate.dense`, width, intermediate, plan),
      ...linearParameters(`${name}.output.dense`, intermediate, width, plan),
      ...normParameters(`${name}.output.LayerNorm`, width, plan.depth),
    );
  }
  return specs;
}

/** The asked rows of the last layer's hidden states from word embeddings [batch, tokens, width]. */
export function encodeBert(
  shape: BertShape,
  parameters: Scope,
  words: Tensor,
  inputs: TextInputs,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const tables = parameters.within('embeddings');
  const positions = positionRows(tables.get('position_embeddings.weight'), inputs.ids, shape.firstPosition);
  const segments = { table: tables.get('token_type_embeddings.weight'), ids: inputs.segments };
  const embedded = norm(addEmbeddings(words, positions, segments), tables.within('LayerNorm'), shape.epsilon);
  const bias = paddingBias(inputs.mask);
  let hidden = dropout(embedded, shape.hiddenDropout);
  for (let layer = 0; layer < shape.layers; layer++) {
    const given = rowsOfLayer(layer, shape.layers, rows);
    hidden = bertLayer(shape, parameters.within(`encoder.layer.${layer}`), hidden, bias, dropout, given);
  }
  return hidden;
}

function bertLayer(
  shape: BertShape,
  layer: Scope,
  hidden: Tensor,
  bias: Tensor,
  dropout: Dropout,
  rows: Rows,
): Tensor {
  const { heads, epsilon } = shape;
  const asked = rowsOf(hidden, rows);
  const project = (x: Tensor, name: string) =>
    splitHeads(dense(x, layer.within(`attention.self.${name}`)), heads);
  const context = attend(project(asked, 'query'), project(hidden, 'key'), project(hidden, 'value'), {
    bias,
    scale: 1 / Math.sqrt(shape.width / heads),
    dropout,
    probability: shape.attentionDropout,
  });
  const attended = dropout(dense(context, layer.within('attention.output.dense')), shape.hiddenDropout);
  const middle = norm(add(attended, asked), layer.within('attention.output.LayerNorm'), epsilon);
  const fed = feedForward(
    middle,
    layer.within('intermediate.dense'),
    layer.within('output.dense'),
    shape.activation,
  );
  return norm(add(dropout(fed, shape.hiddenDropout), middle), layer.within('output.LayerNorm'), epsilon);
}
