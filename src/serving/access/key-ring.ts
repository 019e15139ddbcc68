/**
 * Who calls, by the key that they sent. Keys stand in the store; what it said is remembered for seconds, not per request. While the
 * store is away, what it said last holds, so that callers who were known are answered.
 */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { AttuneError } from '../../base/errors.ts';
import type { ApiKey, Keys } from '../../store/keys.ts';

/** A key that another process revoked or made is seen after so long at most. */
const REMEMBERED_MS = 5000;
const MOST_KEYS = 10_000;
/** What is no longer fresh is still there for when the store is away. */
const REMEMBERED = { ttl: REMEMBERED_MS, allowStale: true, noDeleteOnStaleGet: true, ttlResolution: 0 };

export class KeyRing {
  readonly #keys: Keys;
  readonly #known: LRUCache<string, { readonly key: ApiKey | undefined }>;
  readonly #count: LRUCache<'active', number>;

  /** @param now - ms, only ever forward */
  constructor(keys: Keys, now: () => number = () => performance.now()) {
    this.#keys = keys;
    this.#known = new LRUCache({ max: MOST_KEYS, perf: { now }, ...REMEMBERED });
    this.#count = new LRUCache({ max: 1, perf: { now }, ...REMEMBERED });
  }

  /** Whether callers are asked for a key: there is one. */
  async isSet(): Promise<boolean> {
    const active = await remembered(this.#count, 'active', () => this.#keys.active());
    return active > 0;
  }

  /** Undefined for what is no key, or a revoked one. */
  async callerOf(sent: string): Promise<ApiKey | undefined> {
    const { key } = await remembered(this.#known, hashOf(sent), async () => ({
      key: await this.#keys.verify(sent),
    }));
    return key;
  }

  /** Whether it opened something lately, as far as is remembered. */
  wasKnown(sent: string): boolean {
    return this.#known.peek(hashOf(sent), { allowStale: true })?.key !== undefined;
  }

  /** After a key was made or revoked here. */
  forget(): void {
    this.#known.clear();
    this.#count.clear();
  }
}

function hashOf(sent: string): string {
  return createHash('sha256').update(sent).digest('base64url');
}

async function remembered<K extends {}, V extends {}>(
  cache: LRUCache<K, V>,
  name: K,
  ask: () => Promise<V>,
): Promise<V> {
  const known = cache.get(name);
  if (known !== undefined && cache.getRemainingTTL(name) > 0) return known;
  try {
    const said = await ask();
    cache.set(name, said);
    return said;
  } catch (error) {
    const away = error instanceof AttuneError && error.code === 'store/unavailable';
    if (known !== undefined && away) return known;
    throw error;
  }
}
