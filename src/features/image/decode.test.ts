import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { expect, it } from 'vitest';
import { decodePicture } from './decode.ts';
import type { Picture } from './picture.ts';

const WIDTH = 32;
const HEIGHT = 16;
/** The left half red, the right half blue. */
const drawn = (): Sharp => {
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 3);
  for (let i = 0; i < WIDTH * HEIGHT; i++) pixels[i * 3 + (i % WIDTH < WIDTH / 2 ? 0 : 2)] = 255;
  return sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
};
const decoded = async (bytes: Uint8Array): Promise<Picture> => {
  const outcome = await decodePicture(bytes);
  if (!outcome.ok) throw new Error(outcome.reason);
  return outcome.picture;
};
const pixel = ({ width, pixels }: Picture, x: number, y: number) => [
  ...pixels.slice((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const near = (actual: readonly number[], expected: readonly number[], within: number) =>
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThanOrEqual(within);
const refused = async (bytes: Uint8Array, limits = {}) => {
  const outcome = await decodePicture(bytes, limits);
  return outcome.ok ? 'decoded' : [outcome.code, outcome.reason];
};

it.each<[string, () => Sharp, number]>([
  ['JPEG', () => drawn().jpeg({ quality: 95 }), 6],
  ['progressive JPEG', () => drawn().jpeg({ quality: 95, progressive: true }), 6],
  ['PNG', () => drawn().png(), 0],
  ['PNG of 16 bits', () => drawn().toColourspace('rgb16').png(), 0],
  ['PNG with a palette', () => drawn().png({ palette: true }), 2],
  ['WebP', () => drawn().webp({ lossless: true }), 0],
  ['AVIF', () => drawn().avif({ quality: 90, chromaSubsampling: '4:4:4' }), 12],
  ['GIF', () => drawn().gif(), 2],
  ['TIFF', () => drawn().tiff({ compression: 'lzw' }), 0],
])('reads %s', async (_, make, within) => {
  const picture = await decoded(await make().toBuffer());
  expect([picture.width, picture.height, picture.pixels.length]).toEqual([32, 16, 32 * 16 * 3]);
  near(pixel(picture, 2, 2), [255, 0, 0], within);
  near(pixel(picture, 29, 13), [0, 0, 255], within);
});

it('reads SVG, on white', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="10" height="10" fill="#f00"/></svg>';
  const picture = await decoded(Buffer.from(svg));
  expect([picture.width, picture.height]).toEqual([20, 10]);
  expect([pixel(picture, 5, 5), pixel(picture, 15, 5)]).toEqual([
    [255, 0, 0],
    [255, 255, 255],
  ]);
});

it.each([
  ['with a profile', () => drawn().withIccProfile('cmyk')],
  ['without one', drawn],
])('reads CMYK %s', async (_, make) => {
  const picture = await decoded(await make().toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer());
  const [red, , blue] = pixel(picture, 2, 2);
  expect(red! - blue!).toBeGreaterThan(150);
  expect(pixel(picture, 29, 13)[2]! - pixel(picture, 29, 13)[0]!).toBeGreaterThan(80);
});

it('repeats grey in three channels, of 8 and of 16 bits', async () => {
  for (const space of ['b-w', 'grey16']) {
    const picture = await decoded(await drawn().toColourspace(space).png().toBuffer());
    expect(picture.pixels.length).toBe(WIDTH * HEIGHT * 3);
    const [red, green, blue] = pixel(picture, 2, 2);
    expect([red === green, green === blue, red! > 20 && red! < 140]).toEqual([true, true, true]);
  }
});

it('lays what is transparent over white', async () => {
  const half = await decoded(await drawn().ensureAlpha(0.5).png().toBuffer());
  near(pixel(half, 2, 2), [255, 128, 128], 1);
  const grey = await decoded(await drawn().greyscale().ensureAlpha(0).webp({ lossless: true }).toBuffer());
  expect(pixel(grey, 2, 2)).toEqual([255, 255, 255]);
});

it('turns a picture as its EXIF orientation says', async () => {
  const bytes = await drawn().withMetadata({ orientation: 6 }).png().toBuffer();
  const picture = await decoded(bytes);
  expect([picture.width, picture.height]).toEqual([16, 32]);
  expect([pixel(picture, 8, 2), pixel(picture, 8, 29)]).toEqual([
    [255, 0, 0],
    [0, 0, 255],
  ]);
});

it('takes the first frame of an animation', async () => {
  const frames = await Promise.all(
    ['#00ff00', '#ff0000'].map((background) =>
      sharp({ create: { width: 6, height: 4, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  );
  const bytes = await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
  const picture = await decoded(bytes);
  expect([picture.width, picture.height]).toEqual([6, 4]);
  near(pixel(picture, 3, 2), [0, 255, 0], 2);
});

it('refuses a bomb from its header', async () => {
  const svg = (size: number) =>
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"/>`);
  expect(await refused(svg(30_000))).toEqual([
    'image/too-large',
    'The SVG has 30000 x 30000 pixels; the limit is 64 million pixels.',
  ]);
  // A PNG whose header says 30,000 x 30,000, with the right checksum.
  const png = await drawn().png().toBuffer();
  png.writeUInt32BE(30_000, 16);
  png.writeUInt32BE(30_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  expect((await refused(png))[0]).toBe('image/too-large');
  expect(await refused(await drawn().jpeg().toBuffer(), { maxPixels: 500 })).toEqual([
    'image/too-large',
    'The JPEG has 32 x 16 pixels; the limit is 0.0005 million pixels.',
  ]);
});

it.each(['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const)(
  'says of a %s that it is cut off, wherever, also where many fail at once',
  async (format) => {
    const bytes = await drawn()[format]().toBuffer();
    // What is shorter than a header is of no known format.
    const parts = [0.3, 0.45, 0.6, 0.75, 0.9].map((share) =>
      bytes.subarray(0, Math.max(64, Math.floor(bytes.length * share))),
    );
    const codes = await Promise.all([...parts, ...parts].map(async (part) => (await refused(part))[0]));
    expect(codes).toEqual(codes.map(() => 'image/truncated'));
  },
);

it('tells a picture that is damaged from one that is cut off', async () => {
  const png = await drawn().png().toBuffer();
  const damaged = Buffer.from(png);
  damaged.fill(0x55, png.indexOf('IDAT') + 6, png.length - 20);
  expect((await refused(damaged))[0]).toBe('image/broken');
  expect((await refused(png.subarray(0, png.length - 14)))[0]).toBe('image/truncated');
});

it('says what is there instead of a picture', async () => {
  expect(await refused(new Uint8Array())).toEqual(['image/empty', 'The file is empty.']);
  expect(await refused(Buffer.from('a text file that is named .jpg'))).toEqual([
    'image/not-a-picture',
    'The file is no picture: it holds text.',
  ]);
  expect(await refused(Buffer.from('<!DOCTYPE html><h1>Not found</h1>'))).toEqual([
    'image/not-a-picture',
    'The file is no picture: it holds a web page.',
  ]);
  expect(
    await refused(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect')),
  ).toEqual(['image/broken', expect.stringMatching(/^The picture cannot be decoded \([^()]*XML.*\)\.$/)]);
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), new Uint8Array(12)]);
  expect((await refused(heic))[0]).toBe('image/format');
  expect((await refused(Buffer.from('\xff\xd8\xff\xe0', 'latin1')))[0]).toBe('image/truncated');
});
