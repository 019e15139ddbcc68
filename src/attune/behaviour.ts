/** The event log of a config: opened, what shoppers did computed as of the prediction's time, and given to the products. */
import { AttuneError } from '../base/errors.ts';
import { type Progress, silent } from '../base/progress.ts';
import type { Catalog, CompleteProducts } from '../catalog/catalog.ts';
import type { BehaviourInputConfig } from '../catalog/config-behaviour.ts';
import { inputsOf } from '../catalog/config-inputs.ts';
import type { CatalogErrorCode } from '../catalog/errors.ts';
import { EventLog } from '../catalog/events/event-log.ts';
import { REJECT_REASONS, type Reject } from '../catalog/rejects.ts';
import { timeOfCell } from '../catalog/values/date-cell.ts';
import { type BehaviourEncoding, fitBehaviour, type Time } from '../features/behaviour/behaviour-encoding.ts';
import { fitBehaviourInput } from '../features/behaviour/behaviour-input.ts';
import { type AsOf, BehaviourStore, type Wanted } from '../features/behaviour/behaviour-store.ts';
import type { BehaviourSpec } from '../models/attribute/spec.ts';
import type { ReadBundle } from '../prediction/bundle.ts';
import type { BundleFile } from '../prediction/bundle-file.ts';
import { predictionError } from '../prediction/errors.ts';
import type { Predictor, ProductInput } from '../prediction/prediction.ts';
import type { AttuneConfig } from './config.ts';

/** What a command says of the event log, in place of what the config says. */
export type EventOptions = {
  /** Event files; false reads none, so that products are predicted without their behaviour. */
  readonly events?: readonly string[] | false;
  /** Files of shopper profiles. */
  readonly shoppers?: readonly string[];
  /** A date or time: what happened at it or later is not read. */
  readonly at?: string;
};

/** Close it to free the log. */
export type OpenBehaviour = {
  readonly log: EventLog;
  readonly store: BehaviourStore;
  /** Rows of the files that are no event or profile. */
  readonly unread: number;
  /** For the user. */
  readonly warnings: readonly string[];
  close(): void;
};

/** The input of kind behaviour; undefined where there is none. */
export function behaviourInputOf({ inputs }: Pick<AttuneConfig, 'inputs'>) {
  return inputsOf(inputs, 'behaviour')[0];
}

/**
 * The time that all products are told as of: what the command says; the end of a log that it names; what the config says; the end
 * of its log. Undefined where products have times of their own.
 * @throws prediction/bad-option
 */
async function timeOf(
  log: EventLog,
  input: BehaviourInputConfig,
  { at, events, products }: Pick<OpenOptions, 'at' | 'events' | 'products'>,
): Promise<Time | undefined> {
  if (at !== undefined) return readTime(at);
  if (input.atColumn !== undefined && products !== undefined) return undefined;
  const newer = events !== undefined;
  if (input.at !== undefined && !newer) return timeOfCell(input.at)!;
  return (await log.end()) ?? 0;
}

/** @throws prediction/bad-option */
function readTime(text: string): Time {
  const time = timeOfCell(text);
  if (time !== undefined) return time;
  throw predictionError('prediction/bad-option', `"${text}" is no date or time.`, {
    hint: 'Write it as 2024-12-31 or 2024-12-31T18:00:00Z.',
  });
}

/** @throws prediction/bad-option where events are named for a model that reads none */
export function requireBehaviour(config: AttuneConfig, { events, shoppers, at }: EventOptions): void {
  if (behaviourInputOf(config) !== undefined) return;
  if ((events === undefined || events === false) && shoppers === undefined && at === undefined) return;
  throw predictionError(
    'prediction/bad-option',
    'The model reads no event log, so none can be named for it.',
    {
      hint: 'Train it with an input of kind behaviour.',
    },
  );
}

export type OpenOptions = EventOptions & {
  readonly config: AttuneConfig;
  /** Of the training run; learned from the log when left out. */
  readonly encoding?: BehaviourEncoding;
  /**
   * The products that will be looked up, all or those that are trained on. Without them no product has a time of its own: all are
   * told as of the end of the log, unless `at` says otherwise.
   */
  readonly products?: (part: 'all' | 'train') => AsyncIterable<readonly Wanted[]>;
  readonly progress?: Progress;
};

/**
 * Reads the log and computes what shoppers did with each product.
 * @returns undefined where the config has no such input, or the command wants none
 * @throws catalog/..., prediction/bad-option
 */
export async function openBehaviour(
  options: OpenOptions,
): Promise<(OpenBehaviour & { readonly encoding: BehaviourEncoding }) | undefined> {
  const found = behaviourInputOf(options.config);
  if (found === undefined || options.events === false) return undefined;
  const [field, input] = found;
  const { progress = silent } = options;
  progress({ kind: 'stage', stage: 'Reading the event log', total: undefined });
  const log = await openLog(input, options);
  try {
    const time = await timeOf(log, input, options);
    const { products } = options;
    const asOf: AsOf =
      time === undefined ? { kind: 'each', products: () => products!('all') } : { kind: 'one', time };
    const fitted =
      options.encoding ??
      (await fitBehaviour(log, time ?? (await latest(products!('train'))), {
        windowDays: input.windows,
        neighbours: input.neighbours,
        queries: input.queries,
        ...(input.profile === undefined ? {} : { profile: input.profile }),
      }));
    const store = await BehaviourStore.open(log, fitted, asOf);
    const encoding = { ...fitted, ...(store.stepDays === undefined ? {} : { stepDays: store.stepDays }) };
    const counts = Object.values(await log.rejectCounts());
    const unread = counts.reduce((total, count) => total + count, 0);
    return {
      log,
      store,
      encoding,
      unread,
      warnings: [...(await unreadWarning(log, unread)), ...nothingBefore(field, store)],
      close: () => log.close(),
    };
  } catch (cause) {
    log.close();
    throw cause;
  }
}

