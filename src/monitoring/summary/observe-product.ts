/** What of a product, and of what a model says of it, is watched. */
import type { CatalogConfig } from '../../catalog/config.ts';
import { inputsOf } from '../../catalog/config-inputs.ts';
import type { Label, Product } from '../../catalog/product.ts';
import { timeOfCell } from '../../catalog/values/date-cell.ts';
import { readNumber } from '../../features/numbers/number-encoding.ts';
import type { AttributePrediction, ProductPrediction } from '../../prediction/prediction.ts';
import type { FieldDefinition, Observed } from './field.ts';

export const CATEGORY_FIELD = 'category';
const DAY_SECONDS = 86_400;

/** A field and how it is read. */
type Watched<From> = FieldDefinition & { readonly of: (from: From) => Observed };

/** A row of the catalog: its product, and the cells of the columns that it is sliced by. */
export type WatchedRow = {
  readonly product: Product;
  readonly own: Readonly<Record<string, unknown>>;
};

/**
 * The inputs, labels and category of a config's products. Labels of texts that are written are not watched.
 * @param columns - of the file, that are watched too, such as the supplier and the locale
 */
export function productFields(
  { data, inputs, attributes }: CatalogConfig,
  columns: readonly string[],
): readonly Watched<WatchedRow>[] {
  const category: Watched<WatchedRow>[] =
    data.category === undefined
      ? []
      : [{ name: CATEGORY_FIELD, kind: 'value', modality: 'product', of: ({ product }) => product.category }];
  return [
    ...inputsOf(inputs, 'text').map(
      ([name]): Watched<WatchedRow> => ({
        name,
        kind: 'text',
        modality: 'text',
        of: ({ product }) => product.texts[name],
      }),
    ),
    ...inputsOf(inputs, 'image', 'audio').map(
      ([name, { kind }]): Watched<WatchedRow> => ({
        name,
        kind: 'presence',
        modality: kind,
        of: ({ product }) => (product.media?.[name]?.length ? 'there' : undefined),
      }),
    ),
    ...inputsOf(inputs, 'number').map(
      ([name, { unit, decimal }]): Watched<WatchedRow> => ({
        name,
        kind: 'number',
        modality: 'table',
        of: ({ product }) => numberOf(product.table?.[name], unit, decimal),
      }),
    ),
    ...inputsOf(inputs, 'category').map(
      ([name]): Watched<WatchedRow> => ({
        name,
        kind: 'value',
        modality: 'table',
        of: ({ product }) => textOf(product.table?.[name]),
      }),
    ),
    ...inputsOf(inputs, 'date').map(
      ([name]): Watched<WatchedRow> => ({
        name,
        kind: 'number',
        modality: 'table',
        of: ({ product }) => {
          const seconds = timeOfCell(product.table?.[name]);
          return seconds === undefined ? undefined : seconds / DAY_SECONDS;
        },
      }),
    ),
    ...category,
    ...columns.map(
      (name): Watched<WatchedRow> => ({
        name,
        kind: 'value',
        modality: 'product',
        of: ({ own }) => textOf(own[name]),
      }),
    ),
    ...Object.entries(attributes).flatMap(([name, attribute]) => labelField(name, attribute)),
  ];
}

function labelField(
  name: string,
  attribute: CatalogConfig['attributes'][string],
): readonly Watched<WatchedRow>[] {
  const field = { name: `${name} (label)`, modality: 'label' } as const;
  const { kind } = attribute;
  if (kind === 'generate') return [];
  if (kind === 'number') {
    const decimal = attribute.decimal === 'auto' ? undefined : attribute.decimal;
    return [
      {
        ...field,
        kind: 'number',
        of: ({ product }) => numberOf(labelValues(product.labels[name])?.[0], attribute.unit, decimal),
      },
    ];
  }
  return [
    {
      ...field,
      kind: kind === 'choice' ? 'value' : 'values',
      of: ({ product }) => {
        const values = labelValues(product.labels[name]);
        return kind === 'choice' ? values?.[0] : values;
      },
    },
  ];
}

/** What a model says of each attribute: its values, and how sure it is. Written texts are not watched. */
export function predictionFields(
  attributes: readonly { readonly name: string; readonly kind: AttributePrediction['kind'] }[],
): readonly Watched<ProductPrediction>[] {
  return attributes
    .filter(({ kind }) => kind !== 'generate')
    .flatMap(({ name, kind }): Watched<ProductPrediction>[] => [
      {
        name: predictedField(name),
        kind: kind === 'number' ? 'number' : kind === 'choice' ? 'value' : 'values',
        modality: 'prediction',
        of: ({ attributes }) => answered(attributes[name]),
      },
      {
        name: confidenceField(name),
        kind: 'number',
        modality: 'prediction',
        of: ({ attributes }) => confidenceOf(attributes[name]),
      },
    ]);
}

export const predictedField = (attribute: string) => `${attribute} (predicted)`;
export const confidenceField = (attribute: string) => `${attribute} (confidence)`;

/** Where the model abstains there is no answer to be sure of: how often it does is told by what is missing. */
function confidenceOf(prediction: AttributePrediction | undefined): number | undefined {
  return prediction === undefined || prediction.status === 'abstain' ? undefined : prediction.confidence;
}

const NOT_APPLICABLE = '(not applicable)';

function answered(prediction: AttributePrediction | undefined): Observed {
  if (prediction === undefined) return undefined;
  const { value, notApplicable, kind } = prediction;
  if (kind === 'number') return typeof value === 'number' ? value : undefined;
  if (notApplicable) return kind === 'choice' ? NOT_APPLICABLE : [NOT_APPLICABLE];
  if (value === null) return undefined;
  if (kind === 'choice') return String(value);
  return [value].flat().map(String);
}

function labelValues(label: Label | undefined): readonly string[] | undefined {
  if (label === undefined) return undefined;
  return label.state === 'value' ? label.values : [NOT_APPLICABLE];
}

function numberOf(
  cell: string | number | undefined,
  unit: string | undefined,
  decimal: 'auto' | 'point' | 'comma' | undefined,
): number | undefined {
  const read = readNumber(cell, { unit, ...(decimal === 'auto' ? {} : { decimal }) });
  return read.state === 'number' ? read.value : undefined;
}

function textOf(cell: unknown): string | undefined {
  if (cell === null || cell === undefined) return undefined;
  const text = String(cell).trim();
  return text === '' ? undefined : text;
}
