/** Which column of an event or shopper file is what: as the config says, else by the names that such files use. */
import { AttuneError } from '../../base/errors.ts';
import type { CatalogErrorCode } from '../errors.ts';
import type { SourceColumn } from '../source-columns.ts';

const ALIASES = {
  time: 'time timestamp eventtime datetime date createdat occurredat ts eventtimestamp invoicedate orderdate',
  kind: 'eventtype eventname event kind action type behavior behaviour',
  product: 'sku productid itemid asin stockcode variantid product item handle id',
  shopper: 'shopperid customerid userid visitorid clientid shopper customer user visitor',
  session: 'session sessionid usersession visit visitid invoiceno invoice orderid',
  query: 'query searchquery searchterm searchterms term keyword keywords q',
  quantity: 'quantity qty units count',
  price: 'price unitprice itemprice saleprice',
} as const;
export type EventField = keyof typeof ALIASES;

/** A column by name for each field that the config sets. */
export type EventColumnNames = { readonly [K in EventField]?: string | undefined };
export type EventColumns = { readonly [K in EventField]?: SourceColumn };

const FIELDS = Object.keys(ALIASES) as readonly EventField[];

/**
 * @param path - for messages
 * @throws `catalog/column-missing` when there is no time, neither product nor query, or not the column that was named
 */
export function eventColumns(
  columns: readonly SourceColumn[],
  names: EventColumnNames,
  path: string,
): EventColumns {
  const found: Partial<Record<EventField, SourceColumn>> = {};
  for (const field of FIELDS) {
    const name = names[field];
    const column =
      name === undefined ? byAlias(columns, ALIASES[field]) : columns.find((c) => c.name === name);
    if (column !== undefined) found[field] = column;
    else if (name !== undefined)
      throw missing(columns, `the column "${name}" for the ${field} of events`, path);
  }
  if (found.time === undefined) throw missing(columns, 'a column with the time of the events', path);
  if (found.product === undefined) throw missing(columns, 'a column with the product of the events', path);
  return found;
}

/** The column that identifies a shopper in a file of profiles. */
export function shopperColumn(
  columns: readonly SourceColumn[],
  name: string | undefined,
  path: string,
): SourceColumn {
  const column =
    name === undefined
      ? byAlias(columns, `${ALIASES.shopper} id`)
      : columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw missing(columns, 'a column that identifies the shopper', path);
  return column;
}

/** The first alias that a column has, in the order of the aliases. */
function byAlias(columns: readonly SourceColumn[], aliases: string): SourceColumn | undefined {
  const letters = columns.map(({ name }) => name.toLowerCase().replace(/[^a-z]/g, ''));
  const alias = aliases.split(' ').find((candidate) => letters.includes(candidate));
  return alias === undefined ? undefined : columns[letters.indexOf(alias)];
}

function missing(
  columns: readonly SourceColumn[],
  what: string,
  path: string,
): AttuneError<CatalogErrorCode> {
  const names = columns.map(({ name }) => name);
  return new AttuneError('catalog/column-missing', `${path} has not ${what}.`, {
    hint: `Name the column in the config. The file has: ${names.join(', ')}.`,
    details: { path, columns: names },
  });
}
