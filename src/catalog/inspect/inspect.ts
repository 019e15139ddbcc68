/**
 * Looks at a merchant's file before anything is trained: what every column is for, what can be learned of it, and what
 * would ruin the model.
 *
 * Counts are made by DuckDB over all rows and spill to disk; texts are read one by one in a sample that is drawn by a
 * hash, the same each time. Nothing is changed in the files.
 */
import { type Progress, silent } from '../../base/progress.ts';
import type { CatalogConfig } from '../config.ts';
import { inputsOf as givenInputs } from '../config-inputs.ts';
import { type Arranged, arrange } from '../layout.ts';
import type { Source } from '../source.ts';
import { DEFAULT_NOT_APPLICABLE, type Layout } from '../spec.ts';
import { specOfConfig } from '../spec-of-config.ts';
import { sqlName } from '../sql.ts';
import type { AttributeAnalysis } from './attribute-kinds.ts';
import { cellPatterns } from './cell-patterns.ts';
import { columnStatistics, isBinary } from './column-statistics.ts';
import { number } from './counts-in-words.ts';
import { countDuplicates } from './duplicates.ts';
import type {
  AttributeReport,
  ColumnMedia,
  ColumnReport,
  InputReport,
  Inspection,
  MediaReport,
  TextReport,
} from './inspection.ts';
import { analyseLabels, type Input, nameOf, type Roles } from './label-analysis.ts';
import { dropLabelTable } from './label-table.ts';
import { layoutOf } from './layout-of.ts';
import { binaryKind } from './media-bytes.ts';
import { type MediaCheck, mediaReport } from './media-report.ts';
import { type ColumnFacts, inferRoles, type RoleChoice } from './roles.ts';
import { cellsOf, type Sample, sampleRows } from './sample.ts';
import { isDense, languageShares, scriptShares } from './text-profile.ts';
import { findWarnings } from './warnings.ts';

export type InspectOptions = {
  /** What the user has set: inputs and attributes that it names are taken, not inferred. */
  readonly config?: CatalogConfig | undefined;
  /** Where the attributes stand; found in the data when left out. */
  readonly layout?: Layout | undefined;
  readonly progress?: Progress | undefined;
  /** How pictures and sounds are read, and how many; none are when left out. */
  readonly media?: MediaCheck | undefined;
};

const EXAMPLES = 3;

