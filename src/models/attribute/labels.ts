/** What is known of a product's attributes, in the terms of the model: canonical values, numbers in the model's unit. */
import type { AttributeSchema, Label } from '../../catalog/product.ts';
import { canonicaliser } from '../../catalog/values/canonical.ts';
import type { DecimalMark } from '../../catalog/values/numbers.ts';
import { normaliseQuantity } from '../../catalog/values/quantity.ts';

/** `none` is "not applicable". */
export type KnownLabel =
  | { readonly state: 'none' }
  | { readonly state: 'values'; readonly values: readonly string[] }
  | { readonly state: 'number'; readonly value: number };

/**
 * A label that cannot be read is reported, and trains nothing. A `rare` one names a value with too few labels to be learned:
 * only its other values train, and the model is told wrong by it.
 */
export type LabelReading =
  | KnownLabel
  | { readonly state: 'unreadable'; readonly reason: string }
  | {
      readonly state: 'rare';
      /** All of them, and those that are learned. */
      readonly values: readonly string[];
      readonly learned: readonly string[];
      readonly rare: string;
    };

/** Reads the labels of one attribute. @param decimal - what "1,234" means in its column */
export function labelReader(
  schema: AttributeSchema,
  decimal: DecimalMark = 'point',
): (label: Label) => LabelReading {
  if (schema.kind === 'number') return (label) => readNumber(label, schema.unit, decimal);
  if (schema.kind === 'extract' || schema.kind === 'generate') return readText;
  const canonical = canonicaliser(schema);
  return (label) => {
    if (label.state === 'not-applicable') return { state: 'none' };
    const values: string[] = [];
    const learned: string[] = [];
    let rare: string | undefined;
    for (const raw of label.values) {
      const found = canonical(raw);
      if (!found.ok && schema.learned !== true)
        return { state: 'unreadable', reason: `"${raw}" is not among the values of ${schema.name}` };
      if (!found.ok) rare = raw;
      const value = found.ok ? found.value : raw;
      if (!values.includes(value)) values.push(value);
      if (found.ok && !learned.includes(value)) learned.push(value);
    }
    return rare === undefined ? { state: 'values', values } : { state: 'rare', values, learned, rare };
  };
}

function readText(label: Label): LabelReading {
  if (label.state === 'not-applicable') return { state: 'none' };
  const values = [...new Set(label.values.map((value) => value.trim()).filter((value) => value !== ''))];
  return values.length > 0 ? { state: 'values', values } : { state: 'none' };
}

function readNumber(label: Label, unit: string | undefined, decimal: DecimalMark): LabelReading {
  if (label.state === 'not-applicable') return { state: 'none' };
  const quantity = normaliseQuantity(label.values[0] ?? '', unit, decimal);
  return quantity.ok
    ? { state: 'number', value: quantity.value }
    : { state: 'unreadable', reason: quantity.reason };
}

/** Whether two quantities are the same up to rounding in a text: within 1 %. */
export function sameQuantity(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.01 * Math.max(Math.abs(a), Math.abs(b));
}
