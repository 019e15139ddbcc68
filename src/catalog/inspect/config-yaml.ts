/** An inspection as an attune.yaml that a person can read and change: what was found stands beside it as comments. */
import { stringify } from 'yaml';
import { count, number, percent } from './counts-in-words.ts';
import type { AttributeReport, ColumnReport, Inspection } from './inspection.ts';
import { mediaWords } from './media-words.ts';
import { commonest } from './render.ts';

export type ConfigYamlOptions = {
  /** Address or path of the JSON Schema that editors check the file with. */
  readonly schema?: string;
  /** What `data.path` names; the files that were inspected by default. */
  readonly paths?: readonly string[];
  /** How the files were read, where it was not found from them. */
  readonly reading?: { readonly encoding?: string; readonly delimiter?: string };
  /** Further inputs, such as an event log, which no column of the file tells of. */
  readonly inputs?: Readonly<Record<string, object>>;
};

const SCHEMA = './node_modules/attune/docs/attune.schema.json';

export function toConfigYaml(inspection: Inspection, options: ConfigYamlOptions = {}): string {
  const paths = options.paths ?? inspection.paths;
  const lines = [
    `# yaml-language-server: $schema=${options.schema ?? SCHEMA}`,
    `# Written by \`attune inspect\`, from ${comment(paths.join(', '))}: ${count(inspection.products, 'product')}. Change what you like.`,
    '',
    ...dataSection(inspection, paths, options.reading ?? {}),
    '',
    ...inputsSection(inspection, options.inputs ?? {}),
    '',
    ...attributesSection(inspection),
  ];
  return `${lines.join('\n')}\n`;
}

function dataSection(
  { data, layout, columns }: Inspection,
  paths: readonly string[],
  reading: Readonly<Record<string, string>>,
): readonly string[] {
  const lines = ['data:', `  path: ${flow(paths.length === 1 ? paths[0]! : paths)}`];
  for (const [key, value] of Object.entries(reading)) lines.push(`  ${key}: ${flow(value)}`);
  const why = (name: string) => {
    const reason = columns.find((column) => column.name === name)?.reason;
    return reason === undefined ? '' : `  # ${comment(reason)}`;
  };
  for (const key of ['id', 'group', 'category', 'time'] as const) {
    const name = data[key];
    if (name !== undefined) lines.push(`  ${key}: ${flow(name)}${why(name)}`);
  }
  if (layout !== 'columns') lines.push(`  layout: ${layout}`);
  if (data.attributesColumn !== undefined) lines.push(`  attributesColumn: ${flow(data.attributesColumn)}`);
  if (data.attributeColumn !== undefined) lines.push(`  attributeColumn: ${flow(data.attributeColumn)}`);
  if (data.valueColumn !== undefined) lines.push(`  valueColumn: ${flow(data.valueColumn)}`);
  return [...lines, ...splitLines(data)];
}

const DEV = ['dev', 'val', 'valid', 'validation', 'eval'];
const TEST = ['test', 'testing', 'holdout'];

/** The file's own split where it has all three sides. */
function splitLines({ split, splitSides, time }: Inspection['data']): readonly string[] {
  const hash = '  split: {by: hash, dev: 0.1, test: 0.1, seed: 1}';
  const has = (sides: readonly string[]) => sides.some((side) => splitSides.includes(side));
  if (split !== undefined && has(DEV) && has(TEST)) return [`  split: {by: column, column: ${flow(split)}}`];
  if (split !== undefined)
    return [
      `  # The column ${comment(split)} says ${splitSides.map(comment).join(', ')}; with train, dev and test it could be the split.`,
      hash,
    ];
  if (time !== undefined)
    return [hash, '  # Or, to test on the latest: split: {by: time, dev: 0.1, test: 0.1}'];
  return [hash];
}

