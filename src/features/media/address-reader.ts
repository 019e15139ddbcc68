/**
 * Fetches http(s) addresses politely: few at a time of one host, waits when a server says so, never twice at once.
 */
import {
  fault,
  found,
  type MediaFault,
  type MediaFaultCode,
  type MediaOutcome,
  tooLarge,
} from './outcome.ts';
import { type Answer, Connections, get } from './request.ts';
import { Slots } from './slots.ts';
import type { UrlCache } from './url-cache.ts';

export type AddressOptions = {
  /**
   * Hosts (names or numbers, no port) that are followed though they are on this machine or in its network, such as a
   * shop's own image server; `all` follows every one. None when not given.
   */
  readonly privateHosts?: readonly string[] | 'all';
  /** For one attempt, redirects and body included; 20,000 when not given. */
  readonly timeoutMs?: number;
  /** The most that is waited before another attempt, whatever the server asks; 10,000 when not given. */
  readonly maxWaitMs?: number;
  /** After the first; 2 when not given. Only what may pass is tried again: 429, 5xx, a lost connection. */
  readonly retries?: number;
  readonly maxRedirects?: number;
  /** Connections to one host at once; 4 when not given. */
  readonly perHost?: number;
  /** Addresses fetched at once; 16 when not given. */
  readonly parallel?: number;
  readonly userAgent?: string;
};

type Attempt = { readonly outcome: MediaOutcome; readonly again: boolean; readonly waitMs?: number };

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** How many failures are remembered, so that a dead address costs its time-out once a run, not once an epoch. */
const REMEMBERED = 100_000;

/** Addresses of one host in a row after which it counts as dead. */
const DEAD_AFTER = 8;
const SILENT: ReadonlySet<string> = new Set(['media/network', 'media/timeout'] satisfies MediaFaultCode[]);

export class AddressReader {
  readonly #options: Required<AddressOptions>;
  readonly #maxBytes: number;
  readonly #cache: UrlCache | undefined;
  readonly #connections: Connections;
  readonly #slots: Slots;
  readonly #hosts = new Map<string, Slots>();
  readonly #running = new Map<string, Promise<MediaOutcome>>();
  readonly #failed = new Map<string, MediaFault>();
  /** Host -> how many addresses in a row it did not answer for. */
  readonly #silent = new Map<string, number>();

  constructor(options: AddressOptions, maxBytes: number, cache: UrlCache | undefined) {
    this.#options = {
      privateHosts: [],
      timeoutMs: 20_000,
      maxWaitMs: 10_000,
      retries: 2,
      maxRedirects: 5,
      perHost: 4,
      parallel: 16,
      userAgent: 'Attune (reads the pictures and sounds of a catalog)',
      ...options,
    };
    this.#maxBytes = maxBytes;
    this.#cache = cache;
    this.#connections = new Connections(this.#options.perHost);
    this.#slots = new Slots(this.#options.parallel);
  }

  /** What stands at `address` now, or stood there when it was first read; a failure is remembered as well. */
  read(address: string): Promise<MediaOutcome> {
    const failed = this.#failed.get(address);
    if (failed !== undefined) return Promise.resolve(failed);
    const running = this.#running.get(address);
    if (running !== undefined) return running;
    const work = this.#cachedOrFetched(address).finally(() => this.#running.delete(address));
    this.#running.set(address, work);
    return work;
  }

  close(): void {
    this.#connections.close();
  }

  async #cachedOrFetched(address: string): Promise<MediaOutcome> {
    const cached = await this.#cache?.get(address);
    if (cached !== undefined) return cached;
    // In the host's line first, so that a slow host does not keep the places of the others.
    const name = parseAddress(address)?.host ?? '';
    const outcome = await this.#host(name).use(() => this.#slots.use(() => this.#unlessDead(name, address)));
    if (outcome.ok) await this.#cache?.put(address, outcome.bytes, outcome.sha256);
    else if (this.#failed.size < REMEMBERED) this.#failed.set(address, outcome);
    return outcome;
  }

  /** A host that did not answer for many addresses in a row is left alone for the rest of the run. */
  async #unlessDead(host: string, address: string): Promise<MediaOutcome> {
    const silent = this.#silent.get(host) ?? 0;
    if (silent >= DEAD_AFTER)
      return fault(
        'media/network',
        `${address} was not tried: ${host} did not answer for ${silent} addresses in a row.`,
      );
    const outcome = await this.#attempts(address);
    if (!outcome.ok && SILENT.has(outcome.code)) this.#silent.set(host, (this.#silent.get(host) ?? 0) + 1);
    else this.#silent.delete(host);
    return outcome;
  }

  async #attempts(address: string): Promise<MediaOutcome> {
    for (let tried = 0; ; tried++) {
      const { outcome, again, waitMs } = await this.#attempt(address);
      if (outcome.ok || !again || tried >= this.#options.retries) return outcome;
      await pause(Math.min(this.#options.maxWaitMs, waitMs ?? 500 * 2 ** tried));
    }
  }

  async #attempt(address: string): Promise<Attempt> {
    const { maxRedirects, timeoutMs } = this.#options;
    const started = performance.now();
    let url = parseAddress(address);
    for (let hops = 0; url !== undefined; hops++) {
      if (hops > maxRedirects)
        return final(fault('media/redirects', `${address} redirects more than ${maxRedirects} times.`));
      const here = url;
      const left = timeoutMs - (performance.now() - started);
      const answer =
        left <= 0
          ? ({ kind: 'timeout' } as const)
          : await get(here, this.#connections, {
              ...this.#options,
              maxBytes: this.#maxBytes,
              timeoutMs: left,
            });
      if (answer.kind !== 'answer' || !REDIRECTS.has(answer.status))
        return this.#concluded(address, here, answer);
      url = parseAddress(answer.headers.location ?? '', here);
    }
    return final(
      fault('media/address', `${address} does not lead to an http or https address that can be followed.`),
    );
  }

  #concluded(address: string, at: URL, answer: Answer): Attempt {
    const { timeoutMs } = this.#options;
    if (answer.kind === 'private')
      return final(
        fault(
          'media/private-address',
          `${address} leads to ${at.host}, which is not on the public internet (${answer.detail}).`,
        ),
      );
    if (answer.kind === 'too-large') return final(tooLarge(address, this.#maxBytes));
    if (answer.kind === 'timeout')
      return final(fault('media/timeout', `${address} did not come within ${timeoutMs / 1000} seconds.`));
    if (answer.kind === 'failed')
      return {
        outcome: fault('media/network', `${address} could not be fetched (${answer.detail}).`),
        again: true,
      };
    const { status, headers, body } = answer;
    if (status === 200) return final(found(body, address));
    const waitMs = retryAfter(headers['retry-after']);
    return {
      outcome: fault('media/http-status', `${address}: the server answers ${status}.`),
      again: status === 429 || status >= 500,
      ...(waitMs === undefined ? {} : { waitMs }),
    };
  }

  #host(host: string): Slots {
    const known = this.#hosts.get(host);
    if (known !== undefined) return known;
    const slots = new Slots(this.#options.perHost);
    this.#hosts.set(host, slots);
    return slots;
  }
}

function final(outcome: MediaOutcome): Attempt {
  return { outcome, again: false };
}

function parseAddress(address: string, base?: URL): URL | undefined {
  if (address === '' || !URL.canParse(address, base?.href)) return undefined;
  const url = new URL(address, base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

/** Milliseconds of a Retry-After header, which holds seconds or a date. */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const milliseconds = Number.isNaN(seconds) ? Date.parse(header) - Date.now() : seconds * 1000;
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
