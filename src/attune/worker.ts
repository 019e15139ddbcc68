/** `attune worker`: takes changes of products from a queue, predicts and stores them. */
import { type Progress, silent } from '../base/progress.ts';
import { thumbnail } from '../features/image/thumbnail.ts';
import { readBundle } from '../prediction/bundle.ts';
import type { Precision } from '../prediction/precision.ts';
import { PredictorPool } from '../prediction/predictor-pool.ts';
import { PartWorker } from '../serving/parts/part-worker.ts';
import { MOST_PICTURES } from '../serving/records/keep-pictures.ts';
import type { ChangeQueue, DeadLetter } from '../serving/stream/change-queue.ts';
import { ChangeWorker, type WorkerEvent } from '../serving/stream/change-worker.ts';
import { openJetStream } from '../serving/stream/jetstream-queue.ts';
import { localQueue, nextEpoch } from '../serving/stream/local-queue.ts';
import type { Store } from '../store/store.ts';
import { type AttuneConfig, precisionTargetsOf } from './config.ts';
import { DEFAULT_GROUP, DEFAULT_STREAM } from './defaults.ts';
import { identityOf, resolveSources } from './model-sources.ts';
import { sendFiles } from './send-files.ts';
import { holderName, partKey } from './shared-predict.ts';
import { openStore, whichStore } from './store.ts';
import { tellPrecision } from './tell-precision.ts';

/** Which queue: in NATS where there is an address, else in this process. */
export type QueueOptions = {
  /** Of NATS. */
  readonly nats?: string;
  /** What the streams begin with; "attune" when left out. */
  readonly stream?: string;
  /** Workers of one group share the changes; "workers" when left out. */
  readonly group?: string;
};

export type WorkerOptions = QueueOptions & {
  /** Folder of the bundle. */
  readonly model: string;
  /** Where to store: a folder or a `postgres://` address. */
  readonly store?: string;
  /** Products to put into the queue first. */
  readonly files?: readonly string[];
  readonly threads?: number;
  readonly precision?: Precision;
  readonly batchTokens?: number;
  readonly attempts?: number;
  /** Small copies of pictures in the store, for people to look at; 50,000 when left out, 0 keeps none. */
  readonly maxPictures?: number;
  /** A change that its worker says nothing of for so long goes to another. */
  readonly ackWaitMs?: number;
  /** Ends when nothing waits any more; always where the queue is in this process. */
  readonly once?: boolean;
  readonly signal?: AbortSignal;
  readonly progress?: Progress;
  readonly onReady?: () => void;
  /** Each result, where the queue is in this process. */
  readonly onResult?: (json: string) => void;
};

export type WorkerSummary = {
  readonly sent: number;
  readonly predicted: number;
  readonly removed: number;
  /** Changes that a newer one of the same product had overtaken. */
  readonly overtaken: number;
  readonly buried: number;
  /** Parts of files that were predicted for `attune predict --distributed`. */
  readonly parts: number;
};

/** @throws prediction/..., catalog/..., store/..., serving/stream-unavailable */
export async function runWorker(options: WorkerOptions): Promise<WorkerSummary> {
  const { model, files = [], once = false, signal = new AbortController().signal } = options;
  const progress = options.progress ?? silent;
  const bundle = await readBundle(model);
  const [source] = await resolveSources([{ folder: model }]);
  const { identity } = await identityOf(model);
  const counts = { sent: 0, predicted: 0, removed: 0, overtaken: 0, buried: 0, parts: 0 };
  const store = await openStore(whichStore(options.store));
  try {
    const queue = await (options.nats === undefined
      ? ownQueue(store, options)
      : sharedQueue(options, options.nats));
    try {
      const { precision = 'fp32', threads } = options;
      tellPrecision(bundle, precision, progress);
      const predictor = await PredictorPool.open(bundle, {
        precision,
        ...(threads === undefined ? {} : { threads }),
      });
      try {
        options.onReady?.();
        const worker = new ChangeWorker({
          queue,
          store,
          predictor,
          model: { ...source!, precisionTargets: precisionTargetsOf(bundle.file.config as AttuneConfig) },
          pictures: { make: thumbnail, most: options.maxPictures ?? MOST_PICTURES },
          ...(options.batchTokens === undefined ? {} : { batchTokens: options.batchTokens }),
          ...(options.attempts === undefined ? {} : { attempts: options.attempts }),
          onEvent: (event) => note(event, counts, progress),
        });
        let sending = files.length > 0;
        const stop = new AbortController();
        const either = AbortSignal.any([signal, stop.signal]);
        const parts = new PartWorker({
          store,
          predictor,
          key: partKey(identity, precision),
          holder: holderName(),
          onDone: () => counts.parts++,
          onWait: (text) => progress({ kind: 'warning', text }),
        });
        const ends = once || options.nats === undefined;
        await allOrNone(stop, [
          sendFiles(queue, files, bundle.file.config as AttuneConfig, either, progress).then((sent) => {
            counts.sent = sent;
            sending = false;
          }),
          worker.run({ signal: either, untilIdle: () => ends && !sending }),
          parts.run({ signal: either, untilIdle: () => ends }),
        ]);
      } finally {
        await predictor.close();
      }
    } finally {
      await queue.close();
    }
  } finally {
    await store.close();
  }
  return counts;
}

