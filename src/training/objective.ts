/**
 * The loss of the attribute model: each labelled (product, attribute) pair weighs the same, whatever its kind, and a
 * pair without a label weighs nothing. Label inputs are filled by targets.ts under the same names.
 */
import {
  add,
  exp,
  expandDims,
  input,
  log,
  max,
  maximum,
  multiply,
  reshape,
  scalar,
  scale,
  slice,
  stopGradient,
  subtract,
  sum,
} from '../graph/builder.ts';
import type { Tensor } from '../graph/tensor.ts';
import type { AttributeOutputs } from '../models/attribute/attribute-model.ts';
import type { SpanOutputs } from '../models/attribute/span-head.ts';
import { type AttributeModelSpec, type Columns, choiceColumns } from '../models/attribute/spec.ts';
import { binaryCrossEntropy, crossEntropy, huber, type LossTerm, masked } from './losses.ts';

/** Name of the scalar that is a mixed picture's own share. */
export const OWN_SHARE = 'mix.own';

const HUBER_DELTA = 1;
const CLOSED = 1e4;

export function attributeLoss(
  spec: AttributeModelSpec,
  outputs: AttributeOutputs,
  options: LossOptions,
): LossTerm {
  const own = lossBy('target', spec, outputs, options);
  if (!options.mixed) return own;
  const share = input(OWN_SHARE, 'float32', []);
  const partner = lossBy('partner', spec, outputs, options);
  const between = (mine: Tensor, theirs: Tensor) =>
    add(multiply(mine, share), multiply(theirs, subtract(scalar(1), share)));
  return { total: between(own.total, partner.total), weight: between(own.weight, partner.weight) };
}

export type LossOptions = {
  readonly smoothing: number;
  /** Whether pictures are mixed, each with a partner whose labels count for the rest of its loss; see mix-pictures.ts. */
  readonly mixed?: boolean;
};

/** @param labels - whose: the product's own or those of its partner */
function lossBy(
  labels: 'target' | 'partner',
  spec: AttributeModelSpec,
  outputs: AttributeOutputs,
  options: LossOptions,
): LossTerm {
  const choice = outputs.choice ? choiceTargets(spec, labels) : [];
  const number = outputs.number ? numberTarget(outputs.number, labels) : undefined;
  const terms = [
    ...(outputs.choice ? choiceTerms(choice, outputs.choice, options.smoothing) : []),
    ...(outputs.number ? [numberTerm(number!, outputs.number)] : []),
    ...(outputs.span ? [spanTerm(outputs.span)] : []),
  ];
  // Each modality's own loss, beside that of what they say together; labels weigh what they weigh in any other model.
  const parts = (outputs.parts ?? []).flatMap((part) => [
    ...(part.choice ? choiceTerms(choice, part.choice, options.smoothing, part.present) : []),
    ...(part.number ? [numberTerm(number!, part.number, part.present)] : []),
  ]);
  return {
    total: [...terms, ...parts].map((term) => term.total).reduce(add),
    weight: terms.map((term) => term.weight).reduce(add),
  };
}

/** The labels of one choice or multi attribute: `mask` float32 `[B]`, 0 where there is none. */
type ChoiceTarget = { readonly columns: Columns; readonly mask: Tensor } & (
  | { readonly kind: 'choice' /** int32 `[B]` */; readonly label: Tensor }
  | { readonly kind: 'multi' /** float32 `[B, V]` */; readonly labels: Tensor }
);

function choiceTargets({ choices }: AttributeModelSpec, labels: string): ChoiceTarget[] {
  return choiceColumns(choices).map((columns, i): ChoiceTarget => {
    const mask = input(`${labels}.choiceMask.${i}`, 'float32', ['batch']);
    return choices[i]!.kind === 'choice'
      ? { columns, mask, kind: 'choice', label: input(`${labels}.choice.${i}`, 'int32', ['batch']) }
      : {
          columns,
          mask,
          kind: 'multi',
          labels: input(`${labels}.multi.${i}`, 'float32', ['batch', columns.size]),
        };
  });
}

/** @param present - float32 `[B]`, 0 where a product counts for nothing */
function choiceTerms(
  targets: readonly ChoiceTarget[],
  logits: Tensor,
  smoothing: number,
  present?: Tensor,
): LossTerm[] {
  return targets.map((target) => {
    const { start, size } = target.columns;
    const columns = slice(logits, 1, start, start + size);
    const mask = present ? multiply(target.mask, present) : target.mask;
    if (target.kind === 'choice') return crossEntropy(columns, target.label, { mask, smoothing });
    // The values of one label share its weight.
    const term = binaryCrossEntropy(columns, target.labels, { mask: expandDims(mask, 1) });
    return { total: term.total, weight: sum(mask) };
  });
}

/** Both float32 `[B, N]`. */
type NumberTarget = { readonly values: Tensor; readonly mask: Tensor };

function numberTarget({ shape }: Tensor, labels: string): NumberTarget {
  return {
    values: input(`${labels}.number`, 'float32', shape),
    mask: input(`${labels}.numberMask`, 'float32', shape),
  };
}

function numberTerm(target: NumberTarget, values: Tensor, present?: Tensor): LossTerm {
  const mask = present ? multiply(target.mask, expandDims(present, 1)) : target.mask;
  return huber(values, target.values, { mask, delta: HUBER_DELTA });
}

/** Weight of the loss of tokens beside that of spans. */
export const TOKEN_LOSS_WEIGHT = 0.5;

/**
 * -log of the probability that all right candidates have together, "no value" being one of the candidates; and the
 * cross-entropy of each token against the attribute whose value it is part of.
 */
function spanTerm({ spans, none, tokens, outside }: SpanOutputs): LossTerm {
  const rightSpans = input('target.spans', 'float32', spans.shape);
  const rightNone = input('target.none', 'float32', none.shape);
  const weight = input('target.spanWeight', 'float32', none.shape);
  const all = logAddExp(none, logSumExp(spans, 1));
  const right = logAddExp(add(none, closing(rightNone)), logSumExp(add(spans, closing(rightSpans)), 1));
  const spanLoss = masked(subtract(all, right), weight);

  const tokenOf = input('target.tokens', 'float32', tokens.shape);
  const isOutside = input('target.outside', 'float32', outside.shape);
  const tokenWeight = input('target.tokenWeight', 'float32', outside.shape.slice(0, 2));
  const flatOutside = reshape(outside, outside.shape.slice(0, 2));
  const chosen = add(
    sum(multiply(tokens, tokenOf), [2]),
    multiply(flatOutside, reshape(isOutside, flatOutside.shape)),
  );
  const tokenLoss = subtract(logAddExp(flatOutside, logSumExp(tokens, 2)), chosen);
  return { total: add(spanLoss.total, sum(multiply(tokenLoss, tokenWeight))), weight: spanLoss.weight };
}

/** 0 where right, very low elsewhere. */
function closing(right: Tensor): Tensor {
  return scale(subtract(scalar(1), right), -CLOSED);
}

/** log(exp(a) + exp(b)), without overflow. */
function logAddExp(a: Tensor, b: Tensor): Tensor {
  const largest = stopGradient(maximum(a, b));
  return add(log(add(exp(subtract(a, largest)), exp(subtract(b, largest)))), largest);
}

/** log Σ exp(x) along an axis, without overflow; the axis goes. */
function logSumExp(x: Tensor, axis: number): Tensor {
  const largest = stopGradient(max(x, [axis], true));
  const total = log(sum(exp(subtract(x, largest)), [axis], true));
  return reshape(
    add(total, largest),
    x.shape.filter((_, i) => i !== axis),
  );
}
