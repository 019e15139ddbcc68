import type { ImageEncoder, TextEncoder } from './encoder.ts';

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

/** As above for pictures and sounds: classifiers, counters of batches, what only pretraining used. */
const CARRIED_ALONG_WITH_PICTURES: readonly RegExp[] = [
  /(^|\.)embeddings\.(position_ids|mask_token)$/,
  /(^|\.)pooler\.dense\.(weight|bias)$/,
  /^((cls_|distillation_)?classifier|classifier\.(1|dense|layernorm)|decoder\.0)\.(weight|bias)$/,
  /\.num_batches_tracked$/,
  /(^|\.)masked_spec_embed$/,
  /^(lm_head|projector|project_q|project_hid)\.(weight|bias)$|^quantizer\.|^layer_weights$/,
];

/** What stands beside an encoder that is a part of its model, by the encoder's prefix: the tower for texts, the decoder. */
const OTHER_PARTS: Readonly<Record<string, RegExp>> = {
  'vision_model.': /^(text_model\.|(visual|text)_projection\.weight$|logit_(scale|bias)$)/,
  'model.encoder.': /^((model\.)?decoder\.|proj_out\.weight$)/,
};

/** Names that may stand in an image encoder's checkpoint without being among its parameters, for `checkTensors`. */
export function carriedAlongPictures({ prefix }: ImageEncoder): readonly RegExp[] {
  const other = OTHER_PARTS[prefix];
  return other === undefined ? CARRIED_ALONG_WITH_PICTURES : [...CARRIED_ALONG_WITH_PICTURES, other];
}
