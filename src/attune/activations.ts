/** Numbers that a training step keeps between the forward and the backward pass, by estimate: upper bounds, measured. */
import { encoderOf } from '../models/attribute/attribute-model.ts';
import { FEATURES } from '../models/attribute/lexicon.ts';
import { mediaEncoderOf } from '../models/attribute/media-vectors.ts';
import { type AttributeModelSpec, choiceColumns, type MediaSpec } from '../models/attribute/spec.ts';

type Config = Readonly<Record<string, unknown>>;

/** Arrays of the encoder's width, and of its inner width, that a layer keeps for each token; measured. */
const KEPT_WIDTHS = 14;
const KEPT_INNER = 4;
/** Score matrices that a layer keeps for each head. */
const KEPT_SCORES = 3;
/** Arrays as wide as the hidden layer of the lexicon's scores, for each candidate and attribute. */
const KEPT_LEXICON = 4 * 16;
/** Numbers that the small image encoder keeps for each pixel: five for each that its layers give, by their sizes. */
const KEPT_PIXEL = 160;
/** Arrays of its size that a convolution of a wave keeps. */
const KEPT_CONVOLUTION = 4;
/** Arrays of the model's width that cross-attention keeps for each token and patch. */
const KEPT_LOOKED = 12;
/** Side of a patch of a vision transformer that does not say it. */
const USUAL_PATCH = 16;
const WORDS_PER_TOKEN = 0.8;
/** Share of the tokens that masked-language training guesses, and arrays as wide as the vocabulary for each. */
const GUESSED = 0.15;
const KEPT_GUESSES = 5;

/** Of one product in a training step. @param pretrains - whether masked-language training comes first */
export function productFloats(spec: AttributeModelSpec, length: number, pretrains: boolean): number {
  const heads = Math.max(
    spanFloats(spec, length),
    pretrains ? guessFloats(encoderOf(spec), GUESSED * length) : 0,
  );
  const media = (spec.media ?? []).reduce((total, field) => total + fieldFloats(field), 0);
  return encoderFloats(spec, length) + media + lookedFloats(spec, length) + heads;
}

/** Tokens of the longest product, as far as budgets say. */
export function longestInput({ fields, maxTokens, categoryContext }: AttributeModelSpec): number {
  const budgets = fields.reduce((total, field) => total + field.maxTokens + 1, 1);
  return Math.min(maxTokens, budgets + (categoryContext ? 17 : 0));
}

function encoderFloats(spec: AttributeModelSpec, length: number): number {
  const values = choiceColumns(spec.choices).reduce((total, { size }) => total + size, 0);
  return (spec.frozenText ? 0 : textFloats(spec.encoder, encoderOf(spec), length)) + 4 * values;
}

/** Of a text of `length` tokens through an encoder. @param config - its config.json */
export function textFloats(
  config: Config,
  { layers, width }: { readonly layers: number; readonly width: number },
  length: number,
): number {
  const heads = Number(config.num_attention_heads ?? config.n_heads ?? config.n_head ?? 1);
  const inner = Number(config.intermediate_size ?? config.hidden_dim ?? config.n_inner ?? 4 * width);
  const layer = KEPT_WIDTHS * width + KEPT_INNER * inner + KEPT_SCORES * heads * length;
  return length * layers * layer;
}

/** Of all pictures or sounds that a product may have in a field. */
export function fieldFloats(field: MediaSpec): number {
  if (field.frozen) return 0;
  const { height, imageWidth, layers, width } = mediaEncoderOf(field);
  const pixels = height * imageWidth;
  if (field.fresh) return field.most * pixels * KEPT_PIXEL;
  // As of a transformer: of a convolutional network it is more than enough.
  const tokens = tokensOf(field.encoder, pixels);
  const layer =
    tokens * (width * (KEPT_WIDTHS + 4 * KEPT_INNER) + KEPT_SCORES * headsOf(field.encoder) * tokens);
  return field.most * (layers * layer + waveFloats(field.encoder));
}

/** Of the tokens and patches that cross-attention looks at. */
function lookedFloats(spec: AttributeModelSpec, length: number): number {
  const { fusion, media = [] } = spec;
  if (fusion !== 'attention') return 0;
  const patches = media.reduce((total, field) => {
    if (field.frozen) return total;
    const { height, imageWidth } = mediaEncoderOf(field);
    return total + tokensOf(field.encoder, height * imageWidth);
  }, 0);
  return KEPT_LOOKED * (length + patches) * encoderOf(spec).width;
}

/** Patches of a picture, places in time of a sound. */
function tokensOf(encoder: Config, pixels: number): number {
  if (encoder.model_type === 'whisper') return Number(encoder.max_source_positions ?? 1500);
  if (encoder.model_type === 'wav2vec2')
    return Number(encoder.clip_samples) / stridesOf(encoder).reduce((a, b) => a * b, 1);
  return pixels / Number(encoder.patch_size ?? USUAL_PATCH) ** 2;
}

const headsOf = (encoder: Config) =>
  Number(encoder.num_attention_heads ?? encoder.encoder_attention_heads ?? 0);
const stridesOf = ({ conv_stride }: Config) => (conv_stride ?? [5, 2, 2, 2, 2, 2, 2]) as readonly number[];

/** What convolutions keep of a wave, which is long at first. */
function waveFloats(encoder: Config): number {
  if (encoder.model_type !== 'wav2vec2') return 0;
  const widths = (encoder.conv_dim ?? [512, 512, 512, 512, 512, 512, 512]) as readonly number[];
  let steps = Number(encoder.clip_samples);
  return stridesOf(encoder).reduce((total, stride, i) => {
    steps /= stride;
    return total + KEPT_CONVOLUTION * steps * widths[i]!;
  }, 0);
}

/** Scores of every word for each token that masked-language training guesses, with their gradients. */
export function guessFloats(
  { vocabulary, width }: { readonly vocabulary: number; readonly width: number },
  guesses: number,
): number {
  return Math.ceil(guesses) * KEPT_GUESSES * (vocabulary + width);
}

function spanFloats({ spans, encoder, fields }: AttributeModelSpec, length: number): number {
  if (spans === undefined) return 0;
  const width = Number(encoder.hidden_size ?? encoder.dim ?? encoder.n_embd);
  const attributes = mostAttributes(spans.pairs);
  const words = Math.min(
    length,
    fields.reduce((total, { maxTokens }) => total + maxTokens, 0),
  );
  const candidates = Math.ceil(words * WORDS_PER_TOKEN) * spans.maxWords;
  return candidates * (4 * width + 2 * spans.width + attributes * (FEATURES + KEPT_LEXICON + 6));
}

/** Attributes of the category that has most. */
function mostAttributes(pairs: readonly { readonly category: string }[]): number {
  const counts = new Map<string, number>();
  for (const { category } of pairs) counts.set(category, (counts.get(category) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
