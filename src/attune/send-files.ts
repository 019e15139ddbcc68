/** Products of files as changes for workers. */
import type { Progress } from '../base/progress.ts';
import { openCatalog } from '../catalog/catalog.ts';
import type { Product } from '../catalog/product.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import type { ChangeQueue } from '../serving/stream/change-queue.ts';
import type { AttuneConfig } from './config.ts';

/**
 * Puts the products of files into a queue, in their order.
 * @param signal - ends it, also while the queue has no room
 * @returns how many are in
 * @throws catalog/..., serving/stream-unavailable
 */
export async function sendFiles(
  queue: Pick<ChangeQueue, 'send'>,
  paths: readonly string[],
  config: AttuneConfig,
  signal: AbortSignal,
  progress: Progress,
): Promise<number> {
  if (paths.length === 0) return 0;
  const spec = specOfConfig(config, { paths, split: false, labels: [], absent: 'skip' });
  const catalog = await openCatalog({ ...spec, progress });
  let sent = 0;
  try {
    for (const text of catalog.warnings) progress({ kind: 'warning', text });
    for await (const products of catalog.products()) {
      if (signal.aborted) return sent;
      sent += await queue.send(
        products.map((product) => Buffer.from(JSON.stringify(changeOf(product)))),
        signal,
      );
    }
    const unread = Object.values(catalog.rejectCounts).reduce(
      (total: number, count) => total + (count ?? 0),
      0,
    );
    if (unread > 0)
      progress({
        kind: 'warning',
        text: `${unread} rows could not be read; attune predict says which and why.`,
      });
    return sent;
  } finally {
    catalog.close();
  }
}

function changeOf({ id, category, texts, table = {}, media = {} }: Product) {
  return {
    id,
    ...(category === undefined ? {} : { category }),
    texts,
    ...table,
    ...Object.fromEntries(
      Object.entries(media).map(([field, cells]) => [
        field,
        cells.map((cell) => (typeof cell === 'string' ? cell : Buffer.from(cell).toString('base64'))),
      ]),
    ),
  };
}
