/** What spoils one attribute: too few examples, labels that stand in the texts, numbers that can be read two ways. */
import { type AttributeAnalysis, LEAST_EXAMPLES } from './attribute-kinds.ts';
import { count, number, percent } from './counts-in-words.ts';
import type { InspectionWarning } from './inspection.ts';
import type { LiteralShare } from './literal-shares.ts';

export type AttributeWarningFacts = {
  readonly literal: ReadonlyMap<string, LiteralShare>;
  /** " in a sample of 20,000 products", or nothing where all were looked at. */
  readonly sampled: string;
};

export function* attributeWarnings(
  attribute: AttributeAnalysis,
  facts: AttributeWarningFacts,
): Iterable<InspectionWarning> {
  const { name, kind, labelled, distinct, placeholders } = attribute;
  if (labelled === 0) {
    yield {
      code: 'none-labelled',
      level: 'warning',
      where: name,
      what: attribute.notApplicable > 0 ? 'Every label says "not applicable".' : 'No product has a value.',
      why: 'There is nothing to learn from.',
      action: 'Label some products, or leave the attribute out.',
    };
    return;
  }
  if (distinct === 1 && kind !== 'extract') {
    yield {
      code: 'single-value',
      level: 'warning',
      where: name,
      what: `Every labelled product has the same value, "${attribute.top[0]?.value ?? ''}".`,
      why: 'A model that always says so is never wrong, and of no use.',
      action: 'Label products that have other values, or leave the attribute out.',
    };
    return;
  }
  if (!attribute.usable)
    yield {
      code: 'mostly-unique',
      level: 'warning',
      where: name,
      what: `It has ${number(distinct)} different values for ${count(labelled, 'product')}, and few of them stand in the texts.`,
      why: 'A value seen once cannot be learned, and one that is not in the text cannot be found there.',
      action: 'Leave it out, or group its values.',
    };
  yield* ofValues(attribute);
  yield* ofLeak(attribute, facts);
  if (kind === 'number') yield* ofNumbers(attribute);
  const placed = placeholders.reduce((sum, { count: n }) => sum + n, 0);
  if (placed > labelled * 0.005)
    yield {
      code: 'placeholder-cells',
      level: placed > labelled * 0.02 ? 'warning' : 'note',
      where: name,
      what: `${count(placed, 'cell')} only ${placed === 1 ? 'holds' : 'hold'} a place: ${placeholders
        .slice(0, 4)
        .map(({ value }) => `"${value}"`)
        .join(', ')}.`,
      why: 'They would be learned as values like any other.',
      action:
        'Empty these cells if they mean "not known"; add the word to `data.notApplicable` if they mean "has none".',
    };
}

/** Attributes with so few labels that training and test can hardly share them, in one note. */
export function* fewLabels(attributes: readonly AttributeAnalysis[]): Iterable<InspectionWarning> {
  const few = attributes.filter(({ usable, labelled }) => usable && labelled < FEW_LABELS);
  if (few.length === 0) return;
  const names = few.slice(0, 6).map(({ name, labelled }) => `${name} (${labelled})`);
  yield {
    code: 'few-labels',
    level: 'note',
    where: names.join(', ') + (few.length > 6 ? ` and ${few.length - 6} more` : ''),
    what: `${count(few.length, 'attribute')} ${few.length === 1 ? 'has' : 'have'} fewer than ${FEW_LABELS} labelled products.`,
    why: 'So few can hardly be dealt to training, calibration and test; predictions of them will ask for review.',
    action: 'Label more products, or leave them out.',
  };
}

const FEW_LABELS = 50;

function* ofValues({
  name,
  kind,
  rare,
  distinct,
  variants,
  usable,
}: AttributeAnalysis): Iterable<InspectionWarning> {
  if (usable && rare > 0 && (kind === 'choice' || kind === 'multi'))
    yield {
      code: 'rare-values',
      level: rare > distinct / 2 ? 'warning' : 'note',
      where: name,
      what: `${number(rare)} of its ${number(distinct)} values have fewer than ${LEAST_EXAMPLES} examples.`,
      why: 'They can hardly be learned, and their test figures are chance.',
      action: 'Label more examples of them, or join them to other values by `synonyms`.',
    };
  if (variants.length > 0) {
    const [first] = variants;
    const shown = `"${first!.canonical}" is also written ${first!.others
      .slice(0, 3)
      .map((text) => `"${text}"`)
      .join(', ')}`;
    yield {
      code: 'spelling-variants',
      level: 'note',
      where: name,
      what: `${count(variants.length, 'value')} ${variants.length === 1 ? 'comes' : 'come'} in several spellings: ${shown}.`,
      why: 'They are taken for one value; the commonest spelling is predicted.',
      action: 'List `values` in the config to keep any of them apart.',
    };
  }
}

function* ofLeak(
  { name, kind, usable }: AttributeAnalysis,
  { literal, sampled }: AttributeWarningFacts,
): Iterable<InspectionWarning> {
  const share = literal.get(name);
  if (share === undefined || kind === 'extract' || kind === 'number' || !usable || share.looked < 20) return;
  const named = share.named >= 0.05;
  if (!named && !(share.own >= 0.9 && share.own - share.others >= 0.5)) return;
  const where = named
    ? `"${name}: ..." stands in ${percent(share.named)} of the texts`
    : `In ${percent(share.own)} of the products the label stands in the text`;
  yield {
    code: 'leak',
    level: named || share.own >= 0.98 ? 'warning' : 'note',
    where: name,
    what: `${where}${sampled} (by chance it would be ${percent(share.others)}).`,
    why: 'The model learns to copy it, and fails on products whose texts do not have it yet.',
    action:
      'If texts of new products have it too, all is well (or set the kind to `extract`); if not, take it out of the texts.',
  };
}

function* ofNumbers({ name, patterns }: AttributeAnalysis): Iterable<InspectionWarning> {
  const { point, comma, ambiguous, mark } = patterns.decimal;
  if (point > 0 && comma > 0)
    yield {
      code: 'mixed-decimals',
      level: 'warning',
      where: name,
      what: `Of its different values ${number(point)} have a decimal point and ${number(comma)} a decimal comma; ${number(ambiguous)} more could be either.`,
      why: 'The cells that could be either are read a thousand times too large or too small if the guess is wrong.',
      action: `They are read with a decimal ${mark}; set \`decimal\` to decide it, or write all of them one way.`,
    };
  else if (ambiguous > 0 && point === 0 && comma === 0)
    yield {
      code: 'ambiguous-decimals',
      level: 'note',
      where: name,
      what: `${count(ambiguous, 'value')} such as "1,234" or "1.234" can be read two ways, and no other tells which.`,
      why: 'Read the wrong way they are a thousand times too large or too small.',
      action: `They are read with a decimal ${mark}; set \`decimal\` if that is wrong.`,
    };
  if (patterns.unreadable.length > 0)
    yield {
      code: 'unreadable-numbers',
      level: 'note',
      where: name,
      what: `Some cells are no number: ${patterns.unreadable
        .slice(0, 3)
        .map((cell) => JSON.stringify(cell))
        .join(', ')}.`,
      why: 'They count as not labelled.',
      action: 'Correct them, or leave them.',
    };
}
