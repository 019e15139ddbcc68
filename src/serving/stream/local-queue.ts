/** A queue of changes in this process: for one machine, without anything beside it. What it holds ends with the process. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../../store/store.ts';
import type { ChangeQueue, DeadLetter, Delivery, Reason, Result } from './change-queue.ts';

type Held = {
  readonly epoch: number;
  readonly sequence: number;
  readonly data: Uint8Array;
  deliveries: number;
  state: 'waiting' | 'out' | 'settled';
};

type Grave = { readonly held: Held; readonly letter: DeadLetter };

export type LocalQueueOptions = {
  readonly name?: string;
  /** When this queue began, in ms since 1970: `nextEpoch`, where a store outlives it. */
  readonly epoch: number;
  /** Changes that may wait at once, and their bytes; a sender waits for room. */
  readonly room?: number;
  readonly roomBytes?: number;
  /** Is told each result. */
  readonly onResult?: (result: Result) => void;
};

const LOOK_MS = 5;
const NAME = 'local';

/**
 * An epoch after all that the store knows of the queue: what this one holds is newer than what those before it held, also where
 * the clock was set back.
 * @param now - ms since 1970
 */
export async function nextEpoch(
  { positions }: Pick<Store, 'positions'>,
  now: number,
  name = NAME,
): Promise<number> {
  return Math.max(now, ((await positions.latestEpoch(name)) ?? 0) + 1);
}

export function localQueue({
  name = NAME,
  epoch,
  room = 10_000,
  roomBytes = 256 * 1024 * 1024,
  onResult = () => {},
}: LocalQueueOptions): ChangeQueue {
  const waiting: Held[] = [];
  const out = new Set<Held>();
  const delayed = new Set<NodeJS.Timeout>();
  const graves: Grave[] = [];
  let [sequence, number, waitingBytes, closed] = [0, 0, 0, false];

  const putBack = (held: Held) => {
    held.state = 'waiting';
    waiting.push(held);
    waitingBytes += held.data.length;
  };
  const settle = (held: Held) => {
    if (held.state !== 'out') return false;
    held.state = 'settled';
    return out.delete(held);
  };
  const given = new WeakMap<Delivery, Held>();

  function deliver(held: Held): Delivery {
    waitingBytes -= held.data.length;
    held.state = 'out';
    held.deliveries++;
    out.add(held);
    const delivery: Delivery = {
      epoch: held.epoch,
      sequence: held.sequence,
      data: held.data,
      deliveries: held.deliveries,
      done: () => void settle(held),
      again(delayMs) {
        if (!settle(held) || closed) return;
        const timer = setTimeout(() => {
          delayed.delete(timer);
          putBack(held);
        }, delayMs);
        delayed.add(timer);
      },
    };
    given.set(delivery, held);
    return delivery;
  }

  return {
    name,
    mostResultBytes: Number.POSITIVE_INFINITY,
    fits: () => true,
    async send(changes, signal) {
      const isOver = () => closed || signal?.aborted === true;
      for (const [sent, data] of changes.entries()) {
        while ((waiting.length >= room || waitingBytes >= roomBytes) && !isOver()) await pause(LOOK_MS);
        if (isOver()) return sent;
        putBack({ epoch, sequence: ++sequence, data, deliveries: 0, state: 'waiting' });
      }
      return changes.length;
    },
    async take(most, waitMs) {
      const until = performance.now() + waitMs;
      while (waiting.length === 0 && performance.now() < until && !closed) await pause(LOOK_MS);
      return waiting.splice(0, most).map(deliver);
    },
    async publish(results) {
      for (const result of results) onResult(result);
    },
    async bury(delivery, { code, reason }: Reason) {
      const held = given.get(delivery);
      if (held === undefined || !settle(held)) return;
      const { data, deliveries } = held;
      graves.push({ held, letter: { number: ++number, code, reason, deliveries, at: new Date(), data } });
    },
    async dead({ after = 0, limit = 100 } = {}) {
      return graves
        .map(({ letter }) => letter)
        .filter((letter) => letter.number > after)
        .slice(0, limit);
    },
    async revive(numbers) {
      const wanted = graves.filter(({ letter }) => numbers === undefined || numbers.includes(letter.number));
      for (const grave of wanted) {
        graves.splice(graves.indexOf(grave), 1);
        grave.held.deliveries = 0;
        putBack(grave.held);
      }
      return wanted.length;
    },
    idle: async () => waiting.length === 0 && out.size === 0 && delayed.size === 0,
    async close() {
      closed = true;
      for (const timer of delayed) clearTimeout(timer);
      for (const held of out) putBack(held);
      out.clear();
    },
  };
}
