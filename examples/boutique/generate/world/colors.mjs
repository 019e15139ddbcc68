/**
 * Fifteen colour families and the shades in which suppliers write them. `rgb` is the family's own paint for pictures;
 * a shade is `[rgb, en, de, fr, ja, zh]`; the first shade of a family is its plain name.
 */

/** @typedef {{rgb: string, en: string, de: string, fr: string, ja: string, zh: string}} Shade */

/** @param {...string} s @returns {Shade} */
const shade = (...s) => {
  const [rgb = '', en = '', de = '', fr = '', ja = '', zh = ''] = s;
  return { rgb, en, de, fr, ja, zh };
};

/** @type {Readonly<Record<string, {weight: number, shades: readonly Shade[]}>>} */
export const COLORS = {
  Black: {
    weight: 17,
    shades: [
      shade('#18181a', 'black', 'Schwarz', 'noir', 'ブラック', '黑色'),
      shade('#0c0c10', 'jet black', 'Tiefschwarz', 'noir de jais', '黒', '纯黑'),
      shade('#23232b', 'onyx', 'Onyx', 'onyx', 'オニキス', '曜石黑'),
      shade('#2b2b2b', 'ebony', 'Ebenholzschwarz', 'ébène', '漆黒', '乌木黑'),
    ],
  },
  White: {
    weight: 12,
    shades: [
      shade('#fafafa', 'white', 'Weiß', 'blanc', 'ホワイト', '白色'),
      shade('#f6f2e7', 'off-white', 'Offwhite', 'blanc cassé', 'オフホワイト', '米白'),
      shade('#f4efe0', 'ivory', 'Elfenbein', 'ivoire', 'アイボリー', '象牙白'),
      shade('#f9f6ee', 'chalk', 'Kreideweiß', 'craie', '白', '雪白'),
    ],
  },
  Grey: {
    weight: 9,
    shades: [
      shade('#8d9094', 'grey', 'Grau', 'gris', 'グレー', '灰色'),
      shade('#4a4d52', 'charcoal', 'Anthrazit', 'anthracite', 'チャコール', '炭灰'),
      shade('#6d7780', 'slate', 'Schiefergrau', 'ardoise', 'スレート', '石板灰'),
      shade('#c4c6c8', 'heather grey', 'Hellgrau meliert', 'gris chiné', '杢グレー', '浅灰'),
    ],
  },
  Blue: {
    weight: 14,
    shades: [
      shade('#2f62b5', 'blue', 'Blau', 'bleu', 'ブルー', '蓝色'),
      shade('#1c2748', 'navy', 'Marine', 'bleu marine', 'ネイビー', '藏青'),
      shade('#3a4f8f', 'indigo', 'Indigo', 'indigo', '藍', '靛蓝'),
      shade('#9cc3e6', 'sky blue', 'Hellblau', 'bleu ciel', '水色', '天蓝'),
      shade('#2a7f9e', 'teal', 'Petrol', 'bleu canard', 'ティール', '孔雀蓝'),
      shade('#5b7fa6', 'denim', 'Jeansblau', 'bleu jean', 'デニムブルー', '牛仔蓝'),
    ],
  },
  Green: {
    weight: 10,
    shades: [
      shade('#2f8a4c', 'green', 'Grün', 'vert', 'グリーン', '绿色'),
      shade('#6b7138', 'olive', 'Oliv', 'vert olive', 'オリーブ', '橄榄绿'),
      shade('#9caf88', 'sage', 'Salbei', 'vert sauge', 'セージ', '鼠尾草绿'),
      shade('#1f4d36', 'forest', 'Tannengrün', 'vert sapin', '深緑', '墨绿'),
      shade('#a6dcc0', 'mint', 'Mint', "vert d'eau", 'ミント', '薄荷绿'),
    ],
  },
  Red: {
    weight: 9,
    shades: [
      shade('#c32a2f', 'red', 'Rot', 'rouge', 'レッド', '红色'),
      shade('#6d1f2b', 'burgundy', 'Bordeaux', 'bordeaux', 'ボルドー', '酒红'),
      shade('#4f1a20', 'oxblood', 'Ochsenblut', 'sang de bœuf', 'ワインレッド', '枣红'),
      shade('#d8343a', 'scarlet', 'Scharlach', 'écarlate', '朱', '大红'),
      shade('#a8323e', 'cherry', 'Kirsche', 'cerise', 'チェリー', '樱桃红'),
    ],
  },
  Pink: {
    weight: 7,
    shades: [
      shade('#ef9ab5', 'pink', 'Rosa', 'rose', 'ピンク', '粉色'),
      shade('#f3d0cf', 'blush', 'Altrosa', 'rose poudré', '桜', '裸粉'),
      shade('#d6336c', 'fuchsia', 'Fuchsia', 'fuchsia', 'フューシャ', '玫红'),
      shade('#d99a97', 'dusty rose', 'Puderrosa', 'vieux rose', 'くすみピンク', '豆沙粉'),
    ],
  },
  Brown: {
    weight: 10,
    shades: [
      shade('#6f4a30', 'brown', 'Braun', 'marron', 'ブラウン', '棕色'),
      shade('#9a5a2d', 'cognac', 'Cognac', 'cognac', 'コニャック', '干邑色'),
      shade('#4b2f22', 'chocolate', 'Schoko', 'chocolat', 'チョコレート', '巧克力色'),
      shade('#b9824f', 'tan', 'Hellbraun', 'fauve', 'タン', '棕褐'),
      shade('#5a4033', 'walnut', 'Nussbaum', 'noyer', '焦茶', '胡桃色'),
    ],
  },
  Beige: {
    weight: 8,
    shades: [
      shade('#d9c6a5', 'beige', 'Beige', 'beige', 'ベージュ', '米色'),
      shade('#c19a6b', 'camel', 'Camel', 'camel', 'キャメル', '驼色'),
      shade('#e2d3b8', 'sand', 'Sand', 'sable', 'サンド', '沙色'),
      shade('#e8dcc8', 'oatmeal', 'Hafer', 'avoine', 'オートミール', '燕麦色'),
      shade('#b5a48c', 'taupe', 'Taupe', 'taupe', '生成り', '灰褐'),
    ],
  },
  Yellow: {
    weight: 5,
    shades: [
      shade('#f0c419', 'yellow', 'Gelb', 'jaune', 'イエロー', '黄色'),
      shade('#c9971c', 'mustard', 'Senf', 'jaune moutarde', 'マスタード', '姜黄'),
      shade('#f7e27c', 'lemon', 'Zitrone', 'jaune citron', 'レモン', '柠檬黄'),
      shade('#d9a528', 'ochre', 'Ocker', 'ocre', '山吹', '赭黄'),
    ],
  },
  Orange: {
    weight: 4,
    shades: [
      shade('#e8772e', 'orange', 'Orange', 'orange', 'オレンジ', '橙色'),
      shade('#c15a33', 'terracotta', 'Terrakotta', 'terre cuite', 'テラコッタ', '陶土色'),
      shade('#b5532a', 'rust', 'Rost', 'rouille', 'ラスト', '铁锈色'),
      shade('#f4a887', 'apricot', 'Aprikose', 'abricot', 'アプリコット', '杏橙'),
    ],
  },
  Purple: {
    weight: 4,
    shades: [
      shade('#6f3fa0', 'purple', 'Lila', 'violet', 'パープル', '紫色'),
      shade('#b59fd6', 'lavender', 'Lavendel', 'lavande', 'ラベンダー', '薰衣草紫'),
      shade('#5b2a4f', 'aubergine', 'Aubergine', 'aubergine', '茄子紺', '茄紫'),
      shade('#8e4585', 'plum', 'Pflaume', 'prune', 'プラム', '梅紫'),
    ],
  },
  Gold: {
    weight: 2.5,
    shades: [
      shade('#c9a227', 'gold', 'Gold', 'doré', 'ゴールド', '金色'),
      shade('#c88f7a', 'rose gold', 'Roségold', 'or rose', 'ローズゴールド', '玫瑰金'),
      shade('#b08d57', 'antique gold', 'Altgold', 'vieil or', 'シャンパンゴールド', '古铜金'),
    ],
  },
  Silver: {
    weight: 2.5,
    shades: [
      shade('#b9bec4', 'silver', 'Silber', 'argenté', 'シルバー', '银色'),
      shade('#9ea4aa', 'gunmetal', 'Stahlgrau glänzend', 'canon de fusil', 'ガンメタル', '枪色'),
      shade('#d5d9dd', 'chrome', 'Chrom', 'chromé', 'クローム', '铬色'),
    ],
  },
  Multicolour: {
    weight: 2,
    shades: [
      shade('#7fb069', 'multicolour', 'Bunt', 'multicolore', 'マルチカラー', '彩色'),
      shade('#e4572e', 'rainbow', 'Regenbogen', 'arc-en-ciel', 'レインボー', '七彩'),
      shade('#4ea8de', 'multi', 'Mehrfarbig', 'bariolé', 'カラフル', '多色'),
    ],
  },
};

/** Families for which each category has little use (weight divided by twenty). */
export const RARE_COLORS = {
  Dresses: ['Gold', 'Silver'],
  Knitwear: ['Gold', 'Silver'],
  Rugs: ['Gold', 'Silver'],
  Toys: ['Gold', 'Silver'],
  Watches: ['Multicolour', 'Yellow', 'Orange', 'Purple'],
  Headphones: ['Multicolour', 'Brown', 'Orange'],
  Shoes: ['Gold', 'Purple'],
};
