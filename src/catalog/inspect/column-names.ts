/** What a column's name says about it. A hint only: what the cells hold decides with it. */

/** "ItemGroupID", "item_group_id" and "Item group ID" in lower-case words. */
export function nameWords(name: string): readonly string[] {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

const WORDS = {
  id: 'id ids sku skus asin gtin ean upc isbn barcode uuid guid handle code codes number no nr key artikelnummer',
  group: 'parent group cluster family style model variant clothing stock product item',
  title: 'title titles name names titel nom headline heading titre bezeichnung product',
  text:
    'description descriptions desc text texts body content input review reviews comment comments summary details ' +
    'bullet bullets features highlights caption message sentence beschreibung html tagline blurb specification',
  label: 'label labels target class classes y output answer intent sentiment',
  brand:
    'brand brands manufacturer maker marke hersteller marque fabricant vendor publisher author artist model',
  category: 'category categories kategorie catégorie',
  url: 'url urls link links href website host domain site src',
  image: 'image images img picture pictures photo photos thumbnail bild',
  audio: 'audio sound sounds clip clips recording recordings voice',
  time: 'date time timestamp created updated modified published datetime datum at',
  split: 'split fold subset partition side',
  money: 'price prices cost costs amount revenue sales discount msrp rrp preis prix usd eur gbp margin tax',
  count: 'count counts qty quantity stock inventory views clicks orders position rank votes reviews',
  measure:
    'weight length height width depth thickness diameter radius size volume capacity power voltage wattage current ' +
    'frequency temperature area speed resolution memory storage battery pressure angle gewicht länge höhe breite tiefe ' +
    'poids longueur hauteur largeur inhalt dose concentration strength',
  year: 'year years jahr année age',
  person: 'customer user shopper session invoice order seller vendorid agency',
} as const;
export type NameHint = keyof typeof WORDS;

const SETS = Object.fromEntries(
  Object.entries(WORDS).map(([hint, words]) => [hint, new Set(words.split(' '))]),
) as unknown as Readonly<Record<NameHint, ReadonlySet<string>>>;

export function hints(name: string, hint: NameHint): boolean {
  return nameWords(name).some((word) => SETS[hint].has(word));
}

/** Whether the whole name is such a word ("category", not "category rank"). */
export function isNamed(name: string, hint: NameHint): boolean {
  const words = nameWords(name);
  return words.length === 1 && SETS[hint].has(words[0]!);
}

/** The last word: "Clothing ID" is an id, "id type" is a type. */
export function endsIn(name: string, hint: NameHint): boolean {
  const last = nameWords(name).at(-1);
  return last !== undefined && SETS[hint].has(last);
}
