/**
 * Answers in a Redis. It only ever saves time: where Redis is away, slow or full, products are predicted as if nothing had been kept.
 */
import { createClient } from '@redis/client';
import type { ProductPrediction } from '../../prediction/prediction.ts';
import type { AnswerCache } from './answer-cache.ts';

export type RedisCacheOptions = {
  /** `redis://` or `rediss://` */
  readonly url: string;
  /** Told, once until it is back, that Redis is away. */
  readonly onTrouble: (error: unknown) => void;
};

const PREFIX = 'attune:answer:';
const KEEP_SECONDS = 24 * 60 * 60;
/** An answer that takes longer to look up is predicted instead. */
const PATIENCE_MS = 50;

export function redisCache({ url, onTrouble }: RedisCacheOptions): AnswerCache {
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: 2000, reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 10_000) },
  });
  let away = false;
  client.on('error', (error) => {
    if (!away) onTrouble(error);
    away = true;
  });
  client.on('ready', () => {
    away = false;
  });
  // It connects in its own time and again when it is lost.
  client.connect().catch(() => {});
  return {
    async get(keys) {
      const nothing = keys.map(() => undefined);
      if (!client.isReady) return nothing;
      const found = await inTime(client.mGet(keys.map((key) => PREFIX + key)));
      return found?.map(parsed) ?? nothing;
    },
    set(key, prediction) {
      if (!client.isReady) return;
      client
        .set(PREFIX + key, JSON.stringify(prediction), { expiration: { type: 'EX', value: KEEP_SECONDS } })
        .catch(onTrouble);
    },
    close: async () => client.destroy(),
  };
}

async function inTime<T>(answer: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, undefined);
  });
  try {
    return await Promise.race([answer, late]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    answer.catch(() => {});
  }
}

function parsed(text: string | null): ProductPrediction | undefined {
  if (text === null) return undefined;
  try {
    return JSON.parse(text) as ProductPrediction;
  } catch {
    return undefined;
  }
}
