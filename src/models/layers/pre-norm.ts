/**
 * The transformer layer that normalises what goes in, not what comes out (Xiong et al. 2020,
 * https://arxiv.org/abs/2002.04745): x + attention(norm(x)), then x + feed-forward(norm(x)). ViT, CLIP, SigLIP, Whisper
 * and AST share it under names of their own.
 */
import { add } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { ActivationName } from './activation.ts';
import { attend, splitHeads } from './attention.ts';
import { dense, norm } from './dense.ts';
import type { Dropout } from './dropout.ts';
import { feedForward } from './feed-forward.ts';
import { linearParameters, normParameters, type ParameterPlan, type ParameterSpec } from './parameters.ts';
import { type Rows, rowsOf } from './rows.ts';
import type { Scope } from './scope.ts';

/** Where a layer's parameters are, relative to the layer. */
export type PreNormNames = {
  readonly normBefore: string;
  readonly query: string;
  readonly key: string;
  readonly value: string;
  readonly output: string;
  readonly normAfter: string;
  readonly inner: string;
  readonly outer: string;
};

export type PreNormShape = {
  readonly width: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly activation: ActivationName;
  readonly epsilon: number;
  /** Of what each half adds. */
  readonly hiddenDropout: number;
  readonly attentionDropout: number;
  /** Whether query, key and value have biases; all unless told otherwise. */
  readonly biases?: { readonly query: boolean; readonly key: boolean; readonly value: boolean };
};

const ALL = { query: true, key: true, value: true };

export function preNormParameters(
  layer: string,
  { width, intermediate, biases = ALL }: PreNormShape,
  names: PreNormNames,
  plan: ParameterPlan,
): ParameterSpec[] {
  const square = (name: string, bias: boolean) =>
    linearParameters(`${layer}.${name}`, width, width, plan, { bias });
  return [
    ...normParameters(`${layer}.${names.normBefore}`, width, plan.depth),
    ...square(names.query, biases.query),
    ...square(names.key, biases.key),
    ...square(names.value, biases.value),
    ...square(names.output, true),
    ...normParameters(`${layer}.${names.normAfter}`, width, plan.depth),
    ...linearParameters(`${layer}.${names.inner}`, width, intermediate, plan),
    ...linearParameters(`${layer}.${names.outer}`, intermediate, width, plan),
  ];
}

/**
 * @param hidden - `[batch, tokens, width]`
 * @param bias - added to the scores; undefined where every token sees every other
 * @returns of `hidden`'s shape, or `[batch, 1, width]` for the first row alone
 */
export function preNormLayer(
  hidden: Tensor,
  layer: Scope,
  shape: PreNormShape,
  names: PreNormNames,
  {
    bias,
    dropout,
    rows = 'all',
  }: { readonly bias?: Tensor; readonly dropout: Dropout; readonly rows?: Rows },
): Tensor {
  const { biases = ALL } = shape;
  const before = norm(hidden, layer.within(names.normBefore), shape.epsilon);
  const project = (x: Tensor, name: 'query' | 'key' | 'value') =>
    splitHeads(dense(x, layer.within(names[name]), { bias: biases[name] }), shape.heads);
  const context = attend(
    project(rowsOf(before, rows), 'query'),
    project(before, 'key'),
    project(before, 'value'),
    {
      bias: bias && bias.shape.at(-2) !== 1 ? rowsOf(bias, rows, bias.shape.length - 2) : bias,
      scale: 1 / Math.sqrt(shape.width / shape.heads),
      dropout,
      probability: shape.attentionDropout,
    },
  );
  const attended = dropout(dense(context, layer.within(names.output)), shape.hiddenDropout);
  const middle = add(attended, rowsOf(hidden, rows));
  const after = norm(middle, layer.within(names.normAfter), shape.epsilon);
  const fed = feedForward(after, layer.within(names.inner), layer.within(names.outer), shape.activation);
  return add(dropout(fed, shape.hiddenDropout), middle);
}
