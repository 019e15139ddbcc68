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

export class BundleReads implements Reads {
  readonly name: string;
  readonly fields: readonly string[];
  readonly mediaFields: readonly MediaField[];
  readonly tableFields: readonly string[];
  readonly numberFields: readonly string[];
  readonly givenAttributes: readonly string[];
  readonly attributes: Predictor['attributes'];

  constructor(bundle: Described) {
    const { name, model, attributes } = bundle.file;
    this.name = name;
    this.fields = model.fields.map((field) => field.name);
    this.mediaFields = mediaFieldsOf(bundle);
    this.tableFields = tableFieldsOf(bundle);
    this.numberFields = numberFieldsOf(bundle);
    this.givenAttributes = givenAttributesOf(bundle);
    this.attributes = attributes.map(({ schema }) => ({ name: schema.name, kind: schema.kind }));
  }
}

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