/** @throws `catalog/layout`, `catalog/column-missing` when a layout was asked for that the file does not have */
export async function inspect(source: Source, options: InspectOptions = {}): Promise<Inspection> {
  const progress = options.progress ?? silent;
  const config = options.config;
  progress({ kind: 'stage', stage: 'inspect', total: 5 });
  const layout = options.layout ?? layoutGiven(config) ?? (await layoutOf(source));
  const arranged = await arrange(source, layout);
  try {
    const { rows: products, columns: statistics } = await columnStatistics(
      source,
      arranged.columns,
      arranged.table,
    );
    progress({ kind: 'advance', done: 1, note: 'columns counted' });
    const sample = await sampleRows(source, statistics, arranged.table, products);
    const facts: ColumnFacts[] = [];
    for (const column of statistics) {
      const cells = cellsOf(sample, column.name);
      const bytes = isBinary(column) ? await binaryKind(source, arranged.table, column.name) : undefined;
      facts.push({ ...column, patterns: cellPatterns(cells), examples: cells.slice(0, 50), bytes });
    }
    progress({ kind: 'advance', done: 2, note: 'texts read' });
    const roles = rolesOf(facts, products, arranged, layout.kind === 'shopify', config);
    const inputs = inputsOf(facts, roles, sample, config);
    const notApplicable = config?.data.notApplicable ?? DEFAULT_NOT_APPLICABLE;
    const labels = await analyseLabels(source, {
      facts,
      roles,
      inputs,
      sample,
      arranged,
      products,
      notApplicable,
      config,
    });
    progress({ kind: 'advance', done: 3, note: 'labels counted' });
    const id = nameOf(roles, 'id');
    const duplicates = await countDuplicates(
      source,
      inputs.flatMap(({ columns }) => columns),
      id,
      arranged.table,
      products,
    );
    progress({ kind: 'advance', done: 4, note: 'copies counted' });
    const media = await mediaColumns(source, facts, labels.roles, arranged.table, options);
    const columns = facts.map((column) =>
      columnReport(column, labels.roles.get(column.name)!, sample, media.get(column.name)),
    );
    const inputReports = inputs.flatMap(({ name, columns: own, maxTokens }) =>
      own.map((column): InputReport => ({ name, column, maxTokens })),
    );
    const sampled = sample.complete ? '' : ` in a sample of ${number(sample.rows.length)} products`;
    const inspection: Inspection = {
      paths: source.files.map(({ path }) => path),
      rows: source.rowCount,
      products,
      layout: layout.kind,
      columns: [...columns, ...(await longColumns(source, layout))],
      inputs: inputReports,
      attributes: labels.attributes.map(withoutPatterns),
      data: {
        id,
        group: nameOf(labels.roles, 'group'),
        category: nameOf(labels.roles, 'category'),
        time: nameOf(labels.roles, 'time'),
        split: nameOf(labels.roles, 'split'),
        splitSides: await sidesOf(source, nameOf(labels.roles, 'split'), arranged.table),
        attributesColumn: layout.kind === 'nested' ? layout.column : undefined,
        attributeColumn: layout.kind === 'long' ? layout.attribute : undefined,
        valueColumn: layout.kind === 'long' ? layout.value : undefined,
      },
      sample: { rows: sample.rows.length, complete: sample.complete },
      warnings: findWarnings({
        products,
        columns,
        facts,
        inputs: inputReports,
        attributes: labels.attributes,
        literal: labels.literal,
        duplicates,
        id: arranged.severalRows ? undefined : id,
        sampled,
        severalFiles: source.files.length > 1,
        config,
      }),
    };
    progress({ kind: 'advance', done: 5 });
    return inspection;
  } finally {
    await dropLabelTable(source);
    if (arranged.table !== 'rows') await source.run(`DROP TABLE IF EXISTS ${arranged.table}`);
  }
}

/** The layout that the config asks for; `columns` is what one without a layout says. */
function layoutGiven(config: CatalogConfig | undefined): Layout | undefined {
  if (config === undefined || config.data.layout === 'columns') return undefined;
  const { layout } = specOfConfig(config, { paths: ['-'] });
  return layout === 'auto' ? undefined : layout;
}

async function sidesOf(
  source: Source,
  column: string | undefined,
  table: string,
): Promise<readonly string[]> {
  if (column === undefined) return [];
  const side = `lower(trim(CAST(${sqlName(column)} AS VARCHAR)))`;
  const rows = await source.query(
    `SELECT DISTINCT ${side} AS side FROM ${table} WHERE ${side} <> '' ORDER BY 1 LIMIT 20`,
  );
  return rows.map((row) => String(row.side));
}

function rolesOf(
  facts: readonly ColumnFacts[],
  rows: number,
  arranged: Arranged,
  isShopify: boolean,
  config: CatalogConfig | undefined,
): Roles {
  const settled = {
    attributesColumn: arranged.attributesColumn,
    idColumn: config?.data.id ?? arranged.idColumn,
    isShopify,
  };
  const roles = new Map(inferRoles(facts, rows, settled));
  for (const wanted of ['group', 'category', 'time'] as const) {
    const column = config?.data[wanted];
    if (column === undefined || !roles.has(column)) continue;
    for (const [name, choice] of roles)
      if (choice.role === wanted)
        roles.set(name, { role: 'ignored', reason: `the config names "${column}"` });
    roles.set(column, { role: wanted, reason: 'set in the config' });
  }
  return roles;
}

function inputsOf(
  facts: readonly ColumnFacts[],
  roles: Roles,
  sample: Sample,
  config: CatalogConfig | undefined,
): readonly Input[] {
  const given = givenInputs(config?.inputs ?? {}, 'text');
  if (given.length > 0)
    return given.map(([name, { column, maxTokens }]) => ({
      name,
      columns: [column ?? name].flat(),
      maxTokens,
    }));
  return facts
    .filter(({ name }) => roles.get(name)?.role === 'text')
    .map((column) => ({ name: column.name, columns: [column.name], maxTokens: budgetOf(column, sample) }));
}

