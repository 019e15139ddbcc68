/**
 * Renders a small studio picture of every original product: its shape, colour and pattern on a varied ground, with the
 * light, tilt and blur of a photograph. What a text leaves out (a colour, a pattern) is here.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catalog } from '../catalog.mjs';
import { goodsIn } from '../goods-in.mjs';
import { Random } from '../random.mjs';
import { COLORS } from '../world/colors.mjs';
import { paint, shadeOf } from './paint.mjs';
import { SHAPES } from './shapes.mjs';

const SIZE = 64;
/** Pictures that are made side by side. */
const AT_ONCE = 16;
/** @type {Readonly<Record<string, readonly string[]>>} */
const GROUNDS = {
  White: ['#ffffff', '#ffffff', '#fdfdfc'],
  Coloured: ['#bcd3e0', '#e3c9a4', '#bfd6b8', '#e6bfc0', '#cdbfe0'],
  Dark: ['#3a3a3e', '#2b3038', '#45403a'],
};
/** Of the files written, one is cut off in its middle and one is never delivered: catalogs are like that. */
const CUT = 11;
const UNDELIVERED = 23;

/** @param {number} seed @param {import('../product.mjs').Parent} parent @param {import('../product.mjs').Variant} variant */
export function pictureSvg(seed, parent, variant) {
  const random = new Random(seed, 'picture', parent.number, variant.number);
  const { rgb } = /** @type {import('../world/colors.mjs').Shade} */ (
    COLORS[variant.color].shades[variant.shade]
  );
  const ground = random.pick(
    /** @type {readonly string[]} */ (GROUNDS[goodsIn(seed, parent, variant.number).backdrop ?? 'White']),
  );
  const lit = shadeOf(rgb, 0.12 * random.normal() * 0.6);
  const metal = random.pick(['#c9ccd1', '#d8d3c8', '#b99b5f', '#f2f0ea']);
  const shape = SHAPES[parent.type.name];
  if (shape === undefined) throw new Error(`There is no shape for "${parent.type.name}".`);
  const place = `translate(${50 + random.int(-5, 5)} ${50 + random.int(-5, 5)}) rotate(${random.int(-9, 9)}) scale(${(random.chance(0.5) ? -1 : 1) * (0.78 + 0.2 * random.uniform())} ${0.78 + 0.2 * random.uniform()}) translate(-50 -50)`;
  const light = random.pick([
    ['0%', '0%'],
    ['100%', '0%'],
    ['50%', '0%'],
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE}" height="${SIZE}" viewBox="0 0 100 100"><defs>${paint(lit, variant.color, parent.choices.pattern ?? 'Solid', random)}<radialGradient id="l" cx="${light[0]}" cy="${light[1]}" r="1.1"><stop offset="0" stop-color="#fff" stop-opacity=".2"/><stop offset="1" stop-color="#000" stop-opacity=".14"/></radialGradient><filter id="s"><feGaussianBlur stdDeviation="2.2"/></filter></defs><rect width="100" height="100" fill="${ground}"/><g transform="${place}"><ellipse cx="50" cy="90" rx="34" ry="5" fill="#000" opacity=".18" filter="url(#s)"/>${shape('url(#p)', shadeOf(lit, -0.35), metal)}</g><rect width="100" height="100" fill="url(#l)"/></svg>`;
}

/** @param {number} seed @param {number} products @param {string} folder */
export async function writePictures(seed, products, folder) {
  // Pictures need sharp; the tables don't.
  const { default: sharp } = await import('sharp');
  // Pictures are drawn side by side; within one, threads would only wait for each other.
  sharp.concurrency(1);
  await mkdir(folder, { recursive: true });
  let count = 0;
  /** @type {Promise<void>[]} */
  let drawn = [];
  for (const { parent, variant, original } of catalog(seed, products)) {
    if (!original || !goodsIn(seed, parent, variant.number).photographed) continue;
    count++;
    if (count === UNDELIVERED) continue;
    const random = new Random(seed, 'photograph', parent.number, variant.number);
    const whole = count !== CUT;
    const picture = sharp(Buffer.from(pictureSvg(seed, parent, variant)))
      .blur(random.chance(0.25) ? 0.5 + 0.3 * random.uniform() : 0.3)
      .webp({ quality: random.int(65, 85) })
      .toBuffer()
      .then((bytes) =>
        writeFile(
          join(folder, `${variant.sku}.webp`),
          bytes.subarray(0, whole ? bytes.length : bytes.length / 2),
        ),
      );
    drawn.push(picture);
    if (drawn.length < AT_ONCE) continue;
    await Promise.all(drawn);
    drawn = [];
  }
  await Promise.all(drawn);
  return `${count} pictures in ${folder}, one of them cut off and one not there`;
}
