import type { Tensor } from '../../graph/tensor.ts';

/** What the encoder of a modality makes of a product. */
export type ModalityStates = {
  /** `[B, D_m]` */
  readonly vector: Tensor;
  /** `[B, T, D_m]`, of a text its tokens, of a picture its patches. */
  readonly tokens?: Tensor;
  /** int32 `[B, T]`; all of the tokens count when left out. */
  readonly mask?: Tensor;
};
