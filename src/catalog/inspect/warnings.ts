/** What spoils a model or its figures, each said with what, where, why and what to do. Pure. */
import type { CatalogConfig } from '../config.ts';
import type { AttributeAnalysis } from './attribute-kinds.ts';
import { type AttributeWarningFacts, attributeWarnings, fewLabels } from './attribute-warnings.ts';
import { count, number, percent } from './counts-in-words.ts';
import type { Duplicates } from './duplicates.ts';
import type { ColumnReport, InputReport, InspectionWarning } from './inspection.ts';
import { mediaWarnings } from './media-words.ts';
import type { ColumnFacts } from './roles.ts';

export type WarningFacts = AttributeWarningFacts & {
  readonly products: number;
  readonly columns: readonly ColumnReport[];
  readonly facts: readonly ColumnFacts[];
  readonly inputs: readonly InputReport[];
  readonly attributes: readonly AttributeAnalysis[];
  readonly duplicates: Duplicates;
  readonly id: string | undefined;
  readonly severalFiles: boolean;
  /** What the user set, where they did. */
  readonly config: CatalogConfig | undefined;
};

/** Each in the order in which a person should read them: what stops training, what spoils it, what is good to know. */
export function findWarnings(facts: WarningFacts): readonly InspectionWarning[] {
  const found = [
    ...ofCatalog(facts),
    ...ofInputs(facts),
    ...facts.attributes.flatMap((each) => [...attributeWarnings(each, facts)]),
    ...fewLabels(facts.attributes),
    ...mediaWarnings(facts.columns, facts.severalFiles),
    ...ofUnits(facts),
    ...ofColumns(facts),
  ];
  const order = { error: 0, warning: 1, note: 2 } as const;
  return found.sort((a, b) => order[a.level] - order[b.level]);
}

function* ofCatalog({
  products,
  inputs,
  attributes,
  duplicates,
  id,
  columns,
}: WarningFacts): Iterable<InspectionWarning> {
  if (inputs.length === 0 && !columns.some(({ media }) => media?.usable))
    yield {
      code: 'no-text',
      level: 'error',
      where: columns
        .map(({ name }) => name)
        .slice(0, 12)
        .join(', '),
      what: 'No column reads like a text, and none has pictures or sounds that are there.',
      why: 'A model learns from texts (a title, a description, a review), pictures and sounds.',
      action: 'Name the columns under `inputs` in the config if there are some after all.',
    };
  if (!attributes.some(({ usable }) => usable))
    yield {
      code: 'no-attributes',
      level: 'error',
      where:
        attributes
          .map(({ name }) => name)
          .slice(0, 12)
          .join(', ') || 'all columns',
      what: 'No column can serve as a label.',
      why: 'A model needs products whose answer is known, with at least two different answers.',
      action: 'Add a column with known values, or name one under `attributes` in the config.',
    };
  if (products < 200)
    yield {
      code: 'few-products',
      level: 'warning',
      where: 'the file',
      what: `There are ${count(products, 'product')}.`,
      why: 'A model learns little from so few, and its test figures are wide guesses.',
      action: 'Add products; some hundred with labels are a start.',
    };
  if (duplicates.sameId > 0)
    yield {
      code: 'duplicate-ids',
      level: 'warning',
      where: id ?? 'id',
      what: `${count(duplicates.sameId, 'row')} repeat an id that came before.`,
      why: 'Rows with one id are one product; which of them is right cannot be told.',
      action: `Correct the ids, or name another column as \`data.id\`.`,
    };
  const share = duplicates.copies / Math.max(1, duplicates.withText);
  if (share >= 0.01)
    yield {
      code: 'near-duplicates',
      level: share > 0.2 ? 'warning' : 'note',
      where: inputs.map(({ name }) => name).join(', '),
      what: `${count(duplicates.copies, 'product')} (${percent(share)}) repeat ${duplicates.near ? 'or nearly repeat the text' : 'the words'} of another.`,
      why: 'A copy in training and another in the test makes the figures look better than they are.',
      action: 'Nothing: the split keeps copies on one side. Fewer products than rows are really different.',
    };
}

function* ofInputs({ columns, facts, inputs, products, config }: WarningFacts): Iterable<InspectionWarning> {
  for (const { column } of inputs) {
    const report = columns.find(({ name }) => name === column);
    const fact = facts.find(({ name }) => name === column);
    if (report === undefined || fact === undefined) continue;
    const given = config !== undefined && Object.keys(config.inputs).length > 0;
    const isCode = fact.patterns.meanWords < 1.2 && (fact.patterns.code > 0.8 || fact.patterns.integer > 0.8);
    if (given && (isCode || report.role === 'id' || report.role === 'identifier'))
      yield {
        code: 'identifier-input',
        level: 'warning',
        where: column,
        what: 'An identifier is used as an input.',
        why: 'A model learns the codes of the training products by heart, which is no help with new ones.',
        action: `Take "${column}" out of \`inputs\`.`,
      };
    const empty = products - report.filled;
    if (empty > products * 0.02)
      yield {
        code: 'missing-text',
        level: empty > products * 0.5 ? 'warning' : 'note',
        where: column,
        what: `${percent(empty / products)} of the products have no ${column}.`,
        why: 'There the model has only the other inputs to go by.',
        action: 'Fill it where you can; products without any text are set aside.',
      };
    if (fact.lengths.longest > 20_000)
      yield {
        code: 'long-text',
        level: 'warning',
        where: column,
        what: `The longest text has ${number(fact.lengths.longest)} characters (99 of 100 have at most ${number(fact.lengths.p99)}).`,
        why: 'Only the beginning is read, as many tokens as `maxTokens` says.',
        action: 'Look whether pages, logs or encoded pictures got into the column.',
      };
  }
}

/** Numbers in several currencies or units, of columns that are numbers by and large. */
function* ofUnits({ columns, facts, attributes }: WarningFacts): Iterable<InspectionWarning> {
  for (const { name, patterns } of facts) {
    const isNumber =
      columns.some((column) => column.name === name && column.role === 'number') ||
      attributes.some(({ column, kind }) => column === name && kind === 'number') ||
      patterns.quantity + patterns.money > 0.7;
    if (!isNumber || patterns.mixed === undefined) continue;
    const unit = attributes.find(({ column }) => column === name)?.unit;
    yield {
      code: 'mixed-units',
      level: 'warning',
      where: name,
      what: `Its numbers are in several currencies or units: ${patterns.mixed}.`,
      why:
        unit === undefined
          ? 'Numbers are read as they stand: 12 dollars and 12 pounds are one price to a model. Currencies are never converted.'
          : `What does not convert to ${unit} counts as not labelled.`,
      action: 'Bring the column into one currency or unit before you train on it.',
    };
  }
}

function* ofColumns({ columns }: WarningFacts): Iterable<InspectionWarning> {
  const empty = columns.filter(({ role }) => role === 'empty').map(({ name }) => name);
  if (empty.length > 0)
    yield {
      code: 'empty-column',
      level: 'note',
      where: empty.slice(0, 8).join(', ') + (empty.length > 8 ? ` and ${empty.length - 8} more` : ''),
      what: `${count(empty.length, 'column')} ${empty.length === 1 ? 'has' : 'have'} no value at all.`,
      why: 'They are left out.',
      action: 'Look whether the export lost them.',
    };
}
