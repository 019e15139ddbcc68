/** Pictures and sounds before training: each is read once, kept in the shape that the model reads, and told where it cannot be. */
import { type Progress, silent } from '../base/progress.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { SourceRow } from '../catalog/product.ts';
import type { Reject } from '../catalog/rejects.ts';
import type { LoadMedia, MediaProblem } from '../models/attribute/example.ts';
import type { LabelReader } from '../training/labelled.ts';

/** Products whose files are read at once. */
const AT_ONCE = 16;

export type UnreadMedia = {
  readonly count: number;
  /** Which, and why; empty where all could be read. */
  readonly first: string;
};

/**
 * Reads every picture and sound of the catalog; those that cannot be read are among its rejects then.
 * @returns how many could not be read, and why the first could not
 */
export async function readMedia(
  catalog: Catalog,
  reader: LabelReader,
  load: LoadMedia,
  progress: Progress = silent,
): Promise<UnreadMedia> {
  const { train, dev, test } = catalog.counts;
  progress({ kind: 'stage', stage: 'Reading pictures and sounds', total: train + dev + test });
  let done = 0;
  let count = 0;
  let first = '';
  for await (const chunk of catalog.products()) {
    for (let from = 0; from < chunk.length; from += AT_ONCE) {
      const found = await Promise.all(
        chunk.slice(from, from + AT_ONCE).map(async (product) => {
          const media = reader.mediaOf(product);
          const unread = media === undefined ? [] : (await load(media)).problems;
          return unread.map((problem) => mediaReject(product.source, problem));
        }),
      );
      const rejects = found.flat();
      await catalog.note(rejects);
      count += rejects.length;
      first ||= rejects[0]?.detail ?? '';
      done += found.length;
      progress({ kind: 'advance', done });
    }
  }
  return { count, first };
}

export function mediaReject({ file, row }: SourceRow, { field, reference, reason }: MediaProblem): Reject {
  const which = reference === undefined ? '' : ` ${reference.slice(0, 200)}:`;
  return { file, row, reason: 'broken-media', detail: `${field}:${which} ${reason}` };
}
