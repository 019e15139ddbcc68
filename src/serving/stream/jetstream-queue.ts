/**
 * A queue of changes in NATS JetStream, which any number of workers on any number of machines share.
 *
 * The connection comes back by itself. What a worker holds is told to the server as being worked on, so that a long batch is not given to
 * another; a worker that dies says nothing more, and its changes go to the others.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Consumer, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, headers, type MsgHdrs } from '@nats-io/transport-node';
import { AttuneError } from '../../base/errors.ts';
import type { ServingErrorCode } from '../errors.ts';
import type { ChangeQueue, DeadLetter, Delivery, Result } from './change-queue.ts';
import { headerText, type Message, packed, packedOrCut, unpacked } from './jetstream-message.ts';
import { type MostBytes, makeStreams, namesOf, UNBOUNDED } from './jetstream-streams.ts';

export type JetStreamOptions = {
  /** `nats://host:port`, several with commas; a user and password, or a token, before the host. */
  readonly servers: string;
  /** The streams are NAME-changes, NAME-predictions and NAME-dead-GROUP. */
  readonly name: string;
  readonly group: string;
  /** A change that its worker says nothing of for so long goes to another. */
  readonly ackWaitMs?: number;
  /** Changes in the hands of all workers of the group together. */
  readonly mostPending?: number;
};

const EPOCH = 'Attune-Epoch';
const SEQUENCE = 'Attune-Sequence';
const REASON = 'Attune-Reason';
const CODE = 'Attune-Code';
const DELIVERIES = 'Attune-Deliveries';

/** Messages sent before the server has confirmed the first of them. */
const SENT_AT_ONCE = 256;
const SENT_BYTES = 8 * 1024 * 1024;
/** Of changes that are taken together, about: a worker has two such batches in memory, and what it makes of them. */
const TAKEN_BYTES = 32 * 1024 * 1024;
/** Of a reason, in a header. */
const REASON_BYTES = 1000;
/** Of the header that keeps a result from being stored twice. */
const ROOM_FOR_KEY = 128;
/** Left free in a change that is sent, so that it fits beside the reason when it is set aside. */
const ROOM_TO_BURY = 1500;
const BEATS_PER_WAIT = 3;
const SHORTEST_FETCH_MS = 1000;
const CALM_MS = 250;
const CALL_MS = 5000;

