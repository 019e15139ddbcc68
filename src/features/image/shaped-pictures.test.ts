import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { sha256 } from '../media/outcome.ts';
import { readPreprocessorConfig } from './preprocessor-config.ts';
import { openPictureCache, shapedPicture } from './shaped-pictures.ts';
import { smallProcessor } from './small-processor.ts';

it('decodes a picture once; what comes from the cache is what was decoded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'attune-shaped-'));
  const processor = smallProcessor({ height: 6, width: 8 });
  const bytes = await sharp({ create: { width: 30, height: 60, channels: 3, background: '#102030' } })
    .png()
    .toBuffer();
  const file = { bytes, sha256: sha256(bytes) };
  const fresh = await shapedPicture(file, processor);

  const cache = await openPictureCache(folder, processor);
  expect(await shapedPicture(file, processor, cache)).toEqual(fresh);
  // The bytes are not looked at any more.
  expect(await shapedPicture({ ...file, bytes: new Uint8Array() }, processor, cache)).toEqual(fresh);
  const broken = { bytes: Buffer.from('text'), sha256: sha256('text') };
  expect(await shapedPicture(broken, processor, cache)).toMatchObject({
    ok: false,
    code: 'image/not-a-picture',
  });
  expect(cache.size).toBe(1);
  cache.close();

  // Other numbers of the same shape share the rows, another shape does not.
  const counts = [{ ...processor, scale: 1 }, smallProcessor({ height: 8, width: 6 })].map(async (other) => {
    const opened = await openPictureCache(folder, other);
    opened.close();
    return opened.size;
  });
  expect(await Promise.all(counts)).toEqual([1, 0]);
  await rm(folder, { recursive: true });
});

it('keeps no pictures whose size is their own', () => {
  const processor = readPreprocessorConfig({
    image_processor_type: 'CLIPImageProcessor',
    do_center_crop: false,
  });
  expect(() => openPictureCache('nowhere', processor)).toThrow(/no one size/);
});
