import { cast, divide, expandDims, gather, multiply, sum } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/**
 * The mean of a name's word vectors, from the encoder's own word table: what lets a value or an attribute that training
 * never saw be scored by its name.
 * @param table - `[vocabulary, D]`; @param ids - `[N, T]` int32; @param mask - `[N, T]` int32, 1 on tokens; each row has some
 * @returns `[N, D]`
 */
export function nameVectors(table: Tensor, ids: Tensor, mask: Tensor): Tensor {
  const present = cast(mask, 'float32');
  const total = sum(multiply(gather(table, ids), expandDims(present, 2)), [1]);
  return divide(total, sum(present, [1], true));
}
