/** The French phrase book. */

const OPENINGS = {
  Candles: [
    "Une $one aux notes de {figue et de cèdre|fleur d'oranger|thé blanc|bois mouillé}.",
    '{Allumez-la|À allumer} quand la pluie commence ; en dix minutes, la pièce change.',
    "Une flamme {lente|douce} pour les longues soirées {d'hiver|au bain}.",
  ],
  Dresses: [
    'Une coupe qui suit le corps sans le serrer.',
    '$model, {fluide|légère} et {facile à vivre|sans histoires}.',
    "La robe des jours où l'on ne veut pas {choisir|réfléchir}.",
    'Née {dans notre atelier de Lyon|sur un coin de nappe}, cette $type {bouge|danse} avec vous.',
  ],
  Bags: [
    'Il contient {toute une journée|plus qu’il n’y paraît} et reste {élégant|bien rangé}.',
    'Dessiné autour de {cinq|six} objets que tout le monde emporte.',
    'Une belle patine viendra avec le temps.',
  ],
  Shoes: [
    '{Confortables|Souples} dès le premier jour.',
    'La forme vient d’une vieille photo, le confort est bien actuel.',
    'Prenez votre pointure habituelle.',
  ],
  Mugs: [
    'Une anse où passent {trois doigts|toute la main}.',
    'Pour le café du matin {à la fenêtre|au balcon}.',
    'Contenance : $ml ml environ.',
  ],
};

const IMPLIED = {
  audience: {
    Women: ['Pour femme.', 'Coupe féminine.', "Elle l'emportera partout."],
    Men: ['Pour homme.', 'Coupe masculine.', 'Pour lui.'],
    Unisex: ['Mixte.', 'Pour elle comme pour lui.'],
    Kids: ['Pour enfants dès {3|4|5} ans.', 'Taillé pour la cour de récré.'],
  },
  occasion: {
    Everyday: ['Pour tous les jours.', "De l'école à la boulangerie."],
    Work: ['Parfait au bureau.', 'Pour la réunion du lundi comme pour le déjeuner client.'],
    Evening: [
      'Pour les soirs de fête.',
      "À porter à l'opéra ou à un mariage.",
      'Capte la lumière sur la piste de danse.',
    ],
    Outdoor: ['À l’aise sur les sentiers.', 'Pour la randonnée.'],
    Travel: ['Se glisse sous le siège du train.', 'Pour les week-ends ailleurs.'],
  },
  season: {
    Summer: ["Légère, même à l'ombre d'un août caniculaire.", "Pour l'été."],
    Winter: ['Chaude quand il gèle.', "Pour l'hiver."],
    'Mid-season': ['Pour la mi-saison.', 'Idéal au printemps et en automne.'],
    'All year': ["Se porte toute l'année.", 'Pour les quatre saisons.'],
  },
  care: {
    'Machine wash': ['Lavable en machine à 30°.', 'Passe à la machine.'],
    'Hand wash': ['Lavage à la main.', 'Pas de machine : un peu d’eau tiède et de savon.'],
    'Dry clean': ['Nettoyage à sec uniquement.', 'À confier au pressing.'],
    'Dishwasher safe': ['Passe au lave-vaisselle.', 'Compatible lave-vaisselle.'],
    'Spot clean': ['Nettoyer avec un chiffon humide.'],
  },
  features: {
    Waterproof: ['Imperméable.', 'La pluie glisse dessus.'],
    Insulated: ['Double paroi.', 'Garde le thé chaud pendant {six|huit} heures.'],
    Handmade: ['Fait main.', 'Chaque pièce est unique.'],
    Vegan: ['Vegan.', 'Sans aucune matière animale.'],
    Organic: ['Issu de l’agriculture biologique.', 'Bio.'],
    Recycled: ['En matière recyclée.', 'Une seconde vie pour {des filets de pêche|des bouteilles}.'],
    Adjustable: ['Réglable.', 'Bandoulière ajustable.'],
    Foldable: ['Pliable.', 'Se replie à plat.'],
    'Non-slip': ['Antidérapant.', 'Tient bien, même sur sol mouillé.'],
    Pockets: ['Avec des poches !', '{Deux|Trois} poches intérieures.'],
  },
};