async function openLog(
  input: BehaviourInputConfig,
  { config, events, shoppers, encoding }: OpenOptions,
): Promise<EventLog> {
  const profiles = shoppers ?? (input.shoppers === undefined ? undefined : [input.shoppers].flat());
  try {
    return await EventLog.open({
      paths: events || [input.events].flat(),
      ...(config.data.encoding === 'utf-8' ? {} : { encoding: config.data.encoding }),
      columns: input.columns,
      ...(profiles === undefined ? {} : { shoppers: { paths: profiles, id: input.shopperColumn } }),
    });
  } catch (cause) {
    // The log of the training run need not be where the model is used.
    const isElsewhere = encoding !== undefined && !events;
    if (!isElsewhere || !(cause instanceof AttuneError) || cause.code !== 'catalog/file-missing') throw cause;
    throw new AttuneError<CatalogErrorCode>('catalog/file-missing', cause.message, {
      cause,
      hint: 'Name the event log with --events (and the profiles with --shoppers), or go without with --no-events.',
    });
  }
}

/** The latest time of any product. */
async function latest(products: AsyncIterable<readonly Wanted[]>): Promise<Time> {
  let time = 0;
  for await (const chunk of products) for (const { at } of chunk) time = Math.max(time, at ?? 0);
  return time;
}

async function unreadWarning(log: EventLog, unread: number): Promise<readonly string[]> {
  if (unread === 0) return [];
  const { value } = await log.rejects().next();
  const { file, row, reason, detail } = (value as readonly Reject[])[0]!;
  const example = `${file}, row ${row}: ${REJECT_REASONS[reason]}${detail === undefined ? '' : ` (${detail})`}`;
  return [
    `${unread} rows of the event log or of the shopper profiles were set aside and count for nothing, e.g. ${example}.`,
  ];
}

const nothingBefore = (field: string, { size }: BehaviourStore): readonly string[] =>
  size > 0
    ? []
    : [
        `No event of ${field} happened before the time of the prediction, so it says nothing. Is \`at\` right?`,
      ];

/** Completes products with what the store knows of them. */
export function completedBy(store: BehaviourStore): CompleteProducts {
  return async (products) => {
    const found = await store.lookup(products);
    return products.map((product, i) => (found[i] ? { ...product, behaviour: found[i] } : product));
  };
}

/**
 * The log that is named for a trained model, computed as of its end or of the time that is named; undefined where none is.
 * @throws catalog/..., prediction/bad-option
 */
export async function openEvents(
  { file }: Pick<ReadBundle, 'file'>,
  options: EventOptions,
  progress: Progress = silent,
): Promise<OpenBehaviour | undefined> {
  const config = file.config as AttuneConfig;
  requireBehaviour(config, options);
  if (!options.events) {
    if (options.shoppers === undefined && options.at === undefined) return undefined;
    throw predictionError(
      'prediction/bad-option',
      'Shoppers and a time belong to an event log, and none is named.',
      {
        hint: 'Name the log with --events.',
      },
    );
  }
  const behaviour = await openBehaviour({ ...options, config, progress, ...encodingOf(file) });
  for (const text of behaviour?.warnings ?? []) progress({ kind: 'warning', text });
  return behaviour;
}

/** How a trained model reads the log. */
export function encodingOf({
  model: { behaviour },
}: Pick<BundleFile, 'model'>): Pick<OpenOptions, 'encoding'> {
  return behaviour ? { encoding: behaviour.encoding.behaviour } : {};
}

/** The same predictor, which looks up by its id what shoppers did with a product; closing it closes the log. */
export function withBehaviour<P extends Predictor & { close(): Promise<void> }>(
  predictor: P,
  { store, close }: OpenBehaviour,
): Predictor & { close(): Promise<void> } {
  const completed = async (products: readonly ProductInput[]): Promise<readonly ProductInput[]> => {
    const found = await store.lookup(products.map(({ id = '' }) => ({ id })));
    return products.map((product, i) => ({ ...product, behaviour: product.behaviour ?? found[i] }));
  };
  return {
    ...predictor,
    predict: async (products, options) => predictor.predict(await completed(products), options),
    close: async () => {
      await predictor.close();
      close();
    },
  };
}

/** Adds the rows of the log that could not be read to the rejects of a catalog. */
export async function noteRejects(catalog: Catalog, { log }: OpenBehaviour): Promise<void> {
  for await (const rejects of log.rejects()) await catalog.note(rejects);
}

export type LearnedBehaviour = { readonly spec: BehaviourSpec; readonly warnings: readonly string[] };

/** How behaviour lies in the training products, in one pass over a catalog that is completed with it. */
export async function learnBehaviour(
  catalog: Catalog,
  field: string,
  encoding: BehaviourEncoding,
): Promise<LearnedBehaviour> {
  const fit = fitBehaviourInput(encoding);
  let products = 0;
  for await (const chunk of catalog.products({ sides: ['train'] })) {
    products += chunk.length;
    for (const { behaviour } of chunk) if (behaviour) fit.add(behaviour);
  }
  const warnings =
    fit.count() > 0
      ? []
      : [
          `None of the ${products} training products has an event in ${field} before the time of the prediction. Does the log name products as \`data.id\` does?`,
        ];
  return { spec: { field, encoding: fit.finish() }, warnings };
}