/** @throws `serving/stream-unavailable`, `serving/invalid-option` */
export async function openJetStream({
  servers,
  name,
  group,
  ackWaitMs = 30_000,
  mostPending = 10_000,
}: JetStreamOptions): Promise<ChangeQueue> {
  if (!/^[\w-]{1,64}$/.test(name))
    throw new AttuneError<ServingErrorCode>('serving/invalid-option', `"${name}" cannot name a stream.`, {
      hint: 'Use letters, digits, - and _ only.',
    });
  const names = namesOf(name, group);
  const connection = await connect({
    ...addressOf(servers),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    timeout: CALL_MS,
    name: 'attune worker',
  }).catch((cause) => {
    throw unavailable(cause);
  });
  const js = jetstream(connection, { timeout: CALL_MS });
  let epoch = 0;
  let mostBytes: MostBytes = UNBOUNDED;
  let consumer: Consumer | undefined;
  let newest = 0;

  async function prepare(): Promise<Consumer> {
    const jsm = await jetstreamManager(connection, { timeout: CALL_MS });
    ({ epoch, mostBytes } = await makeStreams(jsm, names, { ackWaitMs, mostPending }));
    newest = 0;
    consumer = await js.consumers.get(names.changes.stream, names.durable);
    return consumer;
  }

  try {
    await prepare();
  } catch (cause) {
    await connection.close();
    throw unavailable(cause);
  }
  // A server that comes back may have made its streams anew.
  const watching = (async () => {
    for await (const { type } of connection.status()) if (type === 'reconnect') consumer = undefined;
  })();

  const held = new Map<Delivery, JsMsg>();
  const beat = setInterval(() => {
    for (const message of held.values()) message.working();
  }, ackWaitMs / BEATS_PER_WAIT);

  function deliver(message: JsMsg): Delivery {
    const { streamSequence, deliveryCount } = message.info;
    const told = (header: string) => Number(message.headers?.get(header) || Number.NaN);
    const settle = (how: (message: JsMsg) => void) => {
      if (held.delete(delivery) && !connection.isClosed()) how(message);
    };
    const delivery: Delivery = {
      epoch: told(EPOCH) || epoch,
      sequence: told(SEQUENCE) || streamSequence,
      data: unpacked(message),
      deliveries: deliveryCount,
      done: () => settle((one) => one.ack()),
      again: (delayMs) => settle((one) => one.nak(delayMs)),
    };
    held.set(delivery, message);
    return delivery;
  }

  /** A new change with a number that was there before: the stream was made anew. */
  async function checkEpoch(messages: readonly JsMsg[]): Promise<void> {
    for (const { info } of messages) {
      if (info.deliveryCount > 1) continue;
      if (info.streamSequence < newest) await prepare();
      newest = info.streamSequence;
    }
  }

  async function pull(most: number, waitMs: number): Promise<readonly JsMsg[]> {
    const from = consumer ?? (await prepare());
    const first = await from.next({ expires: Math.max(waitMs, SHORTEST_FETCH_MS) });
    if (first === null) return [];
    const messages = [first];
    const fitting = Math.floor(TAKEN_BYTES / Math.max(first.data.length, 1));
    const more = Math.min(most - 1, first.info.pending, fitting);
    if (more > 0)
      for await (const message of await from.fetch({ max_messages: more, expires: SHORTEST_FETCH_MS }))
        messages.push(message);
    messages.sort((a, b) => a.seq - b.seq);
    await checkEpoch(messages);
    return messages;
  }

  async function publish(
    subject: string,
    list: readonly (Message & { readonly key?: string })[],
    signal?: AbortSignal,
  ): Promise<number> {
    for (let at = 0; at < list.length; ) {
      if (signal?.aborted) return at;
      const piece = firstPiece(list.slice(at, at + SENT_AT_ONCE));
      at += piece.length;
      const sent = piece.map(({ data, key, headers: more }) =>
        js.publish(subject, data, { ...(key ? { msgID: key } : {}), ...(more ? { headers: more } : {}) }),
      );
      for (const one of await Promise.allSettled(sent))
        if (one.status === 'rejected') throw unavailable(one.reason);
    }
    return list.length;
  }

  async function asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  async function letters(after: number, limit: number): Promise<(DeadLetter & { headers: MsgHdrs })[]> {
    const jsm = await jetstreamManager(connection, { timeout: CALL_MS });
    const { stream, subject } = names.dead;
    const found: (DeadLetter & { headers: MsgHdrs })[] = [];
    for (let seq = after + 1; found.length < limit; ) {
      const letter = await jsm.direct.getMessage(stream, { seq, next_by_subj: subject });
      if (letter === null) break;
      seq = letter.seq + 1;
      found.push({
        number: letter.seq,
        code: letter.header.get(CODE),
        reason: decodeURIComponent(letter.header.get(REASON)),
        deliveries: Number(letter.header.get(DELIVERIES)),
        at: letter.time,
        data: unpacked({ data: letter.data, headers: letter.header }),
        headers: letter.header,
      });
    }
    return found;
  }

  /** Of a message on a stream, its headers included. */
  function mostOn(which: keyof MostBytes): number {
    return Math.min(connection.info?.max_payload ?? Number.POSITIVE_INFINITY, mostBytes[which]);
  }

  function whole(change: Uint8Array): Message {
    const message = messageOf(change);
    if (message !== undefined) return message;
    throw new AttuneError<ServingErrorCode>(
      'serving/change-too-large',
      `A change of ${change.length} bytes is larger than NATS takes, ${mostOn('changes')} bytes.`,
      {
        hint: 'Raise max_payload of the server, send addresses of its pictures and sounds, or fewer of them.',
      },
    );
  }

  const messageOf = (change: Uint8Array) =>
    packed(change, undefined, Math.min(mostOn('changes'), mostOn('dead')) - ROOM_TO_BURY);

  return {
    name,
    get mostResultBytes() {
      return mostOn('results') - ROOM_FOR_KEY;
    },
    fits: (change) => messageOf(change) !== undefined,
    send: async (changes, signal) => publish(names.changes.subject, changes.map(whole), signal),
    async take(most, waitMs) {
      try {
        return (await pull(most, waitMs)).map(deliver);
      } catch (cause) {
        consumer = undefined;
        if (connection.isClosed()) throw unavailable(cause);
        await pause(CALM_MS);
        return [];
      }
    },
    async publish(results: readonly Result[]) {
      await publish(names.results.subject, results);
    },
    async bury(delivery, { code, reason }) {
      const message = held.get(delivery);
      if (message === undefined) return;
      const more = headers();
      more.set(EPOCH, String(delivery.epoch));
      more.set(SEQUENCE, String(delivery.sequence));
      more.set(CODE, code);
      more.set(REASON, headerText(reason, REASON_BYTES));
      more.set(DELIVERIES, String(delivery.deliveries));
      const key = `${epoch}-${message.seq}`;
      await publish(names.dead.subject, [{ ...packedOrCut(delivery.data, more, mostOn('dead')), key }]);
      delivery.done();
    },
    dead: ({ after = 0, limit = 100 } = {}) =>
      asked(async () => (await letters(after, limit)).map(({ headers: _, ...letter }) => letter)),
    revive: (numbers) =>
      asked(async () => {
        const jsm = await jetstreamManager(connection, { timeout: CALL_MS });
        // What is set aside from now on, perhaps once more, is not put back: a worker may do so as fast as this does.
        const last = (await jsm.streams.info(names.dead.stream)).state.last_seq;
        let revived = 0;
        for (let after = 0; ; ) {
          const page = (await letters(after, SENT_AT_ONCE)).filter(({ number }) => number <= last);
          if (page.length === 0) return revived;
          after = page.at(-1)!.number;
          for (const { number, data, headers: kept } of page) {
            if (numbers !== undefined && !numbers.includes(number)) continue;
            const more = headers();
            for (const header of [EPOCH, SEQUENCE]) more.set(header, kept.get(header));
            await publish(names.changes.subject, [packedOrCut(data, more, mostOn('changes'))]);
            await jsm.streams.deleteMessage(names.dead.stream, number);
            revived++;
          }
        }
      }),
    idle: () =>
      asked(async () => {
        const { num_pending, num_ack_pending } = await (consumer ?? (await prepare())).info();
        return num_pending === 0 && num_ack_pending === 0;
      }),
    async close() {
      clearInterval(beat);
      for (const delivery of [...held.keys()]) delivery.again(0);
      // A server that is away cannot be told: the changes go to others when their time is up.
      const flushed = connection.flush().catch(() => {});
      await Promise.race([flushed, pause(CALL_MS, undefined, { ref: false })]);
      await connection.close();
      await watching.catch(() => {});
    },
  };
}

