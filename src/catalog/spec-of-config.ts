/**
 * What `openCatalog` is to do, from the sections of attune.yaml.
 */
import { AttuneError } from '../base/errors.ts';
import type { AttributeConfig, CatalogConfig, DataConfig } from './config.ts';
import { inputsOf, TABLE_KINDS, type TextInputConfig } from './config-inputs.ts';
import type { CatalogErrorCode } from './errors.ts';
import type { AttributeColumn, CatalogSpec, Layout, SplitSpec, TextField } from './spec.ts';

export type SpecOptions = {
  /** The files that the command line names; they come before `data.path`. */
  readonly paths?: readonly string[] | undefined;
  /** Predicting and evaluating read the file as it is: no split, no look for copies. */
  readonly split?: boolean | undefined;
  /**
   * Whether labels are read, or of which attributes; predicting needs those only that a decoder is given, and columns may be
   * missing then.
   */
  readonly labels?: boolean | readonly string[] | undefined;
  /** Text input -> the file that it stands in, in place of the one that the config names. */
  readonly textFiles?: Readonly<Record<string, string>> | undefined;
  /** Whether products have times of their own, where the config names a column of them; they have when left out. */
  readonly at?: boolean | undefined;
  /** What happens to columns, texts aside, that the file lacks. */
  readonly absent?: CatalogSpec['absent'];
};

/**
 * @throws `catalog/file-missing` when neither the config nor the command line names a file
 * @throws `catalog/layout` when long rows or texts of another file are asked for and `data.id` does not say which product they
 * are of, and when a file is named for a text input that is none
 */
export function specOfConfig(config: CatalogConfig, options: SpecOptions = {}): CatalogSpec {
  const { data, inputs, attributes } = config;
  const paths = options.paths?.length ? options.paths : [data.path ?? []].flat();
  if (paths.length === 0) {
    throw new AttuneError<CatalogErrorCode>('catalog/file-missing', 'No data file was named.', {
      hint: 'Set `data.path`, or name the file on the command line.',
    });
  }
  const { textFiles = {}, labels = true } = options;
  const wanted = labels === false ? [] : labels;
  for (const name of Object.keys(textFiles)) {
    if (inputs[name]?.kind !== 'text')
      throw new AttuneError<CatalogErrorCode>('catalog/layout', `There is no text input "${name}".`, {
        hint: `The text inputs are: ${inputsOf(inputs, 'text')
          .map(([known]) => known)
          .join(', ')}.`,
      });
  }
  return {
    paths,
    encoding: data.encoding,
    delimiter: data.delimiter,
    layout: layoutOf(data, wanted === true || wanted.length > 0),
    id: data.id,
    group: data.group,
    category: data.category,
    time: data.time,
    texts: inputsOf(inputs, 'text').map(([name, input]) => ({
      ...textField(name, { ...input, path: textFiles[name] ?? input.path }, data.id),
      // What is to be written need not be there.
      ...(options.absent === 'skip' && isWritten(name, input, attributes) ? { optional: true as const } : {}),
    })),
    media: inputsOf(inputs, 'image', 'audio').map(([name, { column, most }]) => ({
      name,
      columns: [column ?? name].flat(),
      most,
    })),
    table: inputsOf(inputs, ...TABLE_KINDS).map(([name, { column }]) => ({ name, column: column ?? name })),
    behaviour: behaviourOf(inputs, data, options.at),
    attributes: Object.entries(attributes)
      .filter(([name]) => wanted === true || wanted.includes(name))
      .map(([name, attribute]) => attributeColumn(name, attribute)),
    notApplicable: data.notApplicable,
    absent: options.absent,
    split: options.split === false ? undefined : splitOf(data),
  };
}

/** Whether a text input is the column of an attribute that a decoder writes. */
function isWritten(
  name: string,
  { column }: TextInputConfig,
  attributes: CatalogConfig['attributes'],
): boolean {
  const columns = [column ?? name].flat();
  return Object.entries(attributes).some(
    ([attribute, config]) => config.kind === 'generate' && columns.includes(config.column ?? attribute),
  );
}

function textField(name: string, { column, path, key }: TextInputConfig, id: string | undefined): TextField {
  const columns = [column ?? name].flat();
  if (path === undefined) return { name, columns };
  const joinedBy = key ?? id;
  if (joinedBy === undefined) {
    throw new AttuneError<CatalogErrorCode>(
      'catalog/layout',
      `The text input "${name}" is in ${path}, but products have no id to join it by.`,
      { hint: 'Set `data.id` to the column that identifies a product.', details: { field: name } },
    );
  }
  return { name, columns, from: { path, key: joinedBy } };
}

/** @throws `catalog/layout` when products have no id to find their events by */
function behaviourOf(
  inputs: CatalogConfig['inputs'],
  { id, layout }: DataConfig,
  at: boolean | undefined,
): CatalogSpec['behaviour'] {
  const [input] = inputsOf(inputs, 'behaviour');
  if (input === undefined) return undefined;
  const [name, { atColumn }] = input;
  if (id === undefined && layout !== 'shopify') {
    throw new AttuneError<CatalogErrorCode>(
      'catalog/layout',
      `The input "${name}" is found by the product's id, and \`data.id\` does not say which column that is.`,
      { hint: 'Set `data.id` to the column that the event log names products by.', details: { field: name } },
    );
  }
  return { at: at === false ? undefined : atColumn };
}

function attributeColumn(name: string, attribute: AttributeConfig): AttributeColumn {
  const whole = attribute.kind === 'generate' && !attribute.list;
  const separator = 'separator' in attribute && !whole ? attribute.separator : undefined;
  return { name, column: attribute.column ?? name, kind: attribute.kind, separator };
}

/** @param labels - without them, objects and files of attributes are not looked at, and may be missing */
function layoutOf(data: DataConfig, labels: boolean): Layout {
  if (!labels && (data.layout === 'nested' || data.attributesPath !== undefined)) return { kind: 'columns' };
  switch (data.layout) {
    case 'columns':
    case 'shopify':
      return { kind: data.layout };
    case 'nested':
      return { kind: 'nested', column: data.attributesColumn };
    case 'long':
      if (data.id === undefined) {
        throw new AttuneError<CatalogErrorCode>(
          'catalog/layout',
          '`data.layout: long` needs `data.id`, the column that says which product a row is of.',
        );
      }
      return {
        kind: 'long',
        product: data.id,
        attribute: data.attributeColumn,
        value: data.valueColumn,
        path: data.attributesPath,
      };
  }
}

function splitOf({ split }: DataConfig): SplitSpec {
  const { by, dev, test, seed, column, files } = split;
  switch (by) {
    case 'hash':
    case 'group':
      return { by: 'hash', dev, test, seed };
    case 'time':
      return { by, dev, test };
    case 'column':
      return { by, column: column! };
    case 'files':
      return {
        by,
        devPaths: [files?.dev ?? []].flat(),
        testPaths: [files?.test ?? []].flat(),
        dev,
        test,
        seed,
      };
  }
}
