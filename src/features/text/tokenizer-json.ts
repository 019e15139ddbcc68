import { featureError } from '../errors.ts';

/**
 * Reading the parts of a `tokenizer.json`, which comes from a stranger: each value is checked where it is used, and the
 * error says which component it stands in.
 */
export type Component = { readonly [key: string]: unknown };

export function invalid(where: string, problem: string): never {
  throw featureError('features/tokenizer-invalid', `tokenizer.json: ${where} ${problem}.`, {
    hint: 'Save the tokenizer again with the `tokenizers` or `transformers` library.',
    details: { where },
  });
}

export function unsupported(where: string, what: string): never {
  throw featureError(
    'features/tokenizer-unsupported',
    `tokenizer.json: ${where} ${what}, which Attune does not know.`,
    {
      details: { where },
    },
  );
}

export function component(value: unknown, where: string): Component {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return invalid(where, 'is not an object');
  return value as Component;
}

/** The component's `type`, e.g. `BertNormalizer`. */
export function typeOf(spec: Component, where: string): string {
  return typeof spec.type === 'string' ? spec.type : invalid(where, 'has no type');
}

/** The steps of a `Sequence`. */
export function list(spec: Component, key: string, where: string): readonly unknown[] {
  const value = spec[key];
  return Array.isArray(value) ? value : invalid(where, `has no list ${key}`);
}

export function flag(spec: Component, key: string, otherwise: boolean): boolean {
  return typeof spec[key] === 'boolean' ? spec[key] : otherwise;
}

export function text(spec: Component, key: string, where: string): string {
  const value = spec[key];
  return typeof value === 'string' ? value : invalid(where, `has no text ${key}`);
}

/** A text or nothing. */
export function optionalText(spec: Component, key: string): string | undefined {
  const value = spec[key];
  return typeof value === 'string' ? value : undefined;
}

/**
 * A `pattern` as `{"String": ...}` or `{"Regex": ...}`, as a global regular expression. `\s` means Unicode's white space,
 * as in the original; JavaScript's differs in two characters.
 */
export function pattern(value: unknown, where: string): RegExp {
  const spec = component(value, `${where}.pattern`);
  if (typeof spec.String === 'string')
    return new RegExp(spec.String.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'gu');
  if (typeof spec.Regex !== 'string') return invalid(`${where}.pattern`, 'is neither a String nor a Regex');
  const source = spec.Regex.replace(/\\([\\sS])/g, (all, letter: string) =>
    letter === 's' ? '\\p{White_Space}' : letter === 'S' ? '\\P{White_Space}' : all,
  );
  try {
    return new RegExp(source, 'gu');
  } catch {
    return unsupported(where, `uses the expression ${JSON.stringify(spec.Regex)}`);
  }
}

/** A vocabulary object, token to id. */
export function vocabularyOf(value: unknown, where: string): Map<string, number> {
  const vocabulary = new Map<string, number>();
  for (const [token, id] of Object.entries(component(value, where))) {
    if (!isId(id)) return invalid(where, `gives ${JSON.stringify(token)} the id ${JSON.stringify(id)}`);
    vocabulary.set(token, id);
  }
  if (vocabulary.size === 0) return invalid(where, 'is empty');
  return vocabulary;
}

/** Ids above this are refused: the table of tokens by id would not fit in memory. */
const ID_LIMIT = 10_000_000;

export function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < ID_LIMIT;
}
