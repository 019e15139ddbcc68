/**
 * Memory for what is read and answered at once, in bytes, of all requests together. Bodies take of it at once or are refused. Streams wait
 * for it, line by line, and never have more than half of it among them, so that calls find room beside them.
 *
 * It knows nothing of HTTP.
 */

/** What somebody has of the room. */
export type Held = {
  /** Gives back all but so many bytes; 0 gives back all. */
  readonly keep: (bytes: number) => void;
};

type Waiting = {
  readonly bytes: number;
  readonly grant: (held: Held) => void;
  readonly refuse: (why: Error) => void;
};

export class ReadingRoom {
  readonly #bytes: number;
  #taken = 0;
  #byStreams = 0;
  /** Streams, first come first served. */
  #waiting: Waiting[] = [];

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  get taken(): number {
    return this.#taken;
  }

  /** Undefined where there is no room. More than there is in all counts as all. */
  take(wanted: number): Held | undefined {
    const bytes = Math.min(wanted, this.#bytes);
    if (this.#taken + bytes > this.#bytes) return undefined;
    this.#count(bytes);
    return this.#held(bytes, (change) => this.#count(change));
  }

  /** For the lines of one stream, until `close`. */
  forStream(): StreamRoom {
    const held = new Set<Held>();
    const waiting = new Set<Waiting>();
    let closed: Error | undefined;
    return {
      reserve: (wanted) =>
        new Promise((resolve, refuse) => {
          if (closed !== undefined) return refuse(closed);
          const one: Waiting = {
            bytes: Math.min(wanted, Math.floor(this.#bytes / 2)),
            grant: (granted) => {
              waiting.delete(one);
              held.add(granted);
              resolve({
                keep: (left) => {
                  granted.keep(left);
                  if (left === 0) held.delete(granted);
                },
              });
            },
            refuse,
          };
          waiting.add(one);
          this.#waiting.push(one);
          this.#serve();
        }),
      close: () => {
        closed = new Error('The stream has ended.');
        this.#waiting = this.#waiting.filter((one) => !waiting.has(one));
        for (const one of waiting) one.refuse(closed);
        for (const one of held) one.keep(0);
        this.#serve();
      },
    };
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { bytes, grant } = next;
      if (this.#taken + bytes > this.#bytes || this.#byStreams + bytes > this.#bytes / 2) return;
      this.#waiting.shift();
      this.#countStreams(bytes);
      grant(this.#held(bytes, (change) => this.#countStreams(change)));
    }
  }

  #held(bytes: number, change: (bytes: number) => void): Held {
    let left = bytes;
    return {
      keep: (wanted) => {
        const kept = Math.min(left, wanted);
        const back = left - kept;
        left = kept;
        if (back > 0) change(-back);
      },
    };
  }

  #countStreams(change: number): void {
    this.#byStreams += change;
    this.#count(change);
  }

  #count(change: number): void {
    this.#taken += change;
    if (change < 0) this.#serve();
  }
}

export type StreamRoom = {
  /** Waits for room; more than a stream may have counts as what it may. Rejects when the stream is closed. */
  readonly reserve: (bytes: number) => Promise<Held>;
  /** Gives back all that the stream has. */
  readonly close: () => void;
};
