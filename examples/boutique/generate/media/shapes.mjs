/**
 * What each type of product looks like, on a square of 100: `f` is its paint, `d` a darker shade for seams and soles,
 * `m` a metal or neutral for what is never dyed.
 */

/** @typedef {(f: string, d: string, m: string) => string} Shape */

/** @param {string} path @param {string} fill @param {string} [stroke] @param {number} [width] */
const p = (path, fill, stroke = 'none', width = 0) =>
  `<path d="${path}" fill="${fill}" stroke="${stroke}" stroke-width="${width}" stroke-linejoin="round" stroke-linecap="round"/>`;
/** @param {number} cx @param {number} cy @param {number} r @param {string} fill @param {string} [stroke] @param {number} [width] */
const c = (cx, cy, r, fill, stroke = 'none', width = 0) =>
  `<circle cx="${cx}" cy="${cy}" r="${r}" fill="${fill}" stroke="${stroke}" stroke-width="${width}"/>`;
/** @param {number} x @param {number} y @param {number} w @param {number} h @param {string} fill @param {number} [rx] @param {string} [stroke] @param {number} [width] */
const r = (x, y, w, h, fill, rx = 0, stroke = 'none', width = 0) =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${rx}" fill="${fill}" stroke="${stroke}" stroke-width="${width}"/>`;

/** A wristwatch. @param {string} f @param {string} d @param {string} m @param {string} face */
const watch = (f, d, m, face) =>
  r(40, 6, 20, 88, f, 5, d, 1) + face + p('M50 50V38M50 50L58 55', 'none', m, 2);
/** A dress with a skirt to `hem`. @param {string} f @param {string} d @param {number} hem @param {number} wide */
const dress = (f, d, hem, wide) =>
  p(
    `M41 10Q50 17 59 10L66 14L62 26L61 42L${50 + wide} ${hem}Q50 ${hem + 4} ${50 - wide} ${hem}L39 42L38 26L34 14Z`,
    f,
    d,
    1,
  );
/** A jumper. @param {string} f @param {string} d */
const jumper = (f, d) =>
  p('M38 18Q50 25 62 18L76 24L86 68L75 71L69 44V86H31V44L25 71L14 68L24 24Z', f, d, 1.2) +
  r(31, 82, 38, 5, d);

