/**
 * What a cell says about an attribute: nothing, "does not apply here", or values.
 */
import type { AttributeKind, Label } from './product.ts';

export type LabelRules = {
  readonly kind: AttributeKind;
  readonly separator: string | undefined;
  /** In lower case. */
  readonly notApplicable: ReadonlySet<string>;
};

/**
 * @param cell - text, a number, an array of values, or an object with a value for each key: a score (`{"Red": 1}`, 0
 * is no value) or evidence with a score (`{"Red": {"pid": [0], "score": 1}}`); `{"value": 12, "unit": "cm"}` is "12 cm"
 * @returns undefined when the cell says nothing: empty, null, no values
 */
export function labelOf(cell: unknown, rules: LabelRules): Label | undefined {
  const found = [...new Set(valuesOf(cell, rules).map((value) => value.trim()))].filter(
    (value) => value !== '',
  );
  if (found.length === 0) return undefined;
  const values = found.filter((value) => !rules.notApplicable.has(value.toLowerCase()));
  return values.length === 0 ? { state: 'not-applicable' } : { state: 'value', values };
}

function valuesOf(cell: unknown, rules: LabelRules): string[] {
  if (cell === null || cell === undefined) return [];
  if (typeof cell === 'string') return split(cell, rules);
  if (typeof cell !== 'object') return [String(cell)];
  if (Array.isArray(cell)) {
    return cell.flatMap((item) => (typeof item === 'string' ? [item] : valuesOf(item, rules)));
  }
  if (ArrayBuffer.isView(cell)) return [];
  const entries = Object.entries(cell);
  const unit = entries.find(([key]) => key === 'unit')?.[1];
  const value = entries.find(([key]) => key === 'value')?.[1];
  if (typeof unit === 'string' && (typeof value === 'number' || typeof value === 'string')) {
    return [`${value} ${unit}`];
  }
  return entries.filter(([, score]) => isScored(score)).map(([key]) => key);
}

/** The parts of a text cell; a JSON array counts as its items for every kind. */
function split(cell: string, { kind, separator }: LabelRules): string[] {
  const text = cell.trim();
  if (text.startsWith('[') && text.endsWith(']')) {
    const items = jsonOf(text);
    if (Array.isArray(items)) return items.filter(isScalar).map(String);
  }
  if (separator !== undefined) return text.split(separator);
  return kind === 'multi' ? text.split(/[;|]/) : [text];
}

function isScalar(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function isScored(score: unknown): boolean {
  if (typeof score === 'number') return score > 0;
  if (typeof score === 'boolean') return score;
  if (typeof score !== 'object' || score === null) return false;
  const inner = (score as { score?: unknown }).score;
  return inner === undefined || isScored(inner);
}

/** The object that a cell of a nested column holds; undefined when it holds none. */
export function objectOf(cell: unknown): Readonly<Record<string, unknown>> | undefined {
  const value = typeof cell === 'string' ? jsonOf(cell) : cell;
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** The JSON value that a text holds; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
