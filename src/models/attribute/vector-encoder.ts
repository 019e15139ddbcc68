/** An encoder of pictures or sounds by itself: a file in, its vector out. One file at a time, so that a vector depends on no other file. */
import { createHash } from 'node:crypto';
import { input, parameter } from '../../graph/builder.ts';
import { Session, type Value } from '../../graph/session.ts';
import type { Weights } from '../checkpoint/weights.ts';
import { noDropout } from '../layers/dropout.ts';
import type { ParameterSpec } from '../layers/parameters.ts';
import { scopeOf } from '../layers/scope.ts';
import { mediaEncoderOf } from './media-vectors.ts';
import type { FileEncoderSpec } from './spec.ts';

export type VectorEncoder = {
  /** Names the computation and its weights, for caches. */
  readonly fingerprint: string;
  readonly width: number;
  /** @param values - what the encoder reads of one file, [channels, height, width]; @returns `[width]` */
  encode(values: Float32Array): Promise<Float32Array>;
  close(): Promise<void>;
};

/** @param threads - inside one operation; one a core when left out */
export async function openVectorEncoder(
  spec: FileEncoderSpec,
  weights: Pick<Weights, 'read'>,
  threads: number | undefined,
): Promise<VectorEncoder> {
  const { encode, parameters, channels, height, imageWidth, width } = mediaEncoderOf(spec);
  const values = await valuesOf(parameters, weights);
  const tensors = new Map(parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
  const files = input('values', 'float32', ['files', channels, height, imageWidth]);
  const { pooled } = encode(
    scopeOf((name) => tensors.get(name)!),
    files,
    noDropout,
  );
  const session = await Session.create(
    { pooled },
    { weights: values, ...(threads === undefined ? {} : { threads }) },
  );
  const dims = [1, channels, height, imageWidth];
  return {
    fingerprint: weightsFingerprint(spec.encoder, values),
    width,
    encode: async (data) => {
      const read: Value = { dtype: 'float32', dims, data };
      return (await session.run({ values: read })).pooled!.data as Float32Array;
    },
    close: () => session.close(),
  };
}

async function valuesOf(
  parameters: readonly ParameterSpec[],
  { read }: Pick<Weights, 'read'>,
): Promise<ReadonlyMap<string, Float32Array>> {
  const values = new Map<string, Float32Array>();
  for (const { name } of parameters) values.set(name, await read(name));
  return values;
}

/** SHA-256 of a config and of all weights, in the order of their names. */
export function weightsFingerprint(
  config: Readonly<Record<string, unknown>>,
  values: ReadonlyMap<string, Float32Array>,
): string {
  const hash = createHash('sha256').update(JSON.stringify(config));
  for (const name of [...values.keys()].sort()) {
    const { buffer, byteOffset, byteLength } = values.get(name)!;
    hash.update(name).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}
