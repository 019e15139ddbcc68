/** The Japanese phrase book: no spaces between words. */

const OPENINGS = {
  Mugs: [
    '手に{しっくり|すっと}なじむ$typeです。',
    '毎朝の一杯が{楽しみ|待ち遠しく}になる$type。',
    '容量は約$mlミリリットル。',
  ],
  Watches: ['{シンプル|端正}な文字盤の$type。', '{薄型|軽量}で袖口にすっきり収まります。'],
  Headphones: ['{澄んだ|厚みのある}音が楽しめる$type。', '{通勤|在宅勤務}の時間を静かな音楽の時間に。'],
  Clocks: ['{見やすい|大きな}文字盤の$typeです。', 'お部屋になじむ{北欧風|和モダン}デザイン。'],
  Bags: ['{A4|13インチPC}が入る$type。', '使うほどに{味わい|愛着}が深まります。'],
};

const IMPLIED = {
  audience: {
    Women: ['レディース。', '女性のために作られたサイズ感。'],
    Men: ['メンズ。', '男性への贈り物にも。'],
    Unisex: ['男女兼用。', 'ユニセックスでお使いいただけます。'],
    Kids: ['お子様用。', '小学生にちょうどよい大きさ。'],
  },
  occasion: {
    Everyday: ['普段使いに。', '毎日のお出かけに。'],
    Work: ['通勤・オフィスに。', 'ビジネスシーンにも。'],
    Evening: ['パーティーや結婚式に。', '夜のお出かけに。'],
    Outdoor: ['アウトドアに。', 'キャンプや登山のお供に。'],
    Travel: ['旅行に最適。', '機内持ち込み可能。'],
  },
  care: {
    'Dishwasher safe': ['食洗機対応。', '食器洗い機で洗えます。'],
    'Hand wash': ['手洗いしてください。', '食洗機は使用不可。'],
  },
  power: {
    Battery: ['単3電池{2|1}本使用(別売)。', '電池式。'],
    Rechargeable: ['USB-C充電。', '約2時間でフル充電。'],
    Mains: ['コンセント式。', 'AC100-240V。'],
    Solar: ['ソーラー充電。', '光で動き続けます。'],
    Mechanical: ['手巻き式。', '自動巻き。'],
    'No power': ['有線タイプ、充電不要。'],
  },
  features: {
    Waterproof: ['防水。', '{5|10}気圧防水。', '雨の日も安心。'],
    Insulated: ['真空二重構造。', '{6|8}時間温かいまま。'],
    Handmade: ['職人の手作り。', '一点ずつ表情が異なります。'],
    Vegan: ['動物由来素材不使用。'],
    Recycled: ['再生素材を使用。'],
    'Noise cancelling': ['ノイズキャンセリング搭載。', '電車の音がすっと消えます。'],
    Wireless: ['Bluetooth対応。', 'ワイヤレス。'],
    Foldable: ['折りたたみ式。', 'コンパクトにたためます。'],
    Adjustable: ['長さ調節可能。'],
    Dimmable: ['調光機能付き。', '明るさ{3|5}段階。'],
    'Non-slip': ['滑り止め付き。'],
    Pockets: ['内ポケット付き。'],
  },
  sound: {
    Bell: ['ベル音。'],
    Beep: ['電子音アラーム。'],
    Birdsong: ['鳥のさえずりで目覚める。'],
    Melody: ['メロディー付き。'],
    Chime: ['時報チャイム付き。'],
    Silent: ['音のしない静かな秒針。'],
  },
};

/** @type {import('./book.mjs').Book} */
export const JAPANESE = {
  titles: {
    plain: [
      '【$brand】$type $color',
      '$brand $type $model $color',
      '$material$type $color',
      '$brand $feature $type $color',
      '$type $audience $color 【$brand】',
      '$feature$type 日本製',
      '$pattern$type $color',
    ],
  },
  openings: (_style, category) => /** @type {Record<string, string[]>} */ (OPENINGS)[category] ?? [],
  asides: (category) =>
    ({
      Mugs: ['内側は$otherです。', '高さ約9cm。', '電子レンジ可。'],
      Watches: ['ケース径{38|40}mm。', '文字盤は$other。'],
      Headphones: ['最大{20|30}時間再生。'],
      Clocks: ['直径約{25|30}cm。'],
      Bags: ['裏地は$other。'],
    })[category] ?? [],
  closings: () => [
    '',
    '',
    'ギフト包装承ります。',
    '※モニターにより色味が異なる場合があります。',
    '1年保証。',
  ],
  material: (category) =>
    category === 'Watches'
      ? ['ケース:$m1、バンド:$m2。', 'ケースは$m1製。']
      : ['素材:$m1{、$m2|}。', '$m1製。', '素材は$m1と$m2。'],
  color: ['カラー:$color。', '色は$colorです。'],
  patternWords: {
    Striped: ['ストライプ', 'ボーダー'],
    Checked: ['チェック', '市松模様'],
    Floral: ['花柄', '桜模様'],
    'Polka dot': ['水玉', 'ドット'],
    Animal: ['ヒョウ柄'],
    Geometric: ['麻の葉', '幾何学模様'],
    'Fair Isle': ['ノルディック柄'],
    Solid: ['無地'],
  },
  pattern: ['$patternのデザイン。', '柄:$pattern。'],
  patternSolid: ['無地。', 'シンプルな無地です。'],
  implied: IMPLIED,
  weight: ['重さ:$weight。', '重量$weight。', '約$weight。'],
  size: () => ['サイズ:$size。'],
  brand: ['ブランド:$brand。', '$brand製。'],
  short: {
    audience: {
      Women: ['レディース'],
      Men: ['メンズ'],
      Unisex: ['男女兼用', 'ユニセックス'],
      Kids: ['キッズ', '子供用'],
    },
    features: {
      Waterproof: ['防水'],
      Insulated: ['真空断熱', '保温'],
      Handmade: ['手作り'],
      Vegan: ['ヴィーガン'],
      Recycled: ['エコ素材'],
      'Noise cancelling': ['ノイキャン', 'ANC'],
      Wireless: ['ワイヤレス', 'Bluetooth'],
      Foldable: ['折りたたみ'],
      Adjustable: ['調節可'],
      Dimmable: ['調光'],
      'Non-slip': ['滑り止め'],
      Pockets: ['ポケット付き'],
    },
    pattern: {
      Striped: ['ボーダー'],
      Checked: ['チェック', '市松'],
      Floral: ['花柄'],
      'Polka dot': ['水玉'],
      Animal: ['ヒョウ柄'],
      Geometric: ['幾何学'],
      'Fair Isle': ['ノルディック'],
      Solid: ['無地'],
    },
  },
  keys: {},
  and: 'と',
  space: '',
};
