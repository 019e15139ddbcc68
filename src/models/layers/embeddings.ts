/** Rows of tables for tokens, their positions and their segments. */
import { add, expandDims, gather, slice } from '../../graph/builder.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** Rows 0, 1, 2 ... of a position table, one a token, from row `first` on: [tokens, width], as long as `ids` [batch, tokens]. */
export function positionRows(table: Tensor, ids: Tensor, first = 0): Tensor {
  const usable = first === 0 ? table : slice(table, 0, first, table.shape[0]!);
  return slice(usable, 0, 0, ids.shape[1]!);
}

/** Word embeddings plus positions [tokens, width], plus the row of each token's segment: [batch, tokens, width]. */
export function addEmbeddings(
  words: Tensor,
  positions: Tensor,
  segments?: { readonly table: Tensor; readonly ids: Tensor | undefined },
): Tensor {
  if (segments === undefined) return add(words, positions);
  const { table, ids } = segments;
  // Without ids all tokens are in segment 0, whose row [1, width] joins the positions before the batch makes them many.
  if (ids === undefined) return add(words, add(positions, slice(table, 0, 0, 1)));
  return add(add(words, expandDims(positions, 0)), gather(table, ids));
}
