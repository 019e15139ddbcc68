/** Who calls, by the key that they sent. Keys stand in the store; what it said is remembered for seconds, not per request. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ApiKey, Keys } from '../../store/keys.ts';

/** A key that another process revoked or made is seen after so long at most. */
const REMEMBERED_MS = 5000;
const MOST_KEYS = 10_000;

export class KeyRing {
  readonly #keys: Keys;
  readonly #known = new LRUCache<string, { readonly key: ApiKey | undefined }>({
    max: MOST_KEYS,
    ttl: REMEMBERED_MS,
  });
  readonly #count = new LRUCache<'active', number>({ max: 1, ttl: REMEMBERED_MS });

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /** Whether callers are asked for a key: there is one. */
  async isSet(): Promise<boolean> {
    const known = this.#count.get('active');
    if (known !== undefined) return known > 0;
    const active = await this.#keys.active();
    this.#count.set('active', active);
    return active > 0;
  }

  /** Undefined for what is no key, or a revoked one. */
  async callerOf(sent: string): Promise<ApiKey | undefined> {
    const hash = createHash('sha256').update(sent).digest('base64url');
    const known = this.#known.get(hash);
    if (known !== undefined) return known.key;
    const key = await this.#keys.verify(sent);
    this.#known.set(hash, { key });
    return key;
  }

  /** After a key was made or revoked here. */
  forget(): void {
    this.#known.clear();
    this.#count.clear();
  }
}
