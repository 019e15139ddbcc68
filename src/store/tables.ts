/**
 * The tables as Drizzle knows them. `migrations/` makes them; `test/contracts/store/schema.test.ts` says that both agree.
 *
 * They stand in a schema of their own, `attune`, so that they can live in a shop's database.
 */
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  integer,
  pgSchema,
  primaryKey,
  real,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import type { AttributeKind } from '../catalog/product.ts';
import type { AlertState, Role } from './vocabulary.ts';

export const attune = pgSchema('attune');

/** To the millisecond, which is what a JavaScript date holds. */
const time = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
const serial = () => bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
/** Drizzle's own reads a JSON text such as "12" as the number 12: it parses what the driver has parsed. */
const json = <T>(name: string) =>
  customType<{ data: T; driverData: unknown }>({
    dataType: () => 'jsonb',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => value as T,
  })(name);

export const products = attune.table('products', {
  id: text('id').primaryKey(),
  contentHash: text('content_hash').notNull(),
  supplier: text('supplier'),
  category: text('category'),
  locale: text('locale'),
  fields: json<Record<string, unknown>>('fields').notNull(),
  created: time('created').notNull(),
  updated: time('updated').notNull(),
});

export const media = attune.table(
  'media',
  {
    productId: text('product_id').notNull(),
    field: text('field').notNull(),
    place: integer('place').notNull(),
    reference: text('reference').notNull(),
    contentHash: text('content_hash'),
  },
  (t) => [primaryKey({ columns: [t.productId, t.field, t.place] })],
);

export const pictures = attune.table('pictures', {
  id: serial(),
  productId: text('product_id').notNull(),
  contentHash: text('content_hash').notNull(),
  /** As base64. */
  jpeg: text('jpeg').notNull(),
});

export const attributeValues = attune.table(
  'attribute_values',
  {
    productId: text('product_id').notNull(),
    attribute: text('attribute').notNull(),
    place: integer('place').notNull(),
    value: text('value'),
    unit: text('unit'),
    provenance: text('provenance').$type<Provenance>().notNull(),
    model: text('model'),
    version: text('version'),
    who: text('who'),
    updated: time('updated').notNull(),
  },
  (t) => [primaryKey({ columns: [t.productId, t.attribute, t.place] })],
);

/** Who said a value. A person's is never overwritten but by a person; a model's trains nothing. */
export const PROVENANCES = ['supplier', 'model', 'person-created', 'person-changed'] as const;
export type Provenance = (typeof PROVENANCES)[number];

const predictionColumns = () => ({
  productId: text('product_id').notNull(),
  attribute: text('attribute').notNull(),
  model: text('model').notNull(),
  version: text('version').notNull(),
  value: json<string | number | readonly string[] | null>('value'),
  unit: text('unit'),
  notApplicable: boolean('not_applicable').notNull(),
  confidence: doublePrecision('confidence').notNull(),
  status: text('status').$type<'auto' | 'review' | 'abstain'>().notNull(),
  source: text('source').notNull(),
  evidence: json<readonly unknown[]>('evidence').notNull(),
  alternatives: json<readonly unknown[]>('alternatives').notNull(),
  contentHash: text('content_hash').notNull(),
  at: time('at').notNull(),
});

export const predictions = attune.table('predictions', predictionColumns(), (t) => [
  primaryKey({ columns: [t.productId, t.attribute] }),
]);

export const predictionHistory = attune.table('prediction_history', {
  id: serial(),
  ...predictionColumns(),
  shadow: boolean('shadow').notNull(),
  replaced: time('replaced').notNull(),
});

export const suggestions = attune.table('suggestions', {
  id: serial(),
  productId: text('product_id').notNull(),
  attribute: text('attribute').notNull(),
  value: json<string | number | readonly string[] | null>('value'),
  notApplicable: boolean('not_applicable').notNull(),
  score: doublePrecision('score').notNull(),
  model: text('model').notNull(),
  version: text('version').notNull(),
  at: time('at').notNull(),
  /** Of the attribute, and of a number; null where it was not kept. */
  kind: text('kind').$type<AttributeKind>(),
  unit: text('unit'),
});

export const RESPONSE_STATES = ['draft', 'submitted', 'discarded'] as const;
export type ResponseState = (typeof RESPONSE_STATES)[number];

export const responses = attune.table('responses', {
  id: serial(),
  productId: text('product_id').notNull(),
  attribute: text('attribute').notNull(),
  suggestionId: bigint('suggestion_id', { mode: 'number' }),
  who: text('who').notNull(),
  state: text('state').$type<ResponseState>().notNull(),
  /** The values that the person gave; empty: not applicable. */
  values: json<readonly string[]>('values').notNull(),
  unit: text('unit'),
  /** The value that was in force before, for undoing. */
  before: json<unknown>('before'),
  created: time('created').notNull(),
  updated: time('updated').notNull(),
  /** Why it stood in the queue; null where it did not, as when a person corrects a product. */
  reason: text('reason'),
  /** The chance with which it was chosen to be looked at; null where no rule chose it. */
  chance: doublePrecision('chance'),
  /** The chance with which the accepted answer that it is about was drawn for an audit; null where it was not. */
  audit: doublePrecision('audit'),
  /** What spoke for looking at it then. */
  evidence: json<Record<string, unknown>>('evidence'),
});