/** Holds 99 of 100 titles and nine of ten longer texts: about 3.5 characters a token, one where there are no spaces. */
function budgetOf({ name, lengths }: ColumnFacts, sample: Sample): number {
  const perToken = isDense(scriptShares(cellsOf(sample, name).slice(0, 500))) ? 1 : 3.5;
  const nearlyAll = lengths.p99 / perToken;
  const tokens = nearlyAll <= 64 ? nearlyAll : lengths.p90 / perToken;
  return Math.min(256, Math.max(16, Math.ceil(tokens / 16) * 16));
}

function columnReport(
  column: ColumnFacts,
  choice: RoleChoice,
  sample: Sample,
  media?: ColumnMedia,
): ColumnReport {
  const { name, type, filled, distinct, distinctExact, lengths } = column;
  const cells = cellsOf(sample, name);
  const text: TextReport | undefined =
    choice.role === 'text'
      ? {
          lengths,
          scripts: scriptShares(cells.slice(0, 1000)),
          languages: languageShares(cells.slice(0, 1000)),
        }
      : undefined;
  const examples = [...new Set(cells.slice(0, 50))].slice(0, EXAMPLES).map((cell) => cell.slice(0, 200));
  return {
    name,
    type,
    role: choice.role,
    reason: choice.reason,
    filled,
    distinct,
    distinctExact,
    examples,
    text,
    media,
  };
}

/** Pictures and sounds by column: whether they are read, and what reading them told. */
async function mediaColumns(
  source: Source,
  facts: readonly ColumnFacts[],
  roles: Roles,
  table: string,
  { media: check, progress = silent }: InspectOptions,
): Promise<ReadonlyMap<string, ColumnMedia>> {
  const found = new Map<string, ColumnMedia>();
  for (const column of facts) {
    const kind = roles.get(column.name)?.role;
    if (kind !== 'image' && kind !== 'audio') continue;
    if (check !== undefined)
      progress({
        kind: 'stage',
        stage: `Reading ${column.name}`,
        total: Math.min(column.filled, check.mostCells),
      });
    const report =
      check &&
      (await mediaReport(
        source,
        table,
        { name: column.name, kind, binary: isBinary(column) },
        check,
        (done) => progress({ kind: 'advance', done }),
      ));
    const unusable = unusableMedia(column, report);
    const most = Math.max(1, column.patterns.mostReferences, report?.most ?? 1);
    found.set(column.name, { kind, usable: unusable === undefined, unusable, most, report });
  }
  return found;
}

/** Why an inferred config does not read the column. */
function unusableMedia({ patterns }: ColumnFacts, report: MediaReport | undefined): string | undefined {
  if (patterns.address > 0 || (report?.addresses ?? 0) > 0)
    return 'a training run would fetch them from the internet';
  return report !== undefined && report.read === 0
    ? 'none of these files is there, or none is what it should be'
    : undefined;
}

/** The two columns that the long layout folds into attributes. */
async function longColumns(source: Source, layout: Layout): Promise<readonly ColumnReport[]> {
  if (layout.kind !== 'long' || layout.path !== undefined) return [];
  const roles = new Map<string, RoleChoice>([
    [layout.attribute, { role: 'attribute-name', reason: 'names the attribute of the row' }],
    [layout.value, { role: 'attribute-value', reason: 'holds the value of the row' }],
  ]);
  const columns = source.columns.filter(({ name }) => roles.has(name));
  const statistics = await columnStatistics(source, columns, 'rows');
  const none: Sample = { rows: [], ids: [], threshold: 0, complete: true };
  return statistics.columns.map((column) =>
    columnReport({ ...column, patterns: cellPatterns([]), examples: [] }, roles.get(column.name)!, none),
  );
}

function withoutPatterns({ patterns: _, placeholders: __, ...report }: AttributeAnalysis): AttributeReport {
  return report;
}
