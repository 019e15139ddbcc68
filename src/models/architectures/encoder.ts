/**
 * What every architecture gives to the rest of the house: its sizes, its parameters and its forward function. A text
 * architecture's is in two parts (word embeddings, then everything else), so that a caller can stand between them.
 */
import type { Tensor } from '../../graph/tensor.ts';
import type { ActivationName } from '../layers/activation.ts';
import type { BatchNorm } from '../layers/batch-norm.ts';
import type { Dropout } from '../layers/dropout.ts';
import type { Initial, ParameterSpec } from '../layers/parameters.ts';
import type { Rows } from '../layers/rows.ts';
import type { Scope } from '../layers/scope.ts';

/** Tokens of a batch. Padding stands on the right: token i of a row has position i. */
export type TextInputs = {
  /** Token ids; int32 [batch, tokens]. */
  readonly ids: Tensor;
  /** 1 for a token and 0 for padding; int32 [batch, tokens]. */
  readonly mask: Tensor;
  /** Each token's segment, for architectures that have some (`segments` above 1); int32 [batch, tokens]. All 0 if left out. */
  readonly segments?: Tensor;
};

/** How an architecture turns hidden states into scores of the vocabulary, as data; `heads/language-model.ts` builds it. */
type VocabularyHead = {
  /** The table that serves as output matrix too. */
  readonly table: string;
  /** Dense layer, activation and norm before it; GPT-2 has none. */
  readonly transform:
    | {
        readonly dense: string;
        readonly denseBias: boolean;
        readonly norm: string;
        readonly normBias: boolean;
        readonly activation: ActivationName;
        readonly epsilon: number;
        /** How the dense layer's matrix starts. */
        readonly initial: Initial;
      }
    | undefined;
  /** The name of the bias over the vocabulary, where there is one. */
  readonly bias: string | undefined;
  /** False where the checkpoint has an output matrix of its own, which Attune does not read. */
  readonly tied: boolean;
};

export type TextEncoder = {
  /** `model_type` of config.json. */
  readonly modelType: string;
  /** What models with a head put before the encoder's parameter names, with the dot; a bare encoder has nothing there. */
  readonly prefix: string;
  /** Numbers in a hidden state. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Rows of the word embedding table. */
  readonly vocabulary: number;
  /** The longest row of tokens that the position embeddings reach. */
  readonly maxTokens: number;
  /** Rows of the segment table; 0 where there is none. */
  readonly segments: number;
  /** True where a token sees only the tokens before it (GPT-2). */
  readonly causal: boolean;
  /** Where the word embeddings are among the parameters. */
  readonly wordTable: string;
  readonly parameters: readonly ParameterSpec[];
  readonly vocabularyHead: VocabularyHead;
  /** Word embeddings alone: int32 [batch, tokens] to [batch, tokens, width]. */
  embed(parameters: Scope, ids: Tensor): Tensor;
  /**
   * Hidden states of the last layer from word embeddings [batch, tokens, width]: of that shape, or [batch, 1, width] where
   * the rows of the first token are all that is asked for. Padding rows mean nothing.
   */
  encode(parameters: Scope, words: Tensor, inputs: TextInputs, dropout: Dropout, rows: Rows): Tensor;
};

/** What an image encoder makes of pictures. */
export type ImageStates = {
  /** A vector of each patch or pixel that is left, in reading order: [batch, patches, width]. */
  readonly tokens: Tensor;
  /** One vector of the whole picture: [batch, width]. */
  readonly pooled: Tensor;
};

/** Of pictures, or of spectrograms as pictures of one channel. */
export type ImageEncoder = {
  /** `model_type` of config.json. */
  readonly modelType: string;
  /** What models with a head put before the encoder's parameter names, with the dot; a bare encoder has nothing there. */
  readonly prefix: string;
  /** Numbers in a state. */
  readonly width: number;
  readonly layers: number;
  /** Of the input [batch, channels, height, imageWidth]: 3 for colours. */
  readonly channels: number;
  readonly height: number;
  readonly imageWidth: number;
  readonly parameters: readonly ParameterSpec[];
  /**
   * @param pixels - normalised as the checkpoint's preprocessing says; float32 [batch, channels, height, imageWidth]
   * @param batchNorm - whose statistics batch norms use, where there are some; the checkpoint's unless given
   */
  encode(parameters: Scope, pixels: Tensor, dropout: Dropout, batchNorm?: BatchNorm): ImageStates;
};

/** Two encoders that put pictures and texts into one space, where a picture is near the texts that say what it shows. */
export type PairEncoder = {
  /** `model_type` of config.json. */
  readonly modelType: string;
  /** Numbers of a vector of the common space. */
  readonly size: number;
  /** Its parameters are among `parameters` under its prefix. */
  readonly image: ImageEncoder;
  readonly text: TextEncoder;
  /** All of them, under the checkpoint's names. */
  readonly parameters: readonly ParameterSpec[];
  /** Vectors of the common space, not normalised: [batch, size]; `batchNorm` as of an image encoder. */
  embedPictures(parameters: Scope, pixels: Tensor, dropout: Dropout, batchNorm?: BatchNorm): Tensor;
  embedTexts(parameters: Scope, inputs: TextInputs, dropout: Dropout): Tensor;
  /** The parameter whose exponential multiplies the cosine of a picture and a text; one number. */
  readonly logitScale: string;
  /** The parameter that is added then, where there is one. */
  readonly logitBias: string | undefined;
};

/** Hidden states of the last layer, [batch, tokens, width]. */
export function hiddenStates(
  encoder: TextEncoder,
  parameters: Scope,
  inputs: TextInputs,
  dropout: Dropout,
): Tensor {
  return encoder.encode(parameters, encoder.embed(parameters, inputs.ids), inputs, dropout, 'all');
}

/**
 * Hidden states of each first token, [batch, 1, width], for a model that reads no others. The last layer is computed for
 * that token alone, which spares a model of six layers an eighth of its work.
 */
export function firstStates(
  encoder: TextEncoder,
  parameters: Scope,
  inputs: TextInputs,
  dropout: Dropout,
): Tensor {
  return encoder.encode(parameters, encoder.embed(parameters, inputs.ids), inputs, dropout, 'first');
}
