import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import { AttuneError } from '../base/errors.ts';
import type { Store } from '../store/store.ts';
import type { AnswerCache } from './cache/answer-cache.ts';
import type { ServingErrorCode } from './errors.ts';
import type { FailedModel, ModelRepository, OpenedVersion } from './models/opened-version.ts';
import { MOST_PICTURES } from './records/keep-pictures.ts';
import type { TextEmbedder } from './text-embedder.ts';
import type { TrainingOptions } from './training/training.ts';

const count = z.int().min(1);

/** What a service takes at most; each has a default that suits a laptop and a shop's own server. */
const limitsSchema = z.strictObject({
  maxBatch: count.default(16).describe('Products predicted in one go.'),
  maxBatchTokens: count
    .default(4096)
    .describe('Tokens predicted in one go, counted as four characters each; one product always goes.'),
  maxWaitMs: z
    .number()
    .min(0)
    .max(1000)
    .default(2)
    .describe('How long a batch that is not full waits for more.'),
  maxQueued: count.default(2048).describe('Products waiting; above it, 429.'),
  maxQueuedCharacters: count.default(64 * 1024 * 1024).describe('Their texts together; above it, 429.'),
  maxCacheBytes: z
    .int()
    .min(0)
    .default(256 * 1024 * 1024)
    .describe('Memory for answers that were given; 0 keeps none.'),
  maxReadingBytes: count
    .default(256 * 1024 * 1024)
    .describe(
      'Bodies that are read and answered at once, together; above it, 429. Streams wait, and have half of it.',
    ),
  maxProducts: count.default(1000).describe('Products in one JSON call; a stream has no such limit.'),
  maxBodyBytes: count
    .default(16 * 1024 * 1024)
    .describe('Bytes of one JSON call, characters of one streamed line.'),
  maxPictures: z
    .int()
    .min(0)
    .default(MOST_PICTURES)
    .describe('Small copies of pictures that the store keeps, the newest; 0 keeps none.'),
  maxCallsPerMinute: z
    .int()
    .min(0)
    .default(0)
    .describe('Of one key, or of one address where no key is set; 0 for any number.'),
  maxWrongKeysPerMinute: count.default(30).describe('Of one address; above it, 429.'),
  idleTimeoutMs: count
    .default(300_000)
    .describe('A connection on which nothing moves for so long is closed.'),
  inspectTimeoutMs: count
    .default(15 * 60_000)
    .describe('A look at a file that was sent which takes longer is ended.'),
  closeTimeoutMs: count.default(30_000).describe('What is unfinished so long after `close` is cut off.'),
});

export type Limits = z.infer<typeof limitsSchema>;

export type ServerOptions = {
  /** What is served from the start; the first is the default model. */
  readonly models: readonly OpenedVersion[];
  /** What should be served from the start, and does not open: it is told where the models are. */
  readonly failed?: readonly FailedModel[];
  /** Models whose first version answers, whatever was live when the service ran before. */
  readonly named?: readonly string[];
  /** Where further versions come from while it runs; none can be loaded without one. */
  readonly repository?: ModelRepository;
  /** Keys, the audit log, products, answers, corrections, and which versions are live; the caller closes it. Without one none of it is kept. */
  readonly store?: Store;
  /** Makes a small JPEG of a picture, undefined of what is none; without it the store keeps no copies. */
  readonly thumbnail?: (bytes: Uint8Array) => Promise<Uint8Array | undefined>;
  /** Origins whose pages may call, such as `https://shop.example`. */
  readonly origins?: readonly string[];
  /** Whether to listen beyond loopback though no key is set. */
  readonly withoutKeys?: boolean;
  /** Addresses of reverse proxies, whose X-Forwarded-For says who calls; nobody's is believed when left out. */
  readonly trustProxy?: readonly string[];
  /** Where answers are kept beside memory, for several services at once. */
  readonly sharedCache?: AnswerCache;
  /** Answers `/v1/embeddings`, which is not there without one; the service closes it. */
  readonly embedder?: TextEmbedder;
  /** Where files may be sent to and models be trained; neither is there without it. */
  readonly training?: TrainingOptions;
  /** Of Attune. */
  readonly version: string;
  /** Loopback unless a host is given: without keys nobody else should reach it. */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** A pino logger; silent without one. */
  readonly logger?: FastifyBaseLogger;
  /** Closes the service, as `close` does, when aborted. */
  readonly signal?: AbortSignal;
} & Partial<Limits>;

/** @throws AttuneError `serving/invalid-option` naming the option, its range and what it was. */
export function resolveLimits(options: Partial<Limits>): Limits {
  const names = Object.keys(limitsSchema.shape);
  const given = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined),
  );
  const result = limitsSchema.safeParse(given);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const name = String(issue.path[0]);
  throw new AttuneError<ServingErrorCode>(
    'serving/invalid-option',
    `The option ${name} of the service cannot be ${String(given[name])}: ${issue.message.toLowerCase()}.`,
    { details: { option: name, value: given[name] } },
  );
}
