import type { TextEncoder } from './encoder.ts';

/**
 * Tensors that checkpoints of an architecture have beside its parameters and that mean nothing to the computation here:
 * buffers of older versions, BERT's pooler and next-sentence head, second copies of a tied matrix.
 */
const CARRIED_ALONG: readonly RegExp[] = [
  /(^|\.)embeddings\.(position_ids|token_type_ids)$/,
  /(^|\.)pooler\.dense\.(weight|bias)$/,
  /^cls\.seq_relationship\.(weight|bias)$/,
  /(^|\.)h\.\d+\.attn\.(bias|masked_bias)$/,
  /^(cls\.predictions|lm_head)\.decoder\.(weight|bias)$/,
  /^(vocab_projector|decoder|lm_head)\.weight$/,
];

/**
 * Names that may stand in a checkpoint without being among the parameters, for `checkTensors`.
 * @param languageModel - whether the language-model head is among the parameters; if not, its tensors are in the list
 */
export function carriedAlong(encoder: TextEncoder, languageModel: boolean): readonly RegExp[] {
  if (languageModel) return CARRIED_ALONG;
  const { transform, bias } = encoder.vocabularyHead;
  const head = [transform?.dense, transform?.norm].flatMap((name) =>
    name === undefined ? [] : [`${name}.weight`, `${name}.bias`],
  );
  if (bias !== undefined) head.push(bias);
  return [...CARRIED_ALONG, ...head.map((name) => new RegExp(`^${name.replaceAll('.', '\\.')}$`))];
}