/** Puts the products of files into the stream, and ends. */
export async function sendChanges({
  model,
  files,
  progress = silent,
  ...queueOptions
}: QueueOptions & {
  readonly model: string;
  readonly files: readonly string[];
  readonly nats: string;
  readonly progress?: Progress;
}): Promise<number> {
  const { file } = await readBundle(model);
  const queue = await sharedQueue(queueOptions, queueOptions.nats);
  try {
    return await sendFiles(queue, files, file.config as AttuneConfig, new AbortController().signal, progress);
  } finally {
    await queue.close();
  }
}

/** Changes that could not be applied, oldest first. */
export async function deadLetters(options: QueueOptions & { readonly nats: string }): Promise<DeadLetter[]> {
  const queue = await sharedQueue(options, options.nats);
  try {
    const all: DeadLetter[] = [];
    for (;;) {
      const page = await queue.dead(all.length === 0 ? {} : { after: all.at(-1)!.number });
      if (page.length === 0) return all;
      all.push(...page);
    }
  } finally {
    await queue.close();
  }
}

/** @param numbers - all when left out; @returns how many were put back */
export async function reviveLetters({
  numbers,
  ...options
}: QueueOptions & { readonly nats: string; readonly numbers?: readonly number[] }): Promise<number> {
  const queue = await sharedQueue(options, options.nats);
  try {
    return await queue.revive(numbers);
  } finally {
    await queue.close();
  }
}

async function ownQueue(store: Store, { onResult }: WorkerOptions): Promise<ChangeQueue> {
  return localQueue({
    epoch: await nextEpoch(store, Date.now()),
    onResult: ({ data }) => onResult?.(Buffer.from(data).toString()),
  });
}

function sharedQueue(
  {
    stream = DEFAULT_STREAM,
    group = DEFAULT_GROUP,
    ackWaitMs,
  }: Omit<QueueOptions, 'nats'> & { readonly ackWaitMs?: number },
  servers: string,
): Promise<ChangeQueue> {
  return openJetStream({
    servers,
    name: stream,
    group,
    ...(ackWaitMs === undefined ? {} : { ackWaitMs }),
  });
}

/** Ends all when one fails. */
async function allOrNone(stop: AbortController, work: readonly Promise<void>[]): Promise<void> {
  for (const one of work) one.catch(() => stop.abort());
  const ended = await Promise.allSettled(work);
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

function note(
  event: WorkerEvent,
  counts: { predicted: number; removed: number; overtaken: number; buried: number },
  progress: Progress,
): void {
  if (event.kind === 'done') {
    counts.predicted += event.predicted;
    counts.removed += event.removed;
    counts.overtaken += event.overtaken;
    progress({ kind: 'advance', done: counts.predicted });
  } else if (event.kind === 'failed') {
    if (event.buried) counts.buried++;
    const { code, reason } = event.why;
    const what = event.buried ? 'is set aside' : 'comes back later';
    progress({
      kind: 'warning',
      text: `A change of ${event.id ?? 'a product'} ${what}: ${reason} [${code}]`,
    });
  } else progress({ kind: 'warning', text: event.why });
}
