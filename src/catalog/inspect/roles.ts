/**
 * What each column is for, told from its name and its cells. First every column by itself, then against the others:
 * one id, one group, one category. Pure; labels are looked at more closely afterwards.
 */
import type { MediaKind } from '../media-reference.ts';
import { findUnits } from '../values/units.ts';
import type { CellPatterns } from './cell-patterns.ts';
import { endsIn, hints, isNamed, nameWords } from './column-names.ts';
import { type ColumnStatistics, isBinary } from './column-statistics.ts';
import type { ColumnRole } from './inspection.ts';

export type ColumnFacts = ColumnStatistics & {
  readonly patterns: CellPatterns;
  /** A few cells, for closed vocabularies such as train/dev/test. */
  readonly examples: readonly string[];
  /** What the first cells of a binary column are, by their bytes. */
  readonly bytes?: MediaKind | undefined;
};

export type RoleChoice = { readonly role: ColumnRole; readonly reason: string };

const SIDES = new Set([
  'train',
  'training',
  'dev',
  'val',
  'valid',
  'validation',
  'test',
  'testing',
  'eval',
  'holdout',
]);

/** What the layout has settled already. */
export type LayoutColumns = {
  readonly attributesColumn: string | undefined;
  readonly idColumn: string | undefined;
  /** A Shopify export: most of its columns run the shop. */
  readonly isShopify: boolean;
};

const SHOP_COLUMNS =
  /^(?:option\d (?:name|value|linked to)|variant .*|image .*|seo .*|published.*|status|gift card|cost per item|collection|included \/.*|price(?: \/.*)?|compare.?at.*|(?:unit price|charge tax|continue selling|requires shipping|fulfillment|inventory|weight) .*|sku|barcode|google shopping \/ (?:mpn|adwords.*|custom.*|condition|google product category))$/i;

export function inferRoles(
  columns: readonly ColumnFacts[],
  rows: number,
  settled: LayoutColumns,
): ReadonlyMap<string, RoleChoice> {
  const roles = new Map(columns.map((column) => [column.name, roleAlone(column, rows, settled)] as const));
  settleId(columns, rows, roles, settled.idColumn);
  settleOne(
    columns,
    roles,
    'group',
    (column) => (hints(column.name, 'group') ? 2 : 1) - column.distinct / rows,
  );
  settleOne(columns, roles, 'time', (column) => (hints(column.name, 'time') ? 2 : 1));
  settleOne(columns, roles, 'category', (column) => (isNamed(column.name, 'category') ? 2 : 1));
  return roles;
}

const role = (name: ColumnRole, reason: string): RoleChoice => ({ role: name, reason });

function roleAlone(column: ColumnFacts, rows: number, settled: LayoutColumns): RoleChoice {
  const { name, type, patterns, filled, distinct } = column;
  if (filled === 0) return role('empty', 'no cell is filled');
  const media = mediaRole(column);
  if (media !== undefined) return media;
  if (settled.isShopify && SHOP_COLUMNS.test(name))
    return role('ignored', 'runs the shop; says nothing of the product');
  if (name === settled.attributesColumn) return role('attributes', 'objects of names and values');
  const nested = nestedRole(column);
  if (nested !== undefined) return nested;
  if (isNamed(name, 'split') && column.examples.every((cell) => SIDES.has(cell.trim().toLowerCase())))
    return role('split', 'names the side of a split');
  if (isNamed(name, 'label')) return role('attribute', `is called "${name}"`);
  if (distinct <= 1 && filled === rows && rows > 1) return role('constant', 'every cell is the same');
  if (patterns.url > 0.8 && (hints(name, 'url') || patterns.meanWords < 1.1)) return role('url', 'addresses');
  if (/^(TIMESTAMP|DATE)/.test(type) || patterns.date > 0.9) return role('time', 'dates');
  return (
    idRole(column, rows) ??
    numberRole(column, rows) ??
    textRole(column) ??
    categoryRole(column, rows) ??
    role('attribute', `${distinct} different values`)
  );
}

