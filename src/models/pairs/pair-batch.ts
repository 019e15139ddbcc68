/** A text and a picture as a model of both reads them, and batches of them. */
import type { Picture } from '../../features/image/picture.ts';
import { type ImageProcessor, pixelValues } from '../../features/image/processor.ts';
import type { Value, Values } from '../../graph/session.ts';

/** Texts as the inputs `ids` and `mask`, padded to the longest. @param pad - id of the padding token */
export function textArrays(texts: readonly Int32Array[], pad: number): Values {
  const tokens = Math.max(...texts.map(({ length }) => length));
  const ids = new Int32Array(texts.length * tokens).fill(pad);
  const mask = new Int32Array(ids.length);
  for (const [row, text] of texts.entries()) {
    ids.set(text, row * tokens);
    mask.fill(1, row * tokens, row * tokens + text.length);
  }
  const int32 = (data: Int32Array): Value => ({ dtype: 'int32', dims: [texts.length, tokens], data });
  return { ids: int32(ids), mask: int32(mask) };
}

/** Shaped pictures, all of one size, as the input `pixels`. */
export function pictureArrays(pictures: readonly Picture[], processor: ImageProcessor): Values {
  const values = pictures.map((picture) => pixelValues(processor, picture));
  const { height, width } = values[0]!;
  const data = new Float32Array(values.length * 3 * height * width);
  for (const [i, each] of values.entries()) data.set(each.values, i * each.values.length);
  return { pixels: { dtype: 'float32', dims: [values.length, 3, height, width], data } };
}
