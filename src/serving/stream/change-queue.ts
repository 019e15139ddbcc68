/**
 * Where changes of products wait for workers: in NATS JetStream, or in this process. A change is given to one worker at a time, again
 * where that worker does not settle it. A stream keeps one as long as it is set to; the queue in this process ends with it.
 */
import type { Position } from '../../store/positions.ts';

/** A change in the hands of a worker, which settles it: `done`, `again`, or `bury` of the queue. */
export type Delivery = Position & {
  readonly data: Uint8Array;
  /** How often it was given out, this time included. */
  readonly deliveries: number;
  /** The change has had its effect. */
  done(): void;
  /** It comes back, to this worker or to another, after a while. */
  again(delayMs: number): void;
};

/** A change that could not be applied. */
export type DeadLetter = {
  /** Of the dead letter, by which it is revived. */
  readonly number: number;
  readonly code: string;
  readonly reason: string;
  readonly deliveries: number;
  readonly at: Date;
  readonly data: Uint8Array;
};

/** What a worker tells the shop: JSON, with a key that is the same whenever the same is told again. */
export type Result = { readonly key: string; readonly data: Uint8Array };

export type Reason = { readonly code: string; readonly reason: string };

export interface ChangeQueue {
  /** Of the stream: positions of products are kept under it. */
  readonly name: string;
  /** Of a result, bytes of its data; a larger one cannot be published. */
  readonly mostResultBytes: number;
  /** Whether a change is small enough to be sent. */
  fits(change: Uint8Array): boolean;
  /**
   * Puts changes in, in this order; waits for room where there is none, until the signal aborts or the queue is closed.
   * @returns how many are in
   * @throws `serving/stream-unavailable`; `serving/change-too-large` where one does not fit, and none is in then
   */
  send(changes: readonly Uint8Array[], signal?: AbortSignal): Promise<number>;
  /**
   * Waits for a change, `waitMs` at most, then gives what is there, oldest first. What a worker holds is its own until it settles it or dies.
   * @param most - how many
   */
  take(most: number, waitMs: number): Promise<readonly Delivery[]>;
  /** @throws `serving/stream-unavailable`; it is safe to publish the same again */
  publish(results: readonly Result[]): Promise<void>;
  /** Sets a change aside for people, with the reason. @throws `serving/stream-unavailable` */
  bury(delivery: Delivery, why: Reason): Promise<void>;
  /** In order. @param after - `number` of the last one of the page before */
  dead(options?: { readonly after?: number; readonly limit?: number }): Promise<readonly DeadLetter[]>;
  /**
   * Puts the dead letters that there are back at their old place: one that a newer change of its product has overtaken has no effect.
   * @param numbers - all when left out
   * @returns how many
   */
  revive(numbers?: readonly number[]): Promise<number>;
  /** Whether no change waits, and none is in anybody's hands. */
  idle(): Promise<boolean>;
  /** Gives back what was not settled. */
  close(): Promise<void>;
}
