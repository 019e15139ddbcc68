/** Pictures before training: each is read once, kept in the shape that the model reads, and told where it cannot be read. */
import { type Progress, silent } from '../base/progress.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SourceRow } from '../catalog/product.ts';
import type { Reject } from '../catalog/rejects.ts';
import type { LoadPictures, PictureProblem } from '../models/attribute/example.ts';
import type { LabelReader } from '../training/labelled.ts';

/** Products whose pictures are read at once. */
const AT_ONCE = 16;

/**
 * Reads every picture of the catalog; those that cannot be read are among its rejects then.
 * @returns how many could not be read
 */
export async function readPictures(
  catalog: Catalog,
  reader: LabelReader,
  load: LoadPictures,
  progress: Progress = silent,
): Promise<number> {
  const { train, dev, test } = catalog.counts;
  progress({ kind: 'stage', stage: 'Reading the pictures', total: train + dev + test });
  let done = 0;
  let problems = 0;
  for await (const chunk of catalog.products()) {
    for (let from = 0; from < chunk.length; from += AT_ONCE) {
      const found = await Promise.all(
        chunk.slice(from, from + AT_ONCE).map(async (product) => {
          const pictures = reader.picturesOf(product);
          const unread = pictures === undefined ? [] : (await load(pictures)).problems;
          return unread.map((problem) => pictureReject(product.source, problem));
        }),
      );
      await catalog.note(found.flat());
      problems += found.flat().length;
      done += found.length;
      progress({ kind: 'advance', done });
    }
  }
  return problems;
}

export function pictureReject(
  { file, row }: SourceRow,
  { field, reference, reason }: PictureProblem,
): Reject {
  const which = reference === undefined ? '' : ` ${reference.slice(0, 200)}:`;
  return { file, row, reason: 'broken-picture', detail: `${field}:${which} ${reason}` };
}
