/** A small catalog made of a seed: the titles say the colour and what a thing is made of, in a supplier's words. */

/** Numbers in [0, 1), the same for one seed; Park and Miller 1988. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}

const THINGS = ['mug', 'lamp', 'scarf', 'tray', 'vase', 'cushion'];
const COLORS = { Red: ['red', 'crimson', 'scarlet'], Blue: ['blue', 'navy'], Green: ['green', 'olive'] };
const MATERIALS = ['glass', 'wool', 'steel', 'oak'];
const LINES = ['Aster', 'Briar', 'Clove', 'Dune', 'Elm', 'Fern'];

/** @returns {string} CSV with the columns sku, title, color, material; some labels are missing, as they are in shops */
export function catalogCsv(count, seed) {
  const random = randomNumbers(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const rows = Array.from({ length: count }, (_, i) => {
    const color = pick(Object.keys(COLORS));
    const material = pick(MATERIALS);
    const title = `${pick(LINES)} ${pick(COLORS[color])} ${pick(THINGS)} of ${material} ${i}`;
    const known = (value) => (random() < 0.85 ? value : '');
    return `L-${i},${title},${known(color)},${known(material)}`;
  });
  return `sku,title,color,material\n${rows.join('\n')}\n`;
}