/** As many as are sent at once: one at least. */
function firstPiece<T extends Message>(list: readonly T[]): readonly T[] {
  let bytes = 0;
  const end = list.findIndex(({ data }, i) => {
    bytes += data.length;
    return i > 0 && bytes > SENT_BYTES;
  });
  return end < 0 ? list : list.slice(0, end);
}

/** NATS's client takes the parts of an address one by one. */
function addressOf(text: string) {
  const urls = text.split(',').map((one) => {
    const trimmed = one.trim();
    return URL.canParse(trimmed) && /^\w+:\/\//.test(trimmed)
      ? new URL(trimmed)
      : new URL(`nats://${trimmed}`);
  });
  const [{ username, password }] = urls as [URL, ...URL[]];
  const login =
    username === ''
      ? {}
      : password === ''
        ? { token: decodeURIComponent(username) }
        : { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const tls = urls.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {};
  return { servers: urls.map(({ host }) => host), ...login, ...tls };
}

function unavailable(cause: unknown): AttuneError<ServingErrorCode> {
  if (cause instanceof AttuneError) return cause as AttuneError<ServingErrorCode>;
  const said = cause instanceof Error ? cause.message : String(cause);
  return new AttuneError('serving/stream-unavailable', `NATS does not answer, or refuses: ${said}.`, {
    hint: 'Check that a NATS server with JetStream runs at the address, and that the user may make and read the streams.',
    cause,
  });
}