export const reviewItems = attune.table(
  'review_items',
  {
    productId: text('product_id').notNull(),
    attribute: text('attribute').notNull(),
    reason: text('reason').notNull(),
    priority: doublePrecision('priority').notNull(),
    suggestionId: bigint('suggestion_id', { mode: 'number' }),
    added: time('added').notNull(),
    chance: doublePrecision('chance'),
    /** What speaks for looking at it, as whoever put it there found. */
    evidence: json<Record<string, unknown>>('evidence'),
    /** The chance with which what the model says now was drawn for an audit, whatever else put it here; null where it was not. */
    audit: doublePrecision('audit'),
  },
  (t) => [primaryKey({ columns: [t.productId, t.attribute] })],
);

/** One row for each product that has review items: who has it, until when. */
export const reviewQueue = attune.table('review_queue', {
  productId: text('product_id').primaryKey(),
  priority: doublePrecision('priority').notNull(),
  leasedTo: text('leased_to'),
  leasedUntil: time('leased_until'),
  skippedBy: text('skipped_by').array().notNull(),
});

export const MODEL_STATES = ['loaded', 'champion', 'shadow', 'canary', 'retired'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

export const models = attune.table(
  'models',
  {
    name: text('name').notNull(),
    version: text('version').notNull(),
    folder: text('folder').notNull(),
    checksum: text('checksum').notNull(),
    state: text('state').$type<ModelState>().notNull(),
    share: doublePrecision('share').notNull(),
    figures: json<Record<string, unknown>>('figures').notNull(),
    registered: time('registered').notNull(),
    updated: time('updated').notNull(),
    /** When it last became, and last stopped being, the champion. */
    promoted: time('promoted'),
    demoted: time('demoted'),
  },
  (t) => [primaryKey({ columns: [t.name, t.version] })],
);

export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const alerts = attune.table('alerts', {
  id: serial(),
  at: time('at').notNull(),
  monitor: text('monitor').notNull(),
  severity: text('severity').$type<Severity>().notNull(),
  title: text('title').notNull(),
  details: json<Record<string, unknown>>('details').notNull(),
  state: text('state').$type<AlertState>().notNull(),
  who: text('who'),
  changed: time('changed').notNull(),
});

export const monitorReports = attune.table('monitor_reports', {
  id: serial(),
  at: time('at').notNull(),
  model: text('model').notNull(),
  version: text('version').notNull(),
  /** What alerts were judged by: signal -> figure. */
  signals: json<Record<string, number>>('signals').notNull(),
  /** What a page shows of it. */
  report: json<Record<string, unknown>>('report').notNull(),
});

export const keys = attune.table('keys', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  role: text('role').$type<Role>().notNull(),
  hash: text('hash').notNull(),
  createdBy: text('created_by').notNull(),
  created: time('created').notNull(),
  revoked: time('revoked'),
  lastUsed: time('last_used'),
});

export const RUN_STATES = ['running', 'done', 'failed', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

export const runs = attune.table('runs', {
  id: text('id').primaryKey(),
  kind: text('kind').notNull(),
  state: text('state').$type<RunState>().notNull(),
  config: json<Record<string, unknown>>('config').notNull(),
  progress: json<Record<string, unknown>>('progress').notNull(),
  figures: json<Record<string, unknown>>('figures').notNull(),
  model: text('model'),
  version: text('version'),
  message: text('message'),
  started: time('started').notNull(),
  ended: time('ended'),
});

export const events = attune.table('events', {
  id: serial(),
  key: text('key'),
  at: time('at').notNull(),
  kind: text('kind').notNull(),
  productId: text('product_id'),
  shopper: text('shopper'),
  session: text('session'),
  query: text('query'),
  quantity: doublePrecision('quantity'),
  price: doublePrecision('price'),
  details: json<Record<string, unknown>>('details').notNull(),
});

export const audit = attune.table('audit', {
  id: serial(),
  at: time('at').notNull(),
  who: text('who').notNull(),
  action: text('action').notNull(),
  subject: text('subject').notNull(),
  details: json<Record<string, unknown>>('details').notNull(),
});

export const idempotency = attune.table(
  'idempotency',
  {
    key: text('key').notNull(),
    route: text('route').notNull(),
    requestHash: text('request_hash').notNull(),
    answer: json<unknown>('answer'),
    expires: time('expires').notNull(),
  },
  (t) => [primaryKey({ columns: [t.key, t.route] })],
);

export const PART_STATES = ['waiting', 'taken', 'done', 'failed'] as const;
export type PartState = (typeof PART_STATES)[number];

export const workParts = attune.table(
  'work_parts',
  {
    dataset: text('dataset').notNull(),
    part: integer('part').notNull(),
    state: text('state').$type<PartState>().notNull(),
    task: json<Record<string, unknown>>('task').notNull(),
    result: json<Record<string, unknown>>('result'),
    holder: text('holder'),
    until: time('until'),
    attempts: integer('attempts').notNull(),
    message: text('message'),
  },
  (t) => [primaryKey({ columns: [t.dataset, t.part] })],
);

export const vectors = attune.table(
  'vectors',
  {
    space: text('space').notNull(),
    productId: text('product_id').notNull(),
    embedding: real('embedding').array().notNull(),
    contentHash: text('content_hash').notNull(),
  },
  (t) => [primaryKey({ columns: [t.space, t.productId] })],
);

export const streamPositions = attune.table(
  'stream_positions',
  {
    stream: text('stream').notNull(),
    productId: text('product_id').notNull(),
    epoch: bigint('epoch', { mode: 'number' }).notNull(),
    sequence: bigint('sequence', { mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.stream, t.productId] })],
);
