/** Colours and patterns as SVG paint. */

/** @param {string} rgb "#rrggbb" @param {number} by -1 (black) to 1 (white) */
export function shadeOf(rgb, by) {
  const channels = [1, 3, 5].map((i) => Number.parseInt(rgb.slice(i, i + 2), 16));
  const mixed = channels.map((c) => Math.round(by < 0 ? c * (1 + by) : c + (255 - c) * by));
  return `#${mixed.map((c) => Math.max(0, Math.min(255, c)).toString(16).padStart(2, '0')).join('')}`;
}

/** Whether a colour is dark. @param {string} rgb */
function isDark(rgb) {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) => Number.parseInt(rgb.slice(i, i + 2), 16));
  return 0.3 * r + 0.59 * g + 0.11 * b < 120;
}

const BRIGHT = ['#e4572e', '#f0c419', '#4ea8de', '#7fb069', '#9b5de5', '#ef476f'];

/**
 * The definition of `url(#p)`: a colour family's paint in a pattern.
 * @param {string} rgb @param {string} family @param {string} pattern @param {import('../random.mjs').Random} random
 */
export function paint(rgb, family, pattern, random) {
  const contrast = isDark(rgb)
    ? shadeOf(rgb, random.pick([0.75, 0.85]))
    : shadeOf(rgb, random.pick([-0.6, -0.5]));
  const second = random.chance(0.3) && pattern !== 'Animal' ? random.pick(BRIGHT) : contrast;
  const size = random.int(18, 28);
  const turn = pattern === 'Striped' ? random.pick([0, 90, 90, 45]) : random.pick([0, 0, 45]);
  const base =
    family === 'Multicolour' ? rainbow(size) : `<rect width="${size}" height="${size}" fill="${rgb}"/>`;
  const angle =
    family === 'Multicolour' && pattern === 'Solid'
      ? random.pick([0, 30, 90])
      : pattern === 'Fair Isle' || pattern === 'Floral'
        ? 0
        : turn;
  return `<pattern id="p" width="${size}" height="${size}" patternUnits="userSpaceOnUse" patternTransform="rotate(${angle})">${base}${motif(pattern, size, second, random)}</pattern>`;
}

/** @param {number} size */
function rainbow(size) {
  const step = size / BRIGHT.length;
  return BRIGHT.map(
    (c, i) => `<rect x="${i * step}" width="${step + 0.1}" height="${size}" fill="${c}"/>`,
  ).join('');
}

/** @param {string} pattern @param {number} s size of the tile @param {string} c colour of the motif @param {import('../random.mjs').Random} random */
function motif(pattern, s, c, random) {
  const h = s / 2;
  switch (pattern) {
    case 'Striped':
      return `<rect width="${s * random.pick([0.25, 0.4, 0.5])}" height="${s}" fill="${c}"/>`;
    case 'Checked':
      return `<rect width="${h}" height="${s}" fill="${c}" opacity=".55"/><rect width="${s}" height="${h}" fill="${c}" opacity=".55"/>`;
    case 'Polka dot':
      return `<circle cx="${h / 2}" cy="${h / 2}" r="${s * 0.17}" fill="${c}"/><circle cx="${h * 1.5}" cy="${h * 1.5}" r="${s * 0.17}" fill="${c}"/>`;
    case 'Floral': {
      const petals = [0, 72, 144, 216, 288]
        .map(
          (a) =>
            `<ellipse cx="0" cy="${-s * 0.2}" rx="${s * 0.11}" ry="${s * 0.18}" fill="${c}" transform="rotate(${a})"/>`,
        )
        .join('');
      return `<g transform="translate(${h} ${h})">${petals}<circle r="${s * 0.1}" fill="#f4d35e"/></g><path d="M0 ${s}q${h * 0.5} ${-h * 0.5} ${h * 0.6} ${-h * 0.2}" stroke="#4f772d" stroke-width="${s * 0.07}" fill="none"/>`;
    }
    case 'Animal':
      return [
        [0.25, 0.2],
        [0.75, 0.35],
        [0.4, 0.62],
        [0.85, 0.85],
      ]
        .map(
          ([x = 0, y = 0]) =>
            `<ellipse cx="${x * s}" cy="${y * s}" rx="${s * 0.14}" ry="${s * 0.1}" fill="none" stroke="${c}" stroke-width="${s * 0.09}" stroke-dasharray="${s * 0.3} ${s * 0.1}" transform="rotate(${random.int(0, 90)} ${x * s} ${y * s})"/>`,
        )
        .join('');
    case 'Geometric':
      return random.chance(0.5)
        ? `<path d="M0 ${h}L${h} 0L${s} ${h}L${h} ${s}Z" fill="none" stroke="${c}" stroke-width="${s * 0.13}"/>`
        : `<path d="M0 ${s * 0.7}L${h} ${s * 0.3}L${s} ${s * 0.7}" fill="none" stroke="${c}" stroke-width="${s * 0.17}"/>`;
    case 'Fair Isle':
      return `<path d="M0 ${s * 0.3}L${s * 0.25} ${s * 0.1}L${h} ${s * 0.3}L${s * 0.75} ${s * 0.1}L${s} ${s * 0.3}" fill="none" stroke="${c}" stroke-width="${s * 0.09}"/>${[0.12, 0.37, 0.62, 0.87].map((x) => `<rect x="${(x - 0.06) * s}" y="${s * 0.5}" width="${s * 0.12}" height="${s * 0.12}" fill="${c}"/>`).join('')}<rect y="${s * 0.78}" width="${s}" height="${s * 0.09}" fill="${c}"/>`;
    default:
      return '';
  }
}
