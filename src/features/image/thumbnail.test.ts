import sharp from 'sharp';
import { expect, it } from 'vitest';
import { thumbnail } from './thumbnail.ts';

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 4, background: { r: 200, g: 0, b: 0, alpha: 0 } } });

it('is a small JPEG over white that fits into a square, turned as it was taken, without metadata', async () => {
  const bytes = await picture(600, 300)
    .withMetadata({ orientation: 6 })
    .withExif({ IFD0: { Copyright: 'somebody' } })
    .png()
    .toBuffer();
  const copy = await thumbnail(bytes);
  const { format, width, height, exif } = await sharp(copy).metadata();
  expect({ format, width, height, exif }).toEqual({
    format: 'jpeg',
    width: 128,
    height: 256,
    exif: undefined,
  });
  const { channels } = await sharp(copy).stats();
  expect(channels.map(({ min }) => min)).toEqual([255, 255, 255]);
});

it('of a small picture is as small, and there is none of what is no picture', async () => {
  const { width } = await sharp(await thumbnail(await picture(8, 8).png().toBuffer())).metadata();
  expect(width).toBe(8);
  for (const bytes of [
    Buffer.from('RIFF'),
    Buffer.from(''),
    (await picture(64, 64).png().toBuffer()).subarray(0, 60),
  ])
    expect(await thumbnail(bytes)).toBeUndefined();
});
