/** Products of files as changes for workers. */
import { dirname } from 'node:path';
import type { Progress } from '../base/progress.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { parseReference } from '../catalog/media-reference.ts';
import type { Product } from '../catalog/product.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import { MediaReader } from '../features/media/media-reader.ts';
import { patiently } from '../serving/patiently.ts';
import type { ChangeQueue } from '../serving/stream/change-queue.ts';
import type { AttuneConfig } from './config.ts';

/** Products read and sent together: their files are in memory meanwhile. */
const AT_ONCE = 64;

/**
 * Puts the products of files into a queue, in their order; those that are larger than it takes are left out, and told. A queue that
 * goes away is waited for; what was on its way then may be in twice, which has no more effect than once.
 * @param signal - ends it, also while the queue has no room or is away
 * @returns how many are in
 * @throws catalog/..., serving/stream-unavailable where it was ended while the queue was away
 */
export async function sendFiles(
  queue: Pick<ChangeQueue, 'send' | 'fits'>,
  paths: readonly string[],
  config: AttuneConfig,
  signal: AbortSignal,
  progress: Progress,
): Promise<number> {
  if (paths.length === 0) return 0;
  const spec = specOfConfig(config, { paths, split: false, labels: [], absent: 'skip' });
  const catalog = await openCatalog({ ...spec, progress });
  const files = new FilesOfProducts(config.inputs);
  const tooLarge = new Told();
  const onWait = (why: string) => progress({ kind: 'warning', text: why });
  let sent = 0;
  try {
    for (const text of catalog.warnings) progress({ kind: 'warning', text });
    for await (const products of catalog.products())
      for (let from = 0; from < products.length; from += AT_ONCE) {
        if (signal.aborted) return sent;
        const changes = await Promise.all(
          products.slice(from, from + AT_ONCE).map(async (product) => {
            const media = await files.of(product);
            const change = Buffer.from(JSON.stringify(changeOf(product, media)));
            if (queue.fits(change)) return [change];
            const { file, row } = product.source;
            tooLarge.tell(`${product.id} (row ${row} of ${file}, ${change.length} bytes)`);
            return [];
          }),
        );
        sent += await patiently(() => queue.send(changes.flat(), signal), { onWait, signal });
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
    if (files.unread.count > 0)
      progress({
        kind: 'warning',
        text: `${files.unread.count} pictures or sounds could not be read and are left out; the first: ${files.unread.first}`,
      });
    if (tooLarge.count > 0)
      progress({
        kind: 'warning',
        text: `${tooLarge.count} products are larger than NATS takes and are not sent; the first: ${tooLarge.first}. Raise max_payload of the server, or name pictures and sounds by their addresses.`,
      });
    return sent;
  } finally {
    await files.close();
    catalog.close();
  }
}

function changeOf({ id, category, texts, table = {} }: Product, media: Readonly<Record<string, string[]>>) {
  return { id, ...(category === undefined ? {} : { category }), texts, ...table, ...media };
}

/** How many, and the first of them. */
class Told {
  count = 0;
  first = '';

  tell(text: string): void {
    this.count++;
    this.first ||= text;
  }
}

/**
 * Pictures and sounds as changes have them: addresses as they are, files of this machine as their bytes; as many of a field as the model
 * reads.
 */
class FilesOfProducts {
  readonly #readers = new Map<string, MediaReader>();
  readonly #inputs: AttuneConfig['inputs'];
  readonly unread = new Told();

  constructor(inputs: AttuneConfig['inputs']) {
    this.#inputs = inputs;
  }

  /** By field, base64 or addresses. */
  async of({ id, media = {}, source }: Product): Promise<Record<string, string[]>> {
    const cells: Record<string, string[]> = {};
    for (const [field, list] of Object.entries(media)) {
      const found: string[] = [];
      const most = this.#mostOf(field);
      for (const cell of list) {
        const references =
          typeof cell === 'string' ? await this.#readerOf(source.file).references(cell) : [cell];
        for (const reference of references) {
          if (found.length === most) break;
          if (typeof reference === 'string' && parseReference(reference).kind === 'url') {
            found.push(reference);
            continue;
          }
          const file = await this.#readerOf(source.file).read(reference);
          if (file.ok) found.push(Buffer.from(file.bytes).toString('base64'));
          else this.unread.tell(`${field} of ${id}: ${file.reason}`);
        }
      }
      cells[field] = found;
    }
    return cells;
  }

  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await reader.close();
  }

  #mostOf(field: string): number {
    const input = this.#inputs[field];
    return input?.kind === 'image' || input?.kind === 'audio' ? input.most : Number.POSITIVE_INFINITY;
  }

  /** Paths start in the folder of the catalog's file. */
  #readerOf(file: string): MediaReader {
    const root = dirname(file);
    const reader = this.#readers.get(root) ?? new MediaReader({ root, addresses: false });
    this.#readers.set(root, reader);
    return reader;
  }
}