/** @type {import('./book.mjs').Book} */
export const FRENCH = {
  titles: {
    prose: [
      '$type $model $color',
      '$brand – $type en $material, $color',
      '$type en $material',
      '$type $model, $color, taille $size',
      '$brand $type $color',
      '$type $pattern $brand',
      '$type $feature $brand $color',
      '$type $audience $brand $color $size',
      '$type $brand',
    ],
  },
  openings: (_style, category) => /** @type {Record<string, string[]>} */ (OPENINGS)[category] ?? [],
  asides: (category) =>
    ({
      Candles: ['Durée : $hours h environ.', 'Nouée d’un ruban $other.'],
      Dresses: ['Le mannequin mesure 1m{75|78} et porte une taille S.', 'À porter avec une ceinture $other.'],
      Bags: ['Doublure $other.', 'Accueille un ordinateur 13 pouces.'],
      Shoes: ['Semelle intérieure amovible.', 'Talon $heel cm.'],
      Mugs: ['Intérieur émaillé $other.'],
    })[category] ?? [],
  closings: () => [
    '',
    '',
    'Emballé dans du papier de soie.',
    'Retours gratuits sous 30 jours.',
    'Photographié à la lumière du jour.',
  ],
  material: (category) =>
    ({
      Candles: [
        'Coulée en $m1, dans un pot en $m2.',
        'En $m1{ et mèche de coton|}.',
        'En $m1, dans un pot en $m2.',
      ],
      Shoes: ['Dessus en $m1, semelle en $m2.', 'Tige en $m1.'],
      Dresses: ['Taillée en $m1.', '$blend.', 'Composition : $blend.'],
    })[category] ?? ['En $m1{ et $m2|}.', 'Fabriqué en $m1.', '$m1, $m2.'],
  color: ['Coloris : $color.', 'Coloris $color.', 'Ici en $color.'],
  patternWords: {
    Striped: ['rayures marinières', 'fines rayures'],
    Checked: ['vichy', 'tartan'],
    Floral: ['pivoines', 'fleurs des champs'],
    'Polka dot': ['pois', 'plumetis'],
    Animal: ['imprimé léopard'],
    Geometric: ['losanges', 'chevrons'],
    'Fair Isle': ['jacquard nordique'],
    Solid: ['uni'],
  },
  pattern: ['Motif : $pattern.', 'Le motif : $pattern.', 'Imprimé : $pattern.'],
  patternSolid: ['Uni.', 'Sans motif, elle va avec tout.'],
  implied: IMPLIED,
  weight: ['Poids : $weight.', 'Pèse $weight.', '$weight environ.'],
  size: () => ['Taille $size.', 'Taille : $size.'],
  brand: ['Par $brand.', 'Signé $brand.'],
  short: {
    audience: {
      Women: ['femme', 'pour femme'],
      Men: ['homme', 'pour homme'],
      Unisex: ['mixte'],
      Kids: ['enfant', 'fille garçon'],
    },
    features: {
      Waterproof: ['imperméable'],
      Insulated: ['isotherme', 'double paroi'],
      Handmade: ['fait main', 'artisanal'],
      Vegan: ['vegan'],
      Organic: ['bio'],
      Recycled: ['recyclé'],
      Adjustable: ['réglable'],
      Foldable: ['pliable'],
      'Non-slip': ['antidérapant'],
      Pockets: ['avec poches'],
    },
    pattern: {
      Striped: ['rayé', 'marinière'],
      Checked: ['à carreaux', 'vichy'],
      Floral: ['fleuri', 'à fleurs'],
      'Polka dot': ['à pois'],
      Animal: ['léopard'],
      Geometric: ['à chevrons', 'géométrique'],
      'Fair Isle': ['jacquard'],
      Solid: ['uni'],
    },
  },
  keys: {},
  and: ' et ',
  space: ' ',
};
