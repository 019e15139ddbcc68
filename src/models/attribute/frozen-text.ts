/** The vectors of texts from a frozen encoder: each computed once, by itself, and kept on disk. */
import { createHash } from 'node:crypto';
import { FeatureCache } from '../../features/cache/feature-cache.ts';
import type { PackedInput } from '../../features/text/pack-input.ts';
import { parameter } from '../../graph/builder.ts';
import { Session, type Value } from '../../graph/session.ts';
import { noDropout } from '../layers/dropout.ts';
import { scopeOf } from '../layers/scope.ts';
import { encoderOf, textOutputs } from './attribute-model.ts';
import type { BatchMaker } from './batch.ts';
import type { LoadText } from './example.ts';
import type { AttributeModelSpec } from './spec.ts';
import { weightsFingerprint } from './vector-encoder.ts';

export type FrozenText = { readonly load: LoadText; close(): Promise<void> };

export type FrozenTextOptions = {
  /** Turns token ids into what the encoder reads. */
  readonly batches: BatchMaker;
  /** Of every parameter of the text encoder. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Where vectors are kept; they are computed anew each time when left out. */
  readonly cacheFolder?: string;
  readonly threads: number | undefined;
};

export async function openFrozenText(
  spec: AttributeModelSpec,
  { batches, weights, cacheFolder, threads }: FrozenTextOptions,
): Promise<FrozenText> {
  const { frozenText: _, ...thawed } = spec;
  const encoder = encoderOf(thawed);
  const tensors = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
  const scope = scopeOf((name) => tensors.get(name)!);
  // Of no attribute's spans: a model that reads first tokens alone computes no others.
  const { vector } = textOutputs({ ...thawed, spans: undefined }, encoder, scope, noDropout);
  const session = await Session.create(
    { vector },
    { weights, ...(threads === undefined ? {} : { threads }) },
  );
  const names = session.inputs.map(({ name }) => name);
  const fingerprint = `frozen-text-1 ${spec.pooling} ${weightsFingerprint(spec.encoder, weights)}`;
  const cache =
    cacheFolder === undefined
      ? undefined
      : await FeatureCache.open(cacheFolder, { fingerprint, rowLength: encoder.width, dtype: 'float32' });
  const compute = async (packed: PackedInput) => {
    const all = batches.tokens([{ packed }]);
    const read = Object.fromEntries(names.map((name): [string, Value] => [name, all[name]!]));
    return (await session.run(read)).vector!.data as Float32Array;
  };
  return {
    load: async (packed) => {
      if (cache === undefined) return compute(packed);
      const key = keyOf(packed);
      const kept = cache.get(key);
      if (kept) return kept;
      const vector = await compute(packed);
      cache.put(key, vector);
      return vector;
    },
    close: async () => {
      cache?.close();
      await session.close();
    },
  };
}

function keyOf({ ids, typeIds }: PackedInput): string {
  const hash = createHash('sha256').update(`${ids.length} `);
  for (const part of [ids, typeIds]) hash.update(Int32Array.from(part));
  return hash.digest('hex');
}
