import { slice } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** Whose hidden states a caller reads: every token's, or the first one's alone. */
export type Rows = 'all' | 'first';

/** Those rows of `x`, whose tokens lie along `axis`. What follows computes for them alone. */
export function rowsOf(x: Tensor, rows: Rows, axis = 1): Tensor {
  return rows === 'first' ? slice(x, axis, 0, 1) : x;
}

/** What a layer has to give: only the last one may leave rows out, since each reads all rows of the one below. */
export function rowsOfLayer(layer: number, layers: number, rows: Rows): Rows {
  return layer === layers - 1 ? rows : 'all';
}
