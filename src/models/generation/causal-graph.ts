/**
 * One step of a causal language model as a graph: new tokens in, scores of the token after the last of them out, and the
 * keys and values of all tokens so far, which the next step takes in. The whole prompt is one step; then each new token.
 *
 * Letters: B rows, P tokens before, L new tokens, H heads, d width of a head, V vocabulary. Padding stands on the left.
 */
import {
  add,
  cast,
  expandDims,
  gather,
  greater,
  input,
  logSoftmax,
  range,
  reshape,
  scale,
} from '../../graph/builder.ts';
import { product, sum } from '../../graph/dimensions.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { RawConfig } from '../architectures/config.ts';
import type { TextEncoder } from '../architectures/encoder.ts';
import { gpt2Step, type KeysAndValues } from '../architectures/gpt2.ts';
import { languageModelLogits } from '../heads/language-model.ts';
import { HIDDEN, paddingBias } from '../layers/mask.ts';
import type { Scope } from '../layers/scope.ts';

/** Names of a layer's keys and values: what a step reads, and what it gives. */
export const pastName = (part: keyof KeysAndValues, layer: number) => `past.${layer}.${part}`;
export const presentName = (part: keyof KeysAndValues, layer: number) => `present.${layer}.${part}`;

/**
 * Inputs: `ids`, `positions` int32 [B, L]; `mask` int32 [B, P + L], 1 for a token and 0 for padding; `places` int32 [L], the
 * columns of `mask` at which the new tokens stand; `last` int32 [B], where among all B x L new tokens each row's last is; `rows`
 * int32 [B], the row of the step before that each row goes on from; `past.<layer>.keys` and `.values` float32 [B', H, P, d].
 *
 * Outputs: `logProbabilities` float32 [B, V]; `present.<layer>.keys` and `.values` float32 [B, H, P + L, d].
 */
export function causalStep(
  encoder: TextEncoder,
  config: RawConfig,
  parameters: Scope,
): Readonly<Record<string, Tensor>> {
  const ids = input('ids', 'int32', ['batch', 'tokens']);
  const positions = input('positions', 'int32', ['batch', 'tokens']);
  const mask = input('mask', 'int32', ['batch', sum(['past', 'tokens'])]);
  const rows = input('rows', 'int32', ['batch']);
  const past = Array.from({ length: encoder.layers }, (_, layer): KeysAndValues => {
    const read = (part: keyof KeysAndValues) =>
      gather(
        input(pastName(part, layer), 'float32', [
          'before',
          encoder.heads,
          'past',
          encoder.width / encoder.heads,
        ]),
        rows,
      );
    return { keys: read('keys'), values: read('values') };
  });
  const later = greater(expandDims(range(mask, 1), 0), expandDims(input('places', 'int32', ['tokens']), 1));
  const { hidden, present } = gpt2Step(config, parameters, {
    words: encoder.embed(parameters, ids),
    positions,
    bias: add(paddingBias(mask), scale(cast(later, 'float32'), HIDDEN)),
    past,
  });
  const flat = reshape(hidden, [product(['batch', 'tokens']), encoder.width]);
  const logits = languageModelLogits(encoder, parameters, gather(flat, input('last', 'int32', ['batch'])));
  return {
    logProbabilities: logSoftmax(logits, 1),
    ...Object.fromEntries(
      present.flatMap(({ keys, values }, layer) => [
        [presentName('keys', layer), keys],
        [presentName('values', layer), values],
      ]),
    ),
  };
}
