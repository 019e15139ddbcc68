/** Which columns and keys are attributes, and what kind each is. */
import type { AttributeConfig, CatalogConfig } from '../config.ts';
import type { Arranged } from '../layout.ts';
import type { Source } from '../source.ts';
import { type AttributeAnalysis, analyseAttribute } from './attribute-kinds.ts';
import {
  applicableCategories,
  type LabelStatistics,
  labelStatistics,
  sampledLabels,
} from './label-statistics.ts';
import { createLabelTable, isList } from './label-table.ts';
import { type LiteralShare, literalShares } from './literal-shares.ts';
import type { ColumnFacts, RoleChoice } from './roles.ts';
import type { Sample } from './sample.ts';

export type Roles = ReadonlyMap<string, RoleChoice>;
/** A text input and the columns that it is made of. */
export type Input = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly maxTokens: number;
};

/** The first column with a role. */
export function nameOf(roles: Roles, wanted: RoleChoice['role']): string | undefined {
  return [...roles].find(([, choice]) => choice.role === wanted)?.[0];
}

export type LabelContext = {
  readonly facts: readonly ColumnFacts[];
  readonly roles: Roles;
  readonly inputs: readonly Input[];
  readonly sample: Sample;
  readonly arranged: Arranged;
  readonly products: number;
  readonly notApplicable: readonly string[];
  readonly config: CatalogConfig | undefined;
};

/** Needs the label table dropped afterwards; roles of columns that turn out to be no labels come back changed. */
export async function analyseLabels(
  source: Source,
  context: LabelContext,
): Promise<{
  readonly attributes: readonly AttributeAnalysis[];
  readonly literal: ReadonlyMap<string, LiteralShare>;
  readonly roles: Roles;
}> {
  const { facts, inputs, sample, arranged, products, notApplicable, config } = context;
  const roles = new Map(context.roles);
  const given = Object.entries(config?.attributes ?? {});
  const wanted = new Set(
    given.length > 0
      ? given.map(([name, { column }]) => column ?? name)
      : labelColumns(facts, roles, arranged),
  );
  const columns = facts.filter(({ name }) => wanted.has(name));
  const nested = arranged.attributesColumn;
  const nestedType = facts.find(({ name }) => name === nested)?.type ?? 'VARCHAR';
  await createLabelTable(source, {
    table: arranged.table,
    columns: columns.map((column) => ({ ...column, list: isListed(column) })),
    nested: nested === undefined ? undefined : { name: nested, type: nestedType },
  });
  const counted = await labelStatistics(source, notApplicable);
  const ofColumn = new Map(columns.map((column, i) => [column.name, i]));
  const place = (name: string) => ofColumn.get(name) ?? columns.length;
  const statistics = [...counted, ...unlabelled(wanted, counted)]
    .filter(({ attribute }) => given.length === 0 || wanted.has(attribute))
    .sort((a, b) => place(a.attribute) - place(b.attribute));
  const texts = sample.rows.map((row) =>
    inputs.flatMap((input) => input.columns.map((name) => row.get(name) ?? '')).join(' \n '),
  );
  const literal =
    inputs.length === 0
      ? new Map<string, LiteralShare>()
      : literalShares(texts, await sampledLabels(source, sample, notApplicable));
  const forExtraction = columns.length === 0 && mostlyLiteral(literal);
  const category = nameOf(roles, 'category');
  const appliesTo = await applicableCategories(
    source,
    arranged.table,
    category,
    arranged.attributesColumn !== undefined,
  );
  const analysed = statistics.map((labels) => {
    const column = facts.find(({ name }) => name === labels.attribute);
    return analyseAttribute({
      labels,
      literal: literal.get(labels.attribute),
      products,
      appliesTo: appliesTo.get(labels.attribute),
      nested: column === undefined,
      isList: column !== undefined && isListed(column),
      forExtraction,
    });
  });
  const attributes =
    given.length > 0
      ? given.flatMap(([name, own]) => asConfigured(name, own, analysed))
      : analysed.filter((attribute) => keep(attribute, roles, ofColumn));
  return { attributes, literal, roles };
}

function isListed(column: ColumnFacts): boolean {
  return isList(column) || column.patterns.list > 0.9;
}

/** An attribute that the user wants and no product has. */
function unlabelled(
  wanted: ReadonlySet<string>,
  counted: readonly LabelStatistics[],
): readonly LabelStatistics[] {
  const known = new Set(counted.map(({ attribute }) => attribute));
  return [...wanted]
    .filter((attribute) => !known.has(attribute))
    .map((attribute) => ({ attribute, labelled: 0, notApplicable: 0, distinct: 0, counts: [], several: 0 }));
}

/** What the user set stands; what the data say stands beside it. */
function asConfigured(
  name: string,
  config: AttributeConfig,
  analysed: readonly AttributeAnalysis[],
): readonly AttributeAnalysis[] {
  const found = analysed.find(({ column }) => column === (config.column ?? name));
  if (found === undefined) return [];
  const unit = config.kind === 'number' ? config.unit : undefined;
  const usable = found.labelled > 0 && (found.distinct > 1 || config.kind === 'extract');
  return [{ ...found, name, kind: config.kind, unit, usable, reason: 'set in the config' }];
}

/** Columns that may be labels. Where there are none, the category and plain numbers are what is left to predict. */
function labelColumns(
  facts: readonly ColumnFacts[],
  roles: Map<string, RoleChoice>,
  arranged: Arranged,
): readonly string[] {
  const having = (wanted: RoleChoice['role']) =>
    facts.filter(({ name }) => roles.get(name)?.role === wanted).map(({ name }) => name);
  const labels = having('attribute');
  if (labels.length > 0 || arranged.attributesColumn !== undefined) return labels;
  for (const wanted of ['category', 'number'] as const) {
    const others = having(wanted);
    if (others.length === 0) continue;
    for (const name of others)
      roles.set(name, { role: 'attribute', reason: 'nothing else could be predicted' });
    return others;
  }
  return [];
}

/** A column whose values are mostly unique and stand in no text is no attribute: it is left alone, with the reason. */
function keep(
  attribute: AttributeAnalysis,
  roles: Map<string, RoleChoice>,
  ofColumn: ReadonlyMap<string, number>,
): boolean {
  if (attribute.usable || !ofColumn.has(attribute.name) || attribute.distinct <= 1) return true;
  roles.set(attribute.name, { role: 'ignored', reason: attribute.reason });
  return false;
}

function mostlyLiteral(literal: ReadonlyMap<string, LiteralShare>): boolean {
  let looked = 0;
  let found = 0;
  for (const share of literal.values()) {
    looked += share.looked;
    found += share.anywhere * share.looked;
  }
  return looked >= 20 && found / looked >= 0.8;
}
