/** A person's name and words in JSON that others wrote: taken out, and nothing else. */

/** What stands where a person's name was. */
export const NOBODY = '(removed)';

export type Theirs = {
  readonly name: string;
  /** What nobody else searched for, in lower case, and gave as a reason. */
  readonly queries: ReadonlySet<string>;
  readonly reasons: ReadonlySet<string>;
};

/** What the text or the list of texts under such a name says is no person, though one be called so. */
const NO_PERSON = new Set(
  `id productId product model version attribute value values has unit supplier category locale field media reference pictures hash
    provenance status source monitor signal rule title message kind state folder checksum action subject suggested`.split(
    /\s+/,
  ),
);
/** A product's own fields. */
const NO_PEOPLE_WITHIN = 'fields';

/** The same JSON, also within a text that is JSON itself, without the person. */
export function withoutPerson(json: unknown, theirs: Theirs): unknown {
  return walked(json, '', false, theirs);
}

/** @param under - the name that it stands under @param isKey - whether it is of a caller's key, whose name is a person's */
function walked(json: unknown, under: string, isKey: boolean, theirs: Theirs): unknown {
  if (typeof json === 'string') {
    if (json === theirs.name) return NO_PERSON.has(under) || (under === 'name' && !isKey) ? json : NOBODY;
    return /^\s*[[{]/.test(json) ? withinText(json, theirs) : json;
  }
  if (Array.isArray(json)) {
    const kept = json.filter((one) => !isQuoted(one, under, theirs));
    return kept.map((one) => walked(one, under, isKey, theirs));
  }
  if (json === null || typeof json !== 'object' || under === NO_PEOPLE_WITHIN) return json;
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name === theirs.name ? NOBODY : name,
      walked(value, name, 'role' in json, theirs),
    ]),
  );
}

function withinText(text: string, theirs: Theirs): string {
  try {
    const before: unknown = JSON.parse(text);
    const after = withoutPerson(before, theirs);
    return JSON.stringify(after) === JSON.stringify(before) ? text : JSON.stringify(after);
  } catch {
    return text;
  }
}

/** What the evidence of an item quotes of shoppers. */
function isQuoted(one: unknown, under: string, { queries, reasons }: Theirs): boolean {
  if (under === 'reasons') return typeof one === 'string' && reasons.has(one);
  if (under !== 'queries' || one === null || typeof one !== 'object') return false;
  return 'query' in one && queries.has(String(one.query));
}
