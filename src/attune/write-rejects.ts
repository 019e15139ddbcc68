import { existsSync } from 'node:fs';
import type { Catalog } from '../catalog/catalog.ts';
import type { UnreadMedia } from './media.ts';

/**
 * Rows and files that were set aside, beside what is trained: what, where and why.
 * @param unread - pictures and sounds that could not be read
 * @returns the file; undefined where nothing was set aside
 */
export async function writeRejects(
  catalog: Catalog,
  out: string,
  unread: number,
): Promise<string | undefined> {
  if (Object.keys(catalog.rejectCounts).length === 0 && unread === 0) return undefined;
  const path = `${out}.rejects.csv`;
  await catalog.writeRejects(path);
  return existsSync(path) ? path : undefined;
}

/** A sentence for the plan, where some could not be read. */
export const unreadMedia = ({ count, first }: UnreadMedia): readonly string[] =>
  count === 0
    ? []
    : [
        `${count} pictures or sounds could not be read; their products are learned without them. The rejects file says which and why. The first: ${first}`,
      ];
