/**
 * The whole path of a sound, from the bytes of a file to the states of a checkpoint's encoder, against transformers
 * (audio/generate_checkpoints.py).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readSound } from '../../src/features/audio/read-sound.ts';
import { soundInput } from '../../src/features/audio/sound-input.ts';
import { input, parameter } from '../../src/graph/builder.ts';
import { Session, type Value } from '../../src/graph/session.ts';
import { readSoundCheckpoint } from '../../src/models/checkpoint/sound-checkpoint.ts';
import { noDropout } from '../../src/models/layers/dropout.ts';
import { scopeOf } from '../../src/models/layers/scope.ts';
import { readFixture, relativeError } from './fixture.ts';

const FIXTURES = new URL('audio/checkpoints/', import.meta.url);
const folders = readdirSync(FIXTURES).filter((name) => !name.includes('.'));
const SECONDS = 0.5;

it.each(folders)('%s gives the states of transformers for the bytes of a clip', async (name) => {
  const folder = new URL(`${name}/`, FIXTURES);
  const { encoder, sound, weights } = await readSoundCheckpoint(fileURLToPath(folder), SECONDS);
  const expected = readFixture(new URL('expected.safetensors', folder));
  const { sampleRateHz, rows, columns, read } = soundInput(sound);
  const clip = await readSound(readFileSync(new URL('clip.wav', FIXTURES)), { sampleRateHz });
  if (!clip.ok) throw new Error(clip.reason);
  const data = read(clip.samples);

  const features =
    name === 'ast' ? columnsFirst(data, rows, columns) : data.subarray(0, expected.features!.data.length);
  const dims = expected.features!.dims;
  expect(relativeError({ dtype: 'float32', dims, data: features }, expected.features!)).toBeLessThan(1e-4);

  const values: Record<string, Value> = {
    clip: { dtype: 'float32', dims: [1, 1, rows, columns], data },
  };
  const tensors = new Map(encoder.parameters.map(({ name, shape }) => [name, parameter(name, shape)]));
  for (const { name: each, shape } of encoder.parameters)
    values[each] = { dtype: 'float32', dims: shape, data: await weights.read(each) };
  const states = encoder.encode(
    scopeOf((each) => tensors.get(each)!),
    input('clip', 'float32', ['batch', 1, rows, columns]),
    noDropout,
  );
  const session = await Session.create(states, { threads: 1 });
  const { tokens, pooled } = await session.run(values);
  await session.close();
  const alone = ({ dtype, dims: [, ...rest], data: all }: Value): Value => ({ dtype, dims: rest, data: all });
  expect(relativeError(alone(pooled!), expected.pooled!)).toBeLessThan(1e-4);
  expect(relativeError(alone(tokens!), expected.tokens!)).toBeLessThan(1e-4);
});

function columnsFirst(data: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
}
