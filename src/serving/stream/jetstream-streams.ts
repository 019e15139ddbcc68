/** The three streams that workers share in NATS, and the consumer through which they take changes. Those that are there stay as they are. */
import {
  AckPolicy,
  type ConsumerInfo,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';

export type Names = {
  /** Each a stream with one subject. */
  readonly changes: { readonly stream: string; readonly subject: string };
  readonly results: { readonly stream: string; readonly subject: string };
  readonly dead: { readonly stream: string; readonly subject: string };
  readonly durable: string;
};

/** Of a message, its headers included, as each stream is set; infinite where it is not. */
export type MostBytes = { readonly changes: number; readonly results: number; readonly dead: number };

export const UNBOUNDED: MostBytes = {
  changes: Number.POSITIVE_INFINITY,
  results: Number.POSITIVE_INFINITY,
  dead: Number.POSITIVE_INFINITY,
};

const NANOS = 1e6;
const KEPT_MS = 7 * 24 * 3600 * 1000;

/** @param name - of letters, digits, `-` and `_` @param group - workers of one group share the changes; each group gets them all */
export function namesOf(name: string, group: string): Names {
  const one = (what: string) => ({ stream: `${name}-${what}`, subject: `${name}.${what}` });
  const durable = group.replaceAll(/[^\p{L}\p{N}_-]/gu, '_');
  return { changes: one('changes'), results: one('predictions'), dead: one(`dead-${durable}`), durable };
}

/** @returns `epoch`: when the stream of changes was made, in ms since 1970 */
export async function makeStreams(
  jsm: JetStreamManager,
  names: Names,
  { ackWaitMs, mostPending }: { readonly ackWaitMs: number; readonly mostPending: number },
): Promise<{ readonly epoch: number; readonly mostBytes: MostBytes }> {
  const changes = await stream(jsm, { ...names.changes, max_age: KEPT_MS * NANOS });
  const results = await stream(jsm, { ...names.results, max_age: KEPT_MS * NANOS });
  const dead = await stream(jsm, { ...names.dead, max_age: 0 });
  await unlessMissing(jsm.consumers.info(names.changes.stream, names.durable), () =>
    jsm.consumers.add(names.changes.stream, {
      durable_name: names.durable,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ackWaitMs * NANOS,
      max_ack_pending: mostPending,
      // The worker bounds it, and says why a change was set aside; the server would drop it without a word.
      max_deliver: -1,
    }),
  );
  return {
    epoch: Date.parse(changes.created),
    mostBytes: { changes: mostOf(changes), results: mostOf(results), dead: mostOf(dead) },
  };
}

function mostOf({ config }: StreamInfo): number {
  return config.max_msg_size > 0 ? config.max_msg_size : Number.POSITIVE_INFINITY;
}

function stream(
  jsm: JetStreamManager,
  { stream: name, subject, max_age }: { stream: string; subject: string; max_age: number },
): Promise<StreamInfo> {
  const config: Partial<StreamConfig> & { name: string } = {
    name,
    subjects: [subject],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    max_age,
    allow_direct: true,
  };
  return unlessMissing(jsm.streams.info(name), () => jsm.streams.add(config));
}

/** Two workers that start at once both find it missing; the second to make it finds it made, with the same settings. */
async function unlessMissing<T extends StreamInfo | ConsumerInfo>(
  info: Promise<T>,
  make: () => Promise<T>,
): Promise<T> {
  try {
    return await info;
  } catch (error) {
    const missing: readonly number[] = [JetStreamApiCodes.StreamNotFound, JetStreamApiCodes.ConsumerNotFound];
    if (error instanceof JetStreamApiError && missing.includes(error.code)) return make();
    throw error;
  }
}
