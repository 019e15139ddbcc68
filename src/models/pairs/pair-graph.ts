/** The graph of a model that puts pictures and texts into one space: their unit vectors, and how well each fits each. */
import {
  add,
  divide,
  exp,
  input,
  matmul,
  multiply,
  parameter,
  scalar,
  sqrt,
  sum,
} from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { PairEncoder, TextInputs } from '../architectures/encoder.ts';
import type { BatchNorm } from '../layers/batch-norm.ts';
import type { Dropout } from '../layers/dropout.ts';
import { scopeOf } from '../layers/scope.ts';

export type PairGraph = {
  readonly parameters: ReadonlyMap<string, Tensor>;
  readonly inputs: TextInputs & { readonly pixels: Tensor };
  /** Unit vectors, `[batch, size]`. */
  readonly pictures: Tensor;
  readonly texts: Tensor;
  /** `[batch texts, batch pictures]`: cosines times the learned scale, plus the learned bias where there is one. */
  readonly logits: Tensor;
};

/**
 * Reads the inputs `ids` and `mask`, int32 `[batch, tokens]`, and `pixels`, float32 `[batch, channels, height, width]`.
 * @param batchNorm - whose statistics batch norms use, where the encoder has some; the kept ones unless given
 */
export function pairGraph(encoder: PairEncoder, dropout: Dropout, batchNorm?: BatchNorm): PairGraph {
  const parameters = new Map(
    encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)] as const),
  );
  const scope = scopeOf((name) => parameters.get(name)!);
  const { channels, height, imageWidth } = encoder.image;
  const pixels = input('pixels', 'float32', ['batch', channels, height, imageWidth]);
  const ids = input('ids', 'int32', ['batch', 'tokens']);
  const mask = input('mask', 'int32', ['batch', 'tokens']);
  const pictures = unit(encoder.embedPictures(scope, pixels, dropout, batchNorm));
  const texts = unit(encoder.embedTexts(scope, { ids, mask }, dropout));
  const scaled = multiply(matmul(texts, pictures, { transposeB: true }), exp(scope.get(encoder.logitScale)));
  const { logitBias } = encoder;
  const logits = logitBias === undefined ? scaled : add(scaled, scope.get(logitBias));
  return { parameters, inputs: { ids, mask, pixels }, pictures, texts, logits };
}

/** Rows scaled to length 1. */
function unit(x: Tensor): Tensor {
  return divide(x, sqrt(add(sum(multiply(x, x), [1], true), scalar(1e-24))));
}