function inputsSection(
  { inputs, columns, attributes, products }: Inspection,
  further: Readonly<Record<string, object>>,
): readonly string[] {
  const usable =
    inputs.length > 0 || columns.some(({ media }) => media?.usable) || Object.keys(further).length > 0;
  const lines = [usable ? 'inputs:' : 'inputs: {}  # no column reads like a text; name one here'];
  const names = [...new Set(inputs.map(({ name }) => name))];
  for (const name of names) {
    const own = inputs.filter((input) => input.name === name);
    const column = columns.find((each) => each.name === own[0]!.column);
    if (column?.text !== undefined) lines.push(`  # ${comment(lengthsOf(column))}`);
    const sources = own.map((input) => input.column);
    const named =
      sources.length === 1 && sources[0] === name
        ? {}
        : { column: sources.length === 1 ? sources[0] : sources };
    lines.push(`  ${flow(name)}: ${flow({ kind: 'text', ...named, maxTokens: own[0]!.maxTokens })}`);
  }
  lines.push(...columns.flatMap(mediaLines));
  for (const [name, input] of Object.entries(further)) lines.push(`  ${flow(name)}: ${flow(input)}`);
  const suggest = (why: string, kind: string, names: readonly string[]) => {
    if (names.length === 0) return;
    lines.push(`  # ${why}`, ...names.map((name) => `  # ${comment(`${flow(name)}: {kind: ${kind}}`)}`));
  };
  const ofRole = (role: ColumnReport['role']) =>
    columns.filter((column) => column.role === role).map(({ name }) => name);
  suggest('Numbers can be read too:', 'number', ofRole('number'));
  suggest('So can dates:', 'date', [...ofRole('time'), ...laterDates(columns)]);
  const known = attributes.filter(
    ({ kind, usable, labelled, distinct }) =>
      kind === 'choice' && usable && distinct > 1 && labelled >= KNOWN_SHARE * products,
  );
  suggest(
    'What every product comes with may be read instead of predicted; take it out of the attributes then:',
    'category',
    known.filter(({ column }) => columns.some(({ name }) => name === column)).map(({ column }) => column),
  );
  return lines;
}

/** Share of the products whose value is known, from which on it may be one that every product comes with. */
const KNOWN_SHARE = 0.99;

/** Columns of dates beside the one that is the catalog's time. */
function laterDates(columns: readonly ColumnReport[]): readonly string[] {
  return columns
    .filter(({ role, reason }) => role === 'ignored' && reason.endsWith('is the better time'))
    .map(({ name }) => name);
}

/** More pictures a product than this cost more than they tell. */
const MOST_READ = 4;

function mediaLines({ name, media }: ColumnReport): readonly string[] {
  if (media === undefined) return [];
  const { kind, report, most, unusable } = media;
  const settings = { kind, ...(most > 1 ? { most: Math.min(most, MOST_READ) } : {}) };
  const line = `${flow(name)}: ${flow(settings)}`;
  const known = report === undefined || report.read === 0 ? [] : [mediaWords(report)];
  if (most > MOST_READ) known.push(`up to ${number(most)} a product`);
  if (unusable !== undefined)
    return [`  # ${comment(`Left out, for ${[unusable, ...known].join('; ')}`)}:`, `  # ${comment(line)}`];
  return [...(known.length === 0 ? [] : [`  # ${comment(known.join('; '))}`]), `  ${line}`];
}

function lengthsOf({ text }: ColumnReport): string {
  const { median, p99, longest } = text!.lengths;
  return `${number(median)} characters in the middle, ${number(p99)} at most in 99 of 100, ${number(longest)} in the longest`;
}

function attributesSection({ attributes }: Inspection): readonly string[] {
  if (attributes.length === 0) return ['attributes: {}  # no column can serve as a label; name one here'];
  const body = attributes.flatMap(attributeLines);
  return [attributes.some(({ usable }) => usable) ? 'attributes:' : 'attributes: {}', ...body];
}

function attributeLines(attribute: AttributeReport): readonly string[] {
  const { name, column, kind, unit, separator, appliesTo, usable, reason, variants } = attribute;
  const settings = {
    ...(column === name ? {} : { column }),
    ...(unit === undefined || kind !== 'number' ? {} : { unit }),
    ...(separator === undefined || kind !== 'multi' ? {} : { separator }),
    ...(appliesTo === undefined ? {} : { appliesTo }),
  };
  const value = Object.keys(settings).length === 0 ? kind : { kind, ...settings };
  const line = `${flow(name)}: ${flow(value)}`;
  if (!usable) return [`  # Not trained, ${comment(reason)}:`, `  # ${line}`];
  const known = `${number(attribute.distinct)} ${kind === 'number' ? 'different numbers' : 'values'}, known for ${percent(attribute.labelled / Math.max(1, attribute.products))}`;
  const spellings = variants
    .slice(0, 3)
    .map(({ canonical, others }) => `${canonical} (${others.slice(0, 3).join(', ')})`)
    .join('; ');
  return [
    `  # ${comment(`${known}: ${commonest(attribute)}`)}`,
    ...(spellings === ''
      ? []
      : [`  # In several spellings: ${comment(spellings)}${variants.length > 3 ? ' and more' : ''}`]),
    `  ${line}`,
  ];
}

/** A value on one line, quoted where YAML wants it. */
function flow(value: unknown): string {
  if (typeof value === 'string' && /[\n\r]/.test(value)) return JSON.stringify(value);
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
}

/** Safe behind a `#`: one line, not endless, no control characters. */
function comment(text: string): string {
  const line = text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 297)}...` : line;
}
