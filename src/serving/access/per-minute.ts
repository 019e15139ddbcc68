import { LRUCache } from 'lru-cache';

/** `count` in a minute that is over in `leftMs`. */
export type Minute = { readonly count: number; readonly leftMs: number };

const MINUTE_MS = 60_000;
const MOST_NAMES = 10_000;

/**
 * How often each name came in its minute, which begins when it first comes. By a clock that only goes forward, whatever is done to that
 * of the machine; of the names that came last, so that its memory is bounded.
 */
export class PerMinute {
  readonly #minutes = new LRUCache<string, { count: number; readonly ends: number }>({ max: MOST_NAMES });
  readonly #now: () => number;

  /** @param now - ms, only ever forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Counts it once more. */
  add(name: string): Minute {
    const now = this.#now();
    const running = this.#running(name, now);
    const minute = running ?? { count: 0, ends: now + MINUTE_MS };
    minute.count++;
    this.#minutes.set(name, minute);
    return { count: minute.count, leftMs: minute.ends - now };
  }

  /** As it stands. */
  of(name: string): Minute {
    const now = this.#now();
    const running = this.#running(name, now);
    return running === undefined
      ? { count: 0, leftMs: 0 }
      : { count: running.count, leftMs: running.ends - now };
  }

  #running(name: string, now: number) {
    const minute = this.#minutes.get(name);
    return minute !== undefined && minute.ends > now ? minute : undefined;
  }
}