/** Pictures and sounds, by the endings of what cells name, by bytes, or, of addresses, by the column's name. */
function mediaRole(column: ColumnFacts): RoleChoice | undefined {
  const { name, patterns, bytes } = column;
  if (isBinary(column)) {
    if (bytes === undefined) return role('ignored', 'binary, neither pictures nor sounds');
    return role(bytes, `${MEDIA_WORDS[bytes]} as bytes`);
  }
  if (isNamed(name, 'id')) return undefined;
  const where = patterns.address > 0.5 ? 'addresses' : 'files';
  for (const kind of ['image', 'audio'] as const) {
    if (patterns[kind] > 0.8) return role(kind, `${where} of ${MEDIA_WORDS[kind]}`);
    if (patterns.address > 0.8 && patterns.meanWords < 1.5 && hints(name, kind))
      return role(kind, `addresses, called "${name}"`);
  }
  return undefined;
}

const MEDIA_WORDS = { image: 'pictures', audio: 'sounds' } as const;

function nestedRole(column: ColumnFacts): RoleChoice | undefined {
  const { type, patterns } = column;
  if (/\[\d*\]$/.test(type) || patterns.list > 0.9) {
    return /^(DOUBLE|FLOAT|REAL)/.test(type)
      ? role('ignored', 'lists of numbers')
      : role('attribute', 'lists of values');
  }
  if (patterns.object > 0.9 || /^(STRUCT|MAP)/.test(type)) return role('ignored', 'objects');
  return undefined;
}

/** Identifiers and groups: codes that repeat never, or from product to product. */
function idRole(column: ColumnFacts, rows: number): RoleChoice | undefined {
  const { name, patterns, filled, distinct } = column;
  const unique = distinct / filled;
  const named = endsIn(name, 'id');
  const shaped =
    patterns.meanWords < 1.2 &&
    (patterns.integer > 0.95 || patterns.code > 0.9 || /^(BIGINT|HUGEINT|UUID)/.test(column.type));
  const oneWord = patterns.meanWords < 1.3;
  if (named && oneWord && unique >= 0.95 && filled >= rows * 0.9) return role('id', 'one code a product');
  if (named && hints(name, 'person') && oneWord)
    return role('identifier', 'a code of something else than the product');
  if (
    (named && oneWord && hints(name, 'group')) ||
    (isNamed(name, 'group') === false && nameWords(name).includes('parent'))
  ) {
    if (unique < 0.95 && oneWord) return role('group', 'one code for several rows');
  }
  if (
    shaped &&
    unique === 1 &&
    filled === rows &&
    rows >= 20 &&
    !hints(name, 'money') &&
    !hints(name, 'measure') &&
    !hints(name, 'count')
  )
    return role('id', 'a different code in every row');
  if (named && shaped && unique > 0.5) return role('identifier', 'mostly different codes');
  if (named && /^(id|uuid|guid|key)s?$/.test(nameWords(name).at(-1)!) && oneWord && distinct > 20)
    return role(unique < 0.95 ? 'group' : 'identifier', 'codes that come again');
  return undefined;
}

function numberRole(column: ColumnFacts, rows: number): RoleChoice | undefined {
  const { name, type, patterns, distinct, filled } = column;
  if (type === 'BOOLEAN') {
    return hints(name, 'count')
      ? role('number', 'changes with the stock, not with the product')
      : role('attribute', 'yes or no');
  }
  if (patterns.quantity > 0.7 && patterns.unitShare > 0.8)
    return role('attribute', `quantities in ${patterns.unit}`);
  if (patterns.money > 0.7) return role('number', 'prices with their currency');
  if (patterns.numeric < 0.95) return undefined;
  if (hints(name, 'money')) return role('number', 'a price or an amount');
  if (hints(name, 'count')) return role('number', 'a count');
  if (hints(name, 'year')) return role('number', 'years or ages');
  if (hints(name, 'measure') || unitInName(name) !== undefined) return role('attribute', 'a measure');
  const few = distinct <= 12 && (distinct / filled < 0.2 || rows < 60);
  if (patterns.integer > 0.99 && few) return role('attribute', `${distinct} different whole numbers`);
  return role('number', 'numbers that no name explains');
}

/** "weight_g", "Weight (kg)": the unit of a bare number column. */
export function unitInName(name: string): string | undefined {
  const words = name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}°%²³"]+/u)
    .filter(Boolean);
  const last = words.at(-1);
  if (last === undefined || words.length < 2) return undefined;
  const unit = findUnits(last)[0];
  // "Easter day" is no number of days.
  const spelledTime =
    unit?.dimension === 'time' && !/^(?:h|hrs?|hours?|min|mins|minutes?|s|sec|ms)$/i.test(last);
  return unit === undefined || unit.dimension === 'count' || spelledTime ? undefined : unit.symbol;
}

