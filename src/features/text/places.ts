/** Where values stand in the texts of a product. */

/** Characters [start, end) of one of a product's texts, in UTF-16 units. */
export type Place = { readonly field: number; readonly start: number; readonly end: number };

export type PlacesLimits = {
  /** Places at most. */
  readonly most: number;
  /** Characters that are looked at of each text; all when left out. */
  readonly characters?: number;
};

/** Every place of a value, letter for letter, in the order of the texts; overlapping ones too. An empty value has none. */
export function placesOf(
  value: string,
  texts: readonly string[],
  { most, characters }: PlacesLimits,
): Place[] {
  const places: Place[] = [];
  if (value === '') return places;
  for (const [field, whole] of texts.entries()) {
    const text = characters === undefined ? whole : whole.slice(0, characters);
    for (let at = text.indexOf(value); at >= 0 && places.length < most; at = text.indexOf(value, at + 1))
      places.push({ field, start: at, end: at + value.length });
  }
  return places;
}

/** Whether two places share a character. */
export function overlap(a: Place, b: Place): boolean {
  return a.field === b.field && a.start < b.end && b.start < a.end;
}
