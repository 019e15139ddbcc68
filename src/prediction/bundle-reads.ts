/** What a bundle reads and answers, told before it is opened. */
import type { ReadBundle } from './bundle.ts';
import type { MediaField, Predictor } from './prediction.ts';

type Described = Pick<ReadBundle, 'file'>;

export type Reads = Required<
  Pick<
    Predictor,
    'name' | 'fields' | 'mediaFields' | 'tableFields' | 'numberFields' | 'givenAttributes' | 'attributes'
  >
>;

export const readsOf = (bundle: Described): Reads => ({
  name: bundle.file.name,
  fields: bundle.file.model.fields.map(({ name }) => name),
  mediaFields: mediaFieldsOf(bundle),
  tableFields: tableFieldsOf(bundle),
  numberFields: numberFieldsOf(bundle),
  givenAttributes: givenAttributesOf(bundle),
  attributes: bundle.file.attributes.map(({ schema }) => ({ name: schema.name, kind: schema.kind })),
});

/** The picture and sound inputs that a bundle reads. */
const mediaFieldsOf = ({ file }: Described): readonly MediaField[] =>
  (file.model.media ?? []).map(({ field, kind }) => ({ name: field, kind }));

/** The number, category and date inputs that a bundle reads. */
const tableFieldsOf = ({ file }: Described): readonly string[] =>
  (file.model.tableInputs ?? []).map(({ field }) => field);

/** Of those, the numbers. */
const numberFieldsOf = ({ file }: Described): readonly string[] =>
  (file.model.tableInputs ?? []).filter(({ kind }) => kind === 'number').map(({ field }) => field);

/** Attributes whose known values a bundle's decoder reads. */
export const givenAttributesOf = ({ file }: Described): readonly string[] => [
  ...new Set(file.generator?.attributes.flatMap(({ given }) => given)),
];
