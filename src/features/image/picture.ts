/**
 * A decoded picture.
 *
 * `pixels` is RGB, 8 bits a channel, row by row from the top left: the red of column x, row y is at
 * `(y * width + x) * 3`.
 */
export type Picture = {
  /** In pixels, at least 1. */
  readonly width: number;
  /** In pixels, at least 1. */
  readonly height: number;
  /** `[height, width, 3]`, 0 to 255. */
  readonly pixels: Uint8Array;
};
