/** Which shape the `small` image encoder sees pictures in: that of most of them, so that little of what it computes is margin. */
import { dirname } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import type { Product } from '../catalog/product.ts';
import { uprightSize } from '../features/image/decode.ts';
import type { Size } from '../features/image/processor.ts';
import { type MediaOptions, MediaReader } from '../features/media/media-reader.ts';

/** Products whose first picture is looked at. */
const SAMPLE = 200;
/** Both sides are multiples of it. */
const STEP = 8;

/**
 * The longer side is `longest`, the other as in the middle one of the shapes of the first training products' pictures, at least half
 * as long. A square where none can be read.
 * @param files - where what addresses gave is kept, and the folder whose files alone are read
 */
export async function pictureShape(
  catalog: Catalog,
  field: string,
  longest: number,
  files: Pick<MediaOptions, 'cacheFolder' | 'within'>,
): Promise<Size> {
  const shapes: number[] = [];
  let looked = 0;
  const readers = new Map<string, MediaReader>();
  const readerOf = ({ source }: Product) => {
    const root = dirname(source.file);
    const reader = readers.get(root) ?? new MediaReader({ root, ...files });
    readers.set(root, reader);
    return reader;
  };
  try {
    for await (const chunk of catalog.products({ sides: ['train'] })) {
      for (const product of chunk) {
        const cell = product.media?.[field]?.[0];
        if (cell === undefined) continue;
        if (looked++ === SAMPLE) return fitting(shapes, longest);
        const reader = readerOf(product);
        const reference = typeof cell === 'string' ? (await reader.references(cell))[0] : cell;
        const file = reference === undefined ? undefined : await reader.read(reference);
        const size = file?.ok ? await uprightSize(file.bytes) : undefined;
        if (size) shapes.push(Math.log(size.width / size.height));
      }
    }
  } finally {
    await Promise.all([...readers.values()].map((reader) => reader.close()));
  }
  return fitting(shapes, longest);
}

/** @param shapes - logarithms of width by height */
function fitting(shapes: readonly number[], longest: number): Size {
  const middle = [...shapes].sort((a, b) => a - b)[shapes.length >> 1] ?? 0;
  const shorter = Math.round((longest * Math.exp(-Math.abs(middle))) / STEP) * STEP;
  const other = Math.min(longest, Math.max(shorter, Math.ceil(longest / 2 / STEP) * STEP));
  return middle > 0 ? { height: other, width: longest } : { height: longest, width: other };
}