/** @type {Readonly<Record<string, Shape>>} */
export const SHAPES = {
  Sneakers: (f, d, m) =>
    p('M12 46Q24 52 34 38L44 36Q52 50 70 54Q88 57 90 66V70H12Z', f, d, 1) +
    r(10, 68, 81, 9, m, 4) +
    p('M42 42L50 40M46 47L54 45M51 52L59 50', 'none', m, 2),
  'Ankle boots': (f, d) =>
    p('M28 16H56L55 48Q66 54 82 58Q88 62 88 70H26Z', f, d, 1) +
    p('M26 70H89V76H46V74H42V80H26Z', d) +
    p('M46 18L45 44', 'none', d, 3),
  'Hiking boots': (f, d, m) =>
    p('M26 14H54L56 42Q68 50 82 54Q90 58 90 68H24Z', f, d, 1) +
    p('M22 68H92V76L88 80L84 76L78 80L72 76L66 80L60 76L54 80L48 76L42 80L36 76L30 80L22 78Z', d) +
    p('M50 20L58 18M51 28L60 26M54 36L62 33M58 43L66 40', 'none', m, 2.4),
  Loafers: (f, d) =>
    p('M12 52Q24 46 36 48Q50 56 72 56Q88 58 90 68H12Z', f, d, 1) +
    p('M44 52Q56 46 64 55L58 62Z', d) +
    r(11, 67, 80, 5, d, 2) +
    r(11, 70, 18, 7, d),
  Sandals: (f, d) =>
    r(10, 66, 80, 8, d, 4) +
    p('M22 66Q30 34 46 66M50 66Q62 40 76 66', 'none', f, 8) +
    p('M26 50Q20 38 30 36', 'none', f, 4),
  Heels: (f, d) => p('M16 34Q30 44 44 58Q62 70 86 70Q90 74 88 77H52Q36 68 26 52L24 80H20L16 40Z', f, d, 1),
  Slippers: (f, d, m) =>
    p('M10 62Q30 60 44 44Q70 36 86 56Q92 68 88 70H10Z', f, d, 1) +
    r(8, 68, 84, 7, d, 3) +
    p('M42 45Q52 54 46 66', 'none', m, 5),
  'Maxi dress': (f, d) => dress(f, d, 92, 25),
  'Midi dress': (f, d) => dress(f, d, 76, 20) + p('M39 42H61', 'none', d, 1.5),
  'Shirt dress': (f, d, m) =>
    p('M40 12L50 20L60 12L74 20L82 44L73 47L67 36L68 80H32L33 36L27 47L18 44L26 20Z', f, d, 1) +
    p('M50 20V80', 'none', d, 1) +
    [30, 42, 54, 66].map((y) => c(52, y, 1.3, m)).join('') +
    p('M33 52H67', 'none', d, 3),
  'Wrap dress': (f, d) => dress(f, d, 78, 22) + p('M37 12L60 44M63 12L42 40M60 44L66 60', 'none', d, 1.8),
  'Evening gown': (f, d) =>
    p('M40 8L42 22L38 42L14 92Q50 98 86 92L62 42L58 22L60 8L57 8L54 22Q50 25 46 22L43 8Z', f, d, 1) +
    p('M50 46L40 92M52 46L64 92', 'none', d, 1),
  Jumper: (f, d) => jumper(f, d),
  Cardigan: (f, d, m) =>
    jumper(f, d) +
    p('M44 21L50 46V87M56 21L50 46', 'none', d, 2) +
    [54, 64, 74].map((y) => c(53, y, 1.6, m)).join(''),
  'Roll-neck': (f, d) => jumper(f, d) + r(40, 9, 20, 13, f, 3, d, 1.2) + p('M41 16H59', 'none', d, 1),
  Hoodie: (f, d, m) =>
    jumper(f, d) +
    p('M36 20Q34 6 50 6Q66 6 64 20Q50 30 36 20Z', f, d, 1.4) +
    p('M38 62H62L66 78H34Z', 'none', d, 1.6) +
    p('M46 26V40M54 26V40', 'none', m, 1.6),
  'Tote bag': (f, d) =>
    p('M18 36H82L88 90H12Z', f, d, 1.2) +
    p('M34 38Q34 8 44 8Q54 8 54 38M46 38Q46 12 56 12Q66 12 66 38', 'none', d, 3),
  Backpack: (f, d) =>
    r(24, 16, 52, 74, f, 18, d, 1.4) +
    r(31, 52, 38, 30, f, 6, d, 2) +
    p('M42 16Q42 6 50 6Q58 6 58 16', 'none', d, 3) +
    p('M24 40H76', 'none', d, 2) +
    r(18, 50, 7, 28, d, 3) +
    r(75, 50, 7, 28, d, 3),
  'Crossbody bag': (f, d, m) =>
    p('M22 50Q30 2 50 2Q70 2 78 50', 'none', d, 2.4) +
    r(16, 46, 68, 42, f, 7, d, 1.2) +
    p('M16 48Q50 78 84 48', 'none', d, 1.6) +
    c(50, 64, 3, m),
  Clutch: (f, d, m) =>
    r(10, 34, 80, 40, f, 4, d, 1.2) + p('M10 36L50 60L90 36', 'none', d, 1.6) + c(50, 60, 3.2, m),
  Weekender: (f, d) =>
    p('M14 44Q16 36 26 36H74Q84 36 86 44L90 82H10Z', f, d, 1.4) +
    p('M32 56Q32 16 50 16Q68 16 68 56', 'none', d, 3.4) +
    r(28, 36, 5, 46, d) +
    r(67, 36, 5, 46, d) +
    p('M22 40H78', 'none', d, 1.4),
  'Dress watch': (f, d, m) => watch(f, d, d, c(50, 50, 22, '#fbfaf6', m, 3)),
  'Dive watch': (f, d, m) =>
    watch(
      f,
      d,
      '#f5f5f5',
      c(50, 50, 27, d, m, 3) + c(50, 50, 19, '#15202b') + p('M50 24V29', 'none', '#fff', 3),
    ),
  'Field watch': (f, d, m) =>
    watch(
      f,
      d,
      '#e9e6d8',
      c(50, 50, 23, '#2a2d24', m, 3) +
        [0, 60, 120, 180, 240, 300]
          .map(
            (a) => `<rect x="49" y="31" width="2" height="5" fill="#e9e6d8" transform="rotate(${a} 50 50)"/>`,
          )
          .join(''),
    ),
  Smartwatch: (f, d) =>
    r(40, 6, 20, 88, f, 6, d, 1) +
    r(27, 28, 46, 46, '#101216', 12, d, 2) +
    p('M36 56L44 46L52 54L64 40', 'none', '#5ce1a5', 3),
  'Over-ear headphones': (f, d) =>
    p('M18 60Q16 14 50 14Q84 14 82 60', 'none', f, 7) +
    r(10, 52, 18, 34, f, 8, d, 1.4) +
    r(72, 52, 18, 34, f, 8, d, 1.4) +
    r(24, 54, 7, 30, d, 3) +
    r(69, 54, 7, 30, d, 3),
  Earbuds: (f, d) =>
    c(32, 36, 13, f, d, 1.4) +
    r(33, 40, 9, 36, f, 4, d, 1.2) +
    c(68, 36, 13, f, d, 1.4) +
    r(58, 40, 9, 36, f, 4, d, 1.2) +
    c(23, 38, 6, d) +
    c(77, 38, 6, d),
  'Gaming headset': (f, d) =>
    p('M20 56Q18 14 50 14Q82 14 80 56', 'none', d, 6) +
    r(11, 48, 20, 34, f, 9, d, 1.4) +
    r(69, 48, 20, 34, f, 9, d, 1.4) +
    p('M22 80Q26 92 46 90', 'none', d, 3) +
    r(44, 86, 12, 7, d, 3),
  Mug: (f, d) =>
    p('M70 40Q90 40 88 56Q86 72 68 68', 'none', f, 6) +
    p('M26 26H72V78Q72 84 64 84H34Q26 84 26 78Z', f, d, 1) +
    `<ellipse cx="49" cy="27" rx="23" ry="5" fill="${d}"/>`,
  'Travel mug': (f, d, m) =>
    p('M34 22H66L62 90H38Z', f, d, 1) + r(31, 14, 38, 10, m, 3) + r(44, 8, 12, 6, m, 2),
  'Espresso cup': (f, d, m) =>
    `<ellipse cx="48" cy="78" rx="34" ry="7" fill="${m}"/>` +
    p('M64 50Q80 50 76 62Q72 68 64 66', 'none', f, 4) +
    p('M30 44H66L62 72Q60 76 54 76H42Q36 76 34 72Z', f, d, 1) +
    `<ellipse cx="48" cy="45" rx="18" ry="4" fill="#4b2f22"/>`,
  Teacup: (f, d, m) =>
    `<ellipse cx="50" cy="80" rx="40" ry="8" fill="${m}"/>` +
    p('M72 48Q92 46 86 60Q82 68 68 66', 'none', f, 4) +
    p('M22 40H76Q76 74 56 76H42Q22 74 22 40Z', f, d, 1) +
    `<ellipse cx="49" cy="41" rx="27" ry="5" fill="${d}"/>`,
  'Scented candle': (f, d, m) =>
    r(26, 38, 48, 50, f, 5, d, 1) +
    r(34, 56, 32, 18, m, 2) +
    p('M50 38V30', 'none', '#333', 1.6) +
    p('M50 30Q44 22 50 12Q56 22 50 30Z', '#f6a821'),
  'Pillar candle': (f, d) =>
    r(32, 28, 36, 62, f, 2, d, 1) +
    `<ellipse cx="50" cy="29" rx="18" ry="4" fill="${d}" opacity=".5"/>` +
    p('M50 28V21', 'none', '#333', 1.6) +
    p('M50 21Q45 14 50 6Q55 14 50 21Z', '#f6a821'),
  'Taper candles': (f, d) =>
    [30, 50, 70]
      .map(
        (x) =>
          p(`M${x - 4} 92L${x - 3} 26H${x + 3}L${x + 4} 92Z`, f, d, 0.8) +
          p(`M${x} 25Q${x - 4} 18 ${x} 10Q${x + 4} 18 ${x} 25Z`, '#f6a821'),
      )
      .join(''),
  Tealights: (f, d, m) =>
    [
      [30, 44],
      [66, 40],
      [48, 68],
    ]
      .map(
        ([x = 0, y = 0]) =>
          p(`M${x - 15} ${y}V${y + 12}Q${x} ${y + 19} ${x + 15} ${y + 12}V${y}Z`, m) +
          `<ellipse cx="${x}" cy="${y}" rx="15" ry="5.5" fill="${f}" stroke="${d}"/>` +
          p(`M${x} ${y}Q${x - 3} ${y - 6} ${x} ${y - 12}Q${x + 3} ${y - 6} ${x} ${y}Z`, '#f6a821'),
      )
      .join(''),
  'Area rug': (f, d, m) =>
    p('M24 26H76L94 80H6Z', f, d, 2.4) +
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((i) => p(`M${8 + i * 8.4} 80V86`, 'none', m, 1.4)).join(''),
  Runner: (f, d) => p('M42 8H58L72 92H28Z', f, d, 2.4),
  'Bath mat': (f, d) => r(14, 34, 72, 42, f, 12, d, 2) + r(20, 40, 60, 30, 'none', 8, d, 1.2),
  Doormat: (f, d) => r(8, 38, 84, 36, f, 2, d, 4) + p('M8 46H92M8 66H92', 'none', d, 1),
  'Table lamp': (f, d, m) =>
    p('M34 12H66L78 48H22Z', f, d, 1) + r(47, 48, 6, 12, m) + p('M40 60H60Q68 76 62 88H38Q32 76 40 60Z', d),
  'Floor lamp': (f, d, m) =>
    p('M36 8H64L72 32H28Z', f, d, 1) +
    r(48.5, 32, 3, 54, m) +
    `<ellipse cx="50" cy="88" rx="18" ry="4" fill="${m}"/>`,
  'Pendant light': (f, d, m) =>
    r(49, 0, 2, 30, m) +
    p('M44 30H56Q84 44 86 68H14Q16 44 44 30Z', f, d, 1) +
    `<ellipse cx="50" cy="69" rx="30" ry="5" fill="#fff3c4"/>`,
  'Desk lamp': (f, d, m) =>
    p('M30 84L44 50L66 30', 'none', m, 4) +
    p('M58 18L84 34L72 50L52 34Z', f, d, 1) +
    r(16, 82, 32, 7, f, 3, d, 1) +
    c(44, 50, 4, d),
  Lantern: (f, d) =>
    p('M36 24Q50 4 64 24', 'none', d, 2.4) +
    p('M32 24H68L74 34H26Z', f, d, 1) +
    r(30, 34, 40, 44, '#fff3c4', 0, d, 2) +
    p('M43 34V78M57 34V78', 'none', d, 2) +
    r(26, 78, 48, 8, f, 2, d, 1),
  'Building blocks': (f, d, m) =>
    r(14, 58, 28, 28, f, 2, d, 1.4) +
    r(46, 58, 28, 28, m, 2, d, 1.4) +
    r(30, 28, 28, 28, f, 2, d, 1.4) +
    p('M66 56L80 30L94 56Z', f, d, 1.4),
  'Plush toy': (f, d) =>
    c(30, 24, 9, f, d, 1) +
    c(70, 24, 9, f, d, 1) +
    c(50, 36, 22, f, d, 1) +
    `<ellipse cx="50" cy="72" rx="24" ry="22" fill="${f}" stroke="${d}"/>` +
    c(42, 32, 2.6, '#222') +
    c(58, 32, 2.6, '#222') +
    `<ellipse cx="50" cy="42" rx="6" ry="4.5" fill="#fff6e8"/>` +
    c(50, 40, 2, '#222') +
    c(24, 66, 8, f, d, 1) +
    c(76, 66, 8, f, d, 1),
  Puzzle: (f, d, m) =>
    r(12, 20, 76, 60, f, 2, d, 1.4) +
    p('M37 20V34Q30 38 37 44V80M63 20V52Q70 58 63 64V80M12 50H28Q34 43 40 50H88', 'none', m, 1.8),
  'Toy car': (f, d, m) =>
    p('M8 66V54Q10 48 22 47L34 32H64L76 47Q92 48 92 58V66Z', f, d, 1.2) +
    p('M36 46L42 36H50V46ZM53 46V36H62L69 46Z', '#cfe8f5') +
    c(28, 67, 10, '#25272b') +
    c(74, 67, 10, '#25272b') +
    c(28, 67, 4, m) +
    c(74, 67, 4, m),
  'Music box': (f, d, m) =>
    r(18, 50, 64, 36, f, 3, d, 1.4) +
    p('M18 50L26 22H90L82 50Z', f, d, 1.4) +
    p('M82 68H92V60', 'none', m, 3) +
    c(50, 40, 5, m) +
    p('M50 45L44 50H56Z', m),
  'Alarm clock': (f, d, m) =>
    c(32, 22, 11, m, d, 1) +
    c(68, 22, 11, m, d, 1) +
    c(50, 54, 32, f, d, 1.4) +
    c(50, 54, 24, '#fdfcf7') +
    p('M50 54V38M50 54L60 60', 'none', '#222', 2.4) +
    p('M28 80L22 90M72 80L78 90', 'none', d, 4),
  'Wall clock': (f, d) =>
    c(50, 50, 42, f, d, 2) +
    c(50, 50, 32, '#fdfcf7') +
    [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 330]
      .map((a) => `<rect x="49.2" y="20" width="1.6" height="5" fill="#333" transform="rotate(${a} 50 50)"/>`)
      .join('') +
    p('M50 50V28M50 50L66 58', 'none', '#222', 2.4),
  'Kitchen timer': (f, d, m) =>
    p('M24 60Q24 24 50 24Q76 24 76 60Q76 84 50 84Q24 84 24 60Z', f, d, 1.4) +
    p('M24 58H76', 'none', m, 4) +
    p('M50 58V50M38 58V53M62 58V53', 'none', '#333', 1.6) +
    c(50, 20, 5, d),
};
