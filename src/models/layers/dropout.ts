import { dropout, input } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/**
 * Drops elements of `x` with `probability` and scales the others up (Srivastava et al. 2014). The caller of a forward
 * function gives it, because whether anything is dropped is the caller's business. Called once a place, in the order
 * of the forward pass.
 */
export type Dropout = (x: Tensor, probability: number) => Tensor;

/** For evaluation and prediction. */
export const noDropout: Dropout = (x) => x;

/**
 * For training: each place gets a mask as an input of the graph, `dropout.0`, `dropout.1` ..., which the session draws
 * from the run's seed, the step and that name. One graph needs one of these.
 */
export function trainingDropout(): Dropout {
  let place = 0;
  return (x, probability) => {
    if (probability === 0) return x;
    const mask = input(`dropout.${place}`, 'uint8', x.shape, { kind: 'bernoulli', keep: 1 - probability });
    place += 1;
    return dropout(x, mask, probability);
  };
}
