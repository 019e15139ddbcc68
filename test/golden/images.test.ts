/** Pictures against Pillow and the Pillow processors of transformers (images/generate.py). */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodePicture } from '../../src/features/image/decode.ts';
import type { Picture } from '../../src/features/image/picture.ts';
import { readPreprocessorConfig } from '../../src/features/image/preprocessor-config.ts';
import { processPicture } from '../../src/features/image/processor.ts';
import { type Box, type Resampling, resize } from '../../src/features/image/resample.ts';
import { readJson } from './fixture.ts';

const FIXTURES = new URL('images/fixtures/', import.meta.url);
const fixture = (name: string) => new URL(name, FIXTURES);

type Decoded = Readonly<
  Record<string, { readonly width: number; readonly height: number; readonly sha256: string }>
>;
type Resized = {
  readonly picture: string;
  readonly size: readonly [width: number, height: number];
  readonly resampling: Resampling;
  readonly box: Box | null;
};
type Processed = {
  readonly config: Readonly<Record<string, unknown>>;
  readonly picture: string;
  readonly shape: readonly [channels: number, height: number, width: number];
};

const decoded = readJson<Decoded>(fixture('decoded.json'));
const resized = readJson<readonly Resized[]>(fixture('resized.json'));
const processed = readJson<readonly Processed[]>(fixture('processors.json'));

async function picture(name: string): Promise<Picture> {
  const outcome = await decodePicture(readFileSync(fixture(name)));
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.picture;
}

/** The parts of a packed file, one after the other. */
function unpack(name: string): (bytes: number) => Buffer {
  const content = gunzipSync(readFileSync(fixture(name)));
  let at = 0;
  return (bytes) => {
    at += bytes;
    return content.subarray(at - bytes, at);
  };
}

describe('pictures', () => {
  it.each(Object.entries(decoded))('decodes %s to the bytes of Pillow', async (name, expected) => {
    const { width, height, pixels } = await picture(name);
    const sha256 = createHash('sha256').update(pixels).digest('hex');
    expect({ width, height, sha256 }).toEqual(expected);
  });

  it('resizes up, down and from a part to the bytes of Pillow, with every filter', async () => {
    const next = unpack('resized.bin.gz');
    for (const { picture: name, size, resampling, box } of resized) {
      const [width, height] = size;
      const expected = next(width * height * 3);
      const result = resize(await picture(name), width, height, resampling, box ?? undefined);
      expect(expected.equals(result.pixels), `${name} ${resampling} ${size} ${box}`).toBe(true);
    }
    expect(new Set(resized.map(({ resampling }) => resampling)).size).toBe(6);
  });

  it("gives the values of transformers' processors", async () => {
    const next = unpack('processors.bin.gz');
    for (const { config, picture: name, shape } of processed) {
      const bytes = next(shape[0] * shape[1] * shape[2] * 4);
      const expected = new Float32Array(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      );
      const { height, width, values } = processPicture(readPreprocessorConfig(config), await picture(name));
      const what = `${JSON.stringify(config)} ${name}`;
      expect([3, height, width], what).toEqual(shape);
      const worst = values.reduce(
        (most, value, i) =>
          Math.max(most, Math.abs(value - expected[i]!) / Math.max(1, Math.abs(expected[i]!))),
        0,
      );
      expect(worst, what).toBeLessThan(1e-6);
    }
  });
});