function textRole(column: ColumnFacts): RoleChoice | undefined {
  const { name, patterns, distinct, filled, meanLength } = column;
  const ratio = distinct / filled;
  if (patterns.numeric > 0.5 || patterns.path > 0.3) return undefined;
  const titled = endsIn(name, 'title') || hints(name, 'text');
  if (isNamed(name, 'text') && patterns.meanWords >= 3 && distinct > 500)
    return role('text', `is called "${name}"`);
  if (isNamed(name, 'text') && ratio > 0.2) return role('text', `is called "${name}"`);
  if (titled && patterns.meanWords >= 1.5 && (ratio > 0.3 || meanLength > 60))
    return role('text', `texts, called "${name}"`);
  if (
    titled &&
    ratio > 0.8 &&
    !endsIn(name, 'id') &&
    patterns.code < 0.5 &&
    nameWords(name).length <= 2 &&
    filled < 60
  )
    return role('text', `texts, called "${name}"`);
  const free = meanLength > 80 && ratio > 0.1;
  if (hints(name, 'category')) return undefined;
  // Lists of short parts are labels ("beach | boho | casual"), sentences are text.
  if (patterns.meanWords >= 4 && (ratio > 0.5 || free) && !looksListed(column))
    return role('text', `${Math.round(patterns.meanWords)} words in a cell, mostly different`);
  return undefined;
}

/** More than a separator every few words. */
function looksListed(column: ColumnFacts): boolean {
  const cells = column.examples;
  const listed = cells.filter((cell) => {
    const parts = cell.split(/[|;,]/);
    return parts.length > 2 && cell.split(/\s+/).length / parts.length < 4 && !/[.!?](?:\s|$)/.test(cell);
  });
  return cells.length > 0 && listed.length / cells.length > 0.6;
}

function categoryRole(column: ColumnFacts, rows: number): RoleChoice | undefined {
  const words = nameWords(column.name).join(' ');
  const named =
    isNamed(column.name, 'category') || /^(?:product|item) category$|^category (?:name|path)$/.test(words);
  return named && column.filled >= rows * 0.98 && column.distinct < Math.max(3, rows / 2)
    ? role('category', 'the kind of product, known for all')
    : undefined;
}

/** The likeliest id; the others are identifiers. Without any, rows are numbered. */
function settleId(
  columns: readonly ColumnFacts[],
  rows: number,
  roles: Map<string, RoleChoice>,
  idColumn: string | undefined,
): void {
  if (idColumn !== undefined) {
    for (const [name, choice] of roles)
      if (choice.role === 'id') roles.set(name, role('identifier', 'another code than the id'));
    if (roles.has(idColumn)) roles.set(idColumn, role('id', 'rows with one code are one product'));
    return;
  }
  settleOne(columns, roles, 'id', (column) => {
    const words = nameWords(column.name);
    const named = ['id', 'sku', 'asin'].includes(words.join(' ')) ? 3 : endsIn(column.name, 'id') ? 2 : 0;
    return named + (column.distinct === rows ? 0.5 : 0) + (/row|index|unnamed/i.test(column.name) ? -0.2 : 0);
  });
}

/** Keeps the best of the columns with a role; the first of equals. */
function settleOne(
  columns: readonly ColumnFacts[],
  roles: Map<string, RoleChoice>,
  wanted: ColumnRole,
  merit: (column: ColumnFacts) => number,
): void {
  const candidates = columns.filter(({ name }) => roles.get(name)?.role === wanted);
  if (candidates.length < 2) return;
  const best = candidates.reduce((a, b) => (merit(b) > merit(a) ? b : a));
  const fallback: Partial<Record<ColumnRole, ColumnRole>> = {
    id: 'identifier',
    group: 'identifier',
    category: 'attribute',
    time: 'ignored',
  };
  for (const { name } of candidates) {
    if (name !== best.name)
      roles.set(name, role(fallback[wanted] ?? 'ignored', `"${best.name}" is the better ${wanted}`));
  }
}
