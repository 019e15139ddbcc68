/** What kind of attribute a set of labels makes, told from its values and from how they stand in the texts. Pure. */
import type { AttributeKind } from '../product.ts';
import { learnCanonicalForms, splitValues } from '../values/canonical.ts';
import { type CellPatterns, cellPatterns, isPlaceholder, separatorOf } from './cell-patterns.ts';
import { endsIn, hints } from './column-names.ts';
import { percent } from './counts-in-words.ts';
import type { AttributeReport, ValueCount } from './inspection.ts';
import type { LabelStatistics } from './label-statistics.ts';
import type { LiteralShare } from './literal-shares.ts';
import { unitInName } from './roles.ts';

export type AttributeFacts = {
  readonly labels: LabelStatistics;
  readonly literal: LiteralShare | undefined;
  readonly products: number;
  /** Labels come from an object or from long rows: a product may have several without a separator. */
  readonly nested: boolean;
  /** Cells are lists: several values each, whatever they look like. */
  readonly isList: boolean;
  /** Categories that have labels of it, where they are a part of all and told apart from the others. */
  readonly appliesTo: readonly string[] | undefined;
  /** Most labels of the file stand in its texts: it was made to extract from. */
  readonly forExtraction: boolean;
};

export type AttributeAnalysis = AttributeReport & {
  readonly patterns: CellPatterns;
  /** Values that only hold a place ("null", "-"), with their counts. */
  readonly placeholders: readonly ValueCount[];
};

type Verdict = {
  readonly kind: AttributeKind;
  readonly reason: string;
  readonly usable?: boolean;
  readonly separator?: string;
  readonly unit?: string;
};

/** Fewer examples than this are too few to learn a value from. */
export const LEAST_EXAMPLES = 3;
const TOP_VALUES = 10;
/** Above these a literal value is a span to find, below it one of a list to choose from. */
const MANY_VALUES = 300;
const MOST_CHOICES = 5000;

export function analyseAttribute(facts: AttributeFacts): AttributeAnalysis {
  const { labels, literal, products } = facts;
  const patterns = cellPatterns(labels.counts.map(([value]) => value));
  const verdict = verdictOf(facts, patterns);
  const counts =
    verdict.separator === undefined ? labels.counts : splitCounts(labels.counts, verdict.separator);
  const closed = verdict.kind === 'choice' || verdict.kind === 'multi';
  const forms = closed ? learnCanonicalForms(counts) : [];
  const values: readonly ValueCount[] = closed
    ? forms.map(({ canonical, count }) => ({ value: canonical, count }))
    : counts.map(([value, count]) => ({ value, count }));
  const numbers = patterns.numbers;
  return {
    name: labels.attribute,
    column: labels.attribute,
    kind: verdict.kind,
    reason: verdict.reason,
    labelled: labels.labelled,
    notApplicable: labels.notApplicable,
    products,
    distinct:
      verdict.separator === undefined && !closed
        ? labels.distinct
        : Math.max(values.length, closed ? 0 : labels.distinct),
    top: values.slice(0, TOP_VALUES),
    rare: closed ? values.filter(({ count }) => count < LEAST_EXAMPLES).length : 0,
    unit: verdict.unit,
    separator: verdict.separator,
    variants: forms
      .filter(({ variants }) => variants.length > 1)
      .map(({ canonical, variants }) => ({ canonical, others: variants.slice(1).map(({ text }) => text) })),
    literalShare: literal?.own,
    appliesTo: facts.appliesTo,
    placeholders: placeholdersIn(labels),
    usable: verdict.usable ?? true,
    range:
      verdict.kind === 'number' && numbers.length > 0
        ? { low: numbers[0]!, median: numbers[Math.floor(numbers.length / 2)]!, high: numbers.at(-1)! }
        : undefined,
    patterns,
  };
}

function verdictOf(facts: AttributeFacts, patterns: CellPatterns): Verdict {
  const { labels, literal, nested, isList, forExtraction } = facts;
  const { attribute, labelled, distinct, counts } = labels;
  const own = literal?.own ?? 0;
  const found = `${percent(own)} of its values stand in the texts`;
  if (labelled === 0) return { kind: 'choice', reason: 'no product has a value', usable: false };
  const open =
    distinct > MANY_VALUES ||
    (distinct > 20 && hints(attribute, 'brand')) ||
    (distinct > 20 && distinct > labelled * 0.2);

  if (forExtraction && (literal?.anywhere ?? 0) >= 0.5) return { kind: 'extract', reason: found };
  if (distinct === 1)
    return { kind: 'choice', reason: `its only value is "${counts[0]![0]}"`, usable: false };
  const several = labels.several / labelled;
  const number = isList || several > 0.25 ? undefined : numberVerdict(facts, patterns);
  if (number !== undefined) return number;
  if (isList || (nested && several > 0.02)) {
    return own >= 0.6 && open
      ? { kind: 'extract', reason: `several values a product, ${found}` }
      : { kind: 'multi', reason: 'several values a product' };
  }
  const separator = nested ? undefined : separatorOf(counts);
  if (separator !== undefined)
    return {
      kind: 'multi',
      reason: `several values a cell, separated by "${separator.trim() || '\\n'}"`,
      separator,
    };
  if (own >= 0.7 && open) return { kind: 'extract', reason: `${distinct} different values, ${found}` };
  const mostlyUnique = distinct > MOST_CHOICES || (labelled >= 20 && distinct > labelled * 0.5);
  if (mostlyUnique && !hints(attribute, 'label'))
    return {
      kind: own >= 0.4 ? 'extract' : 'choice',
      reason: `${distinct} different values for ${labelled} products, ${percent(own)} of them in the texts`,
      usable: false,
    };
  return { kind: 'choice', reason: `one of ${distinct} values` };
}

function numberVerdict({ labels }: AttributeFacts, patterns: CellPatterns): Verdict | undefined {
  const { attribute, distinct } = labels;
  const unit = unitInName(attribute);
  const measured = unit !== undefined || hints(attribute, 'measure');
  // A few whole numbers are grades; "size 36, 38, 40" is a list to choose from however it is called.
  const sizes = /size|größe|taille/i.test(attribute) && unit === undefined;
  if (
    patterns.quantity >= 0.75 &&
    patterns.unitShare >= 0.8 &&
    patterns.unit !== undefined &&
    !(sizes && distinct <= 50)
  )
    return { kind: 'number', reason: `quantities, mostly in ${patterns.unit}`, unit: patterns.unit };
  if (patterns.numeric < 0.9 || endsIn(attribute, 'id') || (sizes && distinct <= 60)) return undefined;
  if (!measured && patterns.integer > 0.99 && distinct <= 12) return undefined;
  return {
    kind: 'number',
    reason: unit === undefined ? 'numbers' : `numbers, in ${unit} by its name`,
    ...(unit === undefined ? {} : { unit }),
  };
}

function splitCounts(
  counts: readonly (readonly [string, number])[],
  separator: string,
): readonly (readonly [string, number])[] {
  const parts = new Map<string, number>();
  for (const [cell, count] of counts)
    for (const part of splitValues(cell, separator)) parts.set(part, (parts.get(part) ?? 0) + count);
  return [...parts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function placeholdersIn({ counts }: LabelStatistics): readonly ValueCount[] {
  return counts.filter(([value]) => isPlaceholder(value)).map(([value, count]) => ({ value, count }));
}
