/** An inspection as a person reads it on a terminal: plain text, no colours. */
import { count, number, percent } from './counts-in-words.ts';
import type {
  AttributeReport,
  ColumnReport,
  ColumnRole,
  Inspection,
  InspectionWarning,
} from './inspection.ts';
import { mediaWords } from './media-words.ts';
import { clip, pad, type Table, table } from './text-table.ts';

const ROLE_WORDS: Readonly<Record<ColumnRole, string>> = {
  id: 'id',
  group: 'group',
  category: 'category',
  text: 'text input',
  attribute: 'attribute',
  attributes: 'attributes',
  'attribute-name': 'attribute name',
  'attribute-value': 'attribute value',
  split: 'split side',
  time: 'time',
  number: 'number',
  identifier: 'identifier',
  url: 'address',
  image: 'picture',
  audio: 'sound',
  constant: 'constant',
  empty: 'empty',
  ignored: 'left alone',
};

const LAYOUT_WORDS = {
  columns: 'an attribute is a column',
  nested: 'attributes are objects in one column',
  long: 'an attribute is a row',
  shopify: "Shopify's product CSV",
} as const;

const MOST_ATTRIBUTES = 40;

/** @param width - columns of the terminal; longer cells are cut, sentences are wrapped */
export function renderInspection(inspection: Inspection, width = 100): string {
  const { paths, rows, products, layout, columns, attributes, warnings, sample } = inspection;
  const files = paths.length === 1 ? paths[0]! : count(paths.length, 'file');
  const rowWords = rows === products ? '' : ` in ${count(rows, 'row')}`;
  const lines = [`${files}: ${count(products, 'product')}${rowWords}, ${LAYOUT_WORDS[layout]}`, ''];
  lines.push('Columns', ...table(columnTable(columns, layout === 'long' ? rows : products), width), '');
  if (attributes.length > 0) {
    const shown = attributes.slice(0, MOST_ATTRIBUTES);
    lines.push('Attributes', ...table(attributeTable(shown), width));
    if (shown.length < attributes.length) lines.push(`  and ${attributes.length - shown.length} more`);
    lines.push('');
  }
  lines.push(...warnings.flatMap((warning) => [...renderWarning(warning, width), '']));
  if (warnings.length === 0) lines.push('Nothing to warn of.', '');
  if (!sample.complete)
    lines.push(
      `Counts are of all rows; texts were read in a sample of ${count(sample.rows, 'row')}, the same each time.`,
      '',
    );
  return lines.join('\n');
}

function columnTable(columns: readonly ColumnReport[], rows: number): Table {
  return {
    head: ['name', 'role', 'filled', 'distinct', 'what it holds'],
    right: [2, 3],
    rows: columns.map((column) => [
      column.name,
      ROLE_WORDS[column.role],
      percent(column.filled / Math.max(1, rows)),
      `${column.distinctExact || column.distinct === 0 ? '' : '~'}${number(column.distinct)}`,
      holds(column),
    ]),
  };
}

function holds({ role, reason, text, media, examples }: ColumnReport): string {
  if (media?.report !== undefined && media.report.read > 0) return `${reason}: ${mediaWords(media.report)}`;
  if (text !== undefined) {
    const scripts = text.scripts.filter(({ share }) => share >= 0.02);
    const languages = text.languages.filter(({ share }) => share >= 0.05);
    const told =
      languages.length > 0
        ? languages.map(({ language, share }) => named(language, share))
        : scripts.map(({ script, share }) => named(script, share));
    return `${number(text.lengths.median)} characters, 1 in 100 over ${number(text.lengths.p99)}; ${told.join(', ')}`;
  }
  const shown = examples.map((example) => clip(example.replace(/\s+/g, ' '), 30)).join(', ');
  return role === 'attribute' || role === 'id' || role === 'group'
    ? shown
    : `${reason}${shown === '' || role === 'attributes' ? '' : `: ${shown}`}`;
}

const named = (name: string, share: number) => (share > 0.98 ? name : `${name} ${percent(share)}`);

function attributeTable(attributes: readonly AttributeReport[]): Table {
  return {
    head: ['name', 'kind', 'labelled', 'values', 'commonest'],
    right: [2, 3],
    rows: attributes.map((attribute) => [
      attribute.name,
      attribute.usable
        ? `${attribute.kind}${attribute.unit === undefined ? '' : ` (${attribute.unit})`}`
        : 'not trained',
      percent(attribute.labelled / Math.max(1, attribute.products)),
      number(attribute.distinct),
      attribute.usable ? commonest(attribute) : attribute.reason,
    ]),
  };
}

/** "Black 22 %, White 12 %", or the span of the numbers. */
export function commonest({ kind, range, top, labelled, unit }: AttributeReport): string {
  if (kind === 'number' && range !== undefined) {
    const of = unit === undefined ? '' : ` ${unit}`;
    return `${number(range.low)} to ${number(range.high)}${of}, ${number(range.median)} in the middle`;
  }
  return top
    .slice(0, 5)
    .map(
      ({ value, count: n }) =>
        `${clip(value.replace(/\s+/g, ' '), 40)} ${percent(n / Math.max(1, labelled))}`,
    )
    .join(', ');
}

const MARKS = { error: 'ERROR', warning: 'WARNING', note: 'note' } as const;

function renderWarning(
  { level, code, where, what, why, action, examples = [] }: InspectionWarning,
  width: number,
): readonly string[] {
  const head = `${MARKS[level]} ${where}: ${what} [${code}]`;
  return [
    ...wrap(head, width, ''),
    ...wrap(`${why} ${action}`, width, '  '),
    ...examples.flatMap((example) => wrap(example, width, '    ')),
  ];
}

function wrap(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const next = line.trim() === '' ? `${line}${word}` : `${line} ${word}`;
    if (next.length > width && line.trim() !== '') {
      lines.push(line);
      line = `${indent || '  '}${word}`;
    } else line = next;
  }
  return [...lines, pad(line, 0)];
}
