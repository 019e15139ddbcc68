/** `attune publish`: accepted values go back into the merchant's own file, as changes that a person approves and can take back. */
import { writeFile } from 'node:fs/promises';
import { type Catalog, openCatalog } from '../catalog/catalog.ts';
import { TableWriter } from '../catalog/output.ts';
import { type Row, Source } from '../catalog/source.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import { webhookPost } from '../monitoring/alerts/channels.ts';
import { monitoringError } from '../monitoring/errors.ts';
import { lastAnswers, type ReviewRecord } from '../monitoring/people/reviews-file.ts';
import {
  type Applied,
  type CellChange,
  CHANGE_COLUMNS,
  ChangeSet,
  cellText,
  isApproved,
  undone,
} from '../monitoring/write-back/changes.ts';
import { googleFeed, jsonLd, shopifyColumn } from '../monitoring/write-back/feeds.ts';
import { unwritable } from '../prediction/unwritable.ts';
import type { AttuneConfig } from './config.ts';
import type { FeedFormat } from './defaults.ts';
import { type ReviewSources, readAllReviews, withStore } from './read-reviews.ts';

export type FindChangesOptions = ReviewSources & {
  readonly config: AttuneConfig;
  readonly files: readonly string[];
  readonly out: string;
  /** `changes` is a table to approve; `google` a supplemental feed (TSV), `jsonld` lines of schema.org. */
  readonly format?: FeedFormat;
  /** An address that the changes are posted to, as one JSON list. */
  readonly webhook?: string;
  readonly overwrite?: boolean;
};

/** @returns what would change; it is in `out` too @throws catalog/..., monitoring/bad-option */
export async function findChanges(options: FindChangesOptions): Promise<readonly CellChange[]> {
  const { config, files, out, format = 'changes', webhook, overwrite = false } = options;
  const { reviews } = await withStore(options.store, (store) => readAllReviews(options.reviews, store));
  const catalog = await openCatalog(specOfConfig(config, { paths: files, split: false, absent: 'skip' }));
  let changes: readonly CellChange[];
  try {
    changes = await changesOf(catalog, config, reviews);
  } finally {
    catalog.close();
  }
  if (format === 'jsonld')
    await writeFile(out, jsonLd(changes), { flag: overwrite ? 'w' : 'wx' }).catch((cause) => {
      throw unwritable(out, cause);
    });
  else if (format === 'google') {
    const { columns, rows } = googleFeed(changes);
    await writeRows(out, columns, rows, overwrite);
  } else
    await writeRows(
      out,
      CHANGE_COLUMNS,
      changes.map((change) => ({ ...change, approve: '' })),
      overwrite,
    );
  if (webhook !== undefined) await webhookPost(webhook, changes);
  return changes;
}

async function writeRows(
  out: string,
  columns: readonly string[],
  rows: readonly Row[],
  overwrite: boolean,
): Promise<void> {
  const writer = await TableWriter.open(
    out,
    columns.map((name) => ({ name, type: 'VARCHAR' })),
    { overwrite },
  );
  try {
    await writer.write(rows);
    await writer.commit();
  } catch (cause) {
    await writer.abort();
    throw cause;
  }
}

/** The last word on each attribute of each product, where the file says otherwise. */
async function changesOf(
  catalog: Catalog,
  { attributes }: AttuneConfig,
  reviews: readonly ReviewRecord[],
): Promise<readonly CellChange[]> {
  const shopify = catalog.layout.kind === 'shopify';
  if (!shopify && catalog.layout.kind !== 'columns')
    throw monitoringError(
      'monitoring/bad-option',
      `Values are written back into columns, and the file is laid out as ${catalog.layout.kind}.`,
      { hint: 'Name a file with a column for each attribute, or a product CSV of Shopify.' },
    );
  const said = new Map<string, Map<string, ReviewRecord>>();
  for (const review of lastAnswers(reviews)) {
    const own = said.get(review.product) ?? new Map<string, ReviewRecord>();
    own.set(review.attribute, review);
    said.set(review.product, own);
  }
  const changes: CellChange[] = [];
  for await (const rows of catalog.rows())
    for (const { product, own } of rows)
      for (const [attribute, { values, reviewer }] of (product && said.get(product.id)) ?? []) {
        const column = shopify ? shopifyColumn(attribute) : (attributes[attribute]?.column ?? attribute);
        const before = cellText(own[column]);
        const after = values === undefined ? 'n/a' : values.join('; ');
        if (after !== before)
          changes.push({
            product: product!.id,
            attribute,
            column,
            before,
            after,
            by: reviewer || 'a person',
          });
      }
  return changes;
}

export type ApplyChangesOptions = {
  readonly config: AttuneConfig;
  readonly files: readonly string[];
  /** The file of changes, with its column `approve` filled. */
  readonly changes: string;
  readonly out: string;
  /** Makes all of them, approved or not. */
  readonly all?: boolean;
  /** Takes them back instead. */
  readonly undo?: boolean;
  readonly overwrite?: boolean;
};

/**
 * Writes the file again with the approved changes in it: every other cell, column and row is as it was. A cell that is no longer what it was
 * when the change was found is left alone and told.
 * @throws catalog/...
 */
export async function applyChanges(options: ApplyChangesOptions): Promise<Applied> {
  const { config, files, out, all = false, undo = false, overwrite = false } = options;
  const found = await readChanges(options.changes);
  const approved = found
    .filter(({ approve }) => all || isApproved(approve))
    .map(({ approve: _, ...change }) => change);
  const set = new ChangeSet(undo ? undone(approved) : approved);
  const catalog = await openCatalog(specOfConfig(config, { paths: files, split: false, absent: 'skip' }));
  try {
    const added = set.newColumns(catalog.columns.map(({ name }) => name));
    const columns = [
      ...catalog.columns.map(({ name, type }) => ({ name, type: type === 'BLOB' ? type : 'VARCHAR' })),
      ...added.map((name) => ({ name, type: 'VARCHAR' })),
    ];
    const writer = await TableWriter.open(out, columns, { overwrite });
    try {
      for await (const rows of catalog.rows())
        await writer.write(rows.map(({ product, own }) => set.apply(product?.id, own)));
      await writer.commit();
    } catch (cause) {
      await writer.abort();
      throw cause;
    }
    return set.outcome();
  } finally {
    catalog.close();
  }
}

async function readChanges(path: string): Promise<readonly (CellChange & { readonly approve: unknown })[]> {
  const source = await Source.open({ paths: [path] });
  try {
    const names = new Set(source.columns.map(({ name }) => name));
    const missing = CHANGE_COLUMNS.filter((name) => !names.has(name));
    if (missing.length > 0)
      throw monitoringError(
        'monitoring/bad-option',
        `${path} is no file of changes: it lacks ${missing.join(', ')}.`,
        {
          hint: 'Make it with `attune publish` without --apply.',
        },
      );
    const rows = await source.query('SELECT * FROM rows ORDER BY rowid');
    return rows.map((row) => ({
      product: cellText(row.product),
      attribute: cellText(row.attribute),
      column: cellText(row.column),
      before: cellText(row.before),
      after: cellText(row.after),
      by: cellText(row.by),
      approve: row.approve,
    }));
  } finally {
    source.close();
  }
}
