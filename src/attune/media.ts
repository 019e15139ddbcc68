/** Pictures and sounds before training: each is read once, kept in the shape that the model reads, and told where it cannot be. */
import { type Progress, silent } from '../base/progress.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SourceRow } from '../catalog/product.ts';
import type { Reject } from '../catalog/rejects.ts';
import type { LoadMedia, MediaProblem } from '../models/attribute/example.ts';
import type { LabelReader } from '../training/labelled.ts';

/** Products whose files are read at once. */
const AT_ONCE = 16;

/**
 * Reads every picture and sound of the catalog; those that cannot be read are among its rejects then.
 * @returns how many could not be read
 */
export async function readMedia(
  catalog: Catalog,
  reader: LabelReader,
  load: LoadMedia,
  progress: Progress = silent,
): Promise<number> {
  const { train, dev, test } = catalog.counts;
  progress({ kind: 'stage', stage: 'Reading pictures and sounds', total: train + dev + test });
  let done = 0;
  let problems = 0;
  for await (const chunk of catalog.products()) {
    for (let from = 0; from < chunk.length; from += AT_ONCE) {
      const found = await Promise.all(
        chunk.slice(from, from + AT_ONCE).map(async (product) => {
          const media = reader.mediaOf(product);
          const unread = media === undefined ? [] : (await load(media)).problems;
          return unread.map((problem) => mediaReject(product.source, problem));
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

export function mediaReject({ file, row }: SourceRow, { field, reference, reason }: MediaProblem): Reject {
  const which = reference === undefined ? '' : ` ${reference.slice(0, 200)}:`;
  return { file, row, reason: 'broken-media', detail: `${field}:${which} ${reason}` };
}
