/** Labels of a batch as the arrays that objective.ts reads. */
import { normaliseQuantity } from '../catalog/values/quantity.ts';
import type { Value } from '../graph/session.ts';
import type { SpanExample } from '../models/attribute/example.ts';
import { type KnownLabel, sameQuantity } from '../models/attribute/labels.ts';
import { standardise } from '../models/attribute/number-head.ts';
import { type AttributeModelSpec, choiceColumns } from '../models/attribute/spec.ts';

export type LabelledExample = {
  readonly texts: readonly string[];
  readonly spans: SpanExample | undefined;
  readonly labels: Readonly<Record<string, KnownLabel>>;
};

export type TargetOptions = {
  /** Weight of taking an attribute that a labelled product does not list as having no value; 0 to 1. */
  readonly unlistedWeight: number;
};

export type Targets = {
  readonly values: Record<string, Value> /** Labelled pairs in the batch. */;
  readonly weight: number;
};

export function makeTargets(
  spec: AttributeModelSpec,
  batch: readonly LabelledExample[],
  options: TargetOptions,
): Targets {
  const values: Record<string, Value> = {};
  let weight = 0;
  const columns = choiceColumns(spec.choices);
  for (const [i, choice] of spec.choices.entries()) {
    const mask = new Float32Array(batch.length);
    const chosen = new Int32Array(batch.length).fill(-1);
    const some = new Float32Array(batch.length * columns[i]!.size);
    const index = new Map(choice.values.map((value, v) => [value, v]));
    for (const [b, { labels }] of batch.entries()) {
      const label = labels[choice.attribute];
      if (label === undefined || label.state === 'number') continue;
      if (choice.kind === 'multi') {
        mask[b] = 1;
        if (label.state === 'values')
          for (const value of label.values) some[b * columns[i]!.size + index.get(value)!] = 1;
        continue;
      }
      const at =
        label.state === 'none'
          ? choice.notApplicable
            ? choice.values.length
            : undefined
          : index.get(label.values[0]!);
      if (at === undefined) continue;
      mask[b] = 1;
      chosen[b] = at;
    }
    values[`target.choiceMask.${i}`] = { dtype: 'float32', dims: [batch.length], data: mask };
    if (choice.kind === 'multi')
      values[`target.multi.${i}`] = { dtype: 'float32', dims: [batch.length, columns[i]!.size], data: some };
    else values[`target.choice.${i}`] = { dtype: 'int32', dims: [batch.length], data: chosen };
    weight += total(mask);
  }
  if (spec.numbers.length > 0) weight += addNumbers(spec, batch, values);
  if (spec.spans) weight += addSpans(spec, batch, values, options);
  return { values, weight };
}

function addNumbers(
  spec: AttributeModelSpec,
  batch: readonly LabelledExample[],
  values: Record<string, Value>,
): number {
  const dims = [batch.length, spec.numbers.length];
  const targets = new Float32Array(batch.length * spec.numbers.length);
  const mask = new Float32Array(targets.length);
  for (const [b, { labels }] of batch.entries()) {
    for (const [n, number] of spec.numbers.entries()) {
      const label = labels[number.attribute];
      if (label?.state !== 'number') continue;
      targets[b * spec.numbers.length + n] = standardise(number, label.value);
      mask[b * spec.numbers.length + n] = 1;
    }
  }
  values['target.number'] = { dtype: 'float32', dims, data: targets };
  values['target.numberMask'] = { dtype: 'float32', dims, data: mask };
  return total(mask);
}

function addSpans(
  spec: AttributeModelSpec,
  batch: readonly LabelledExample[],
  values: Record<string, Value>,
  { unlistedWeight }: TargetOptions,
): number {
  const answers = 1 + Math.max(1, ...batch.map(({ spans }) => spans!.candidates.length));
  const attributes = Math.max(1, ...batch.map(({ spans }) => spans!.attributes.length));
  const right = new Float32Array(batch.length * answers * attributes);
  const weights = new Float32Array(batch.length * attributes);
  const units = new Map(spec.numbers.map(({ attribute, unit }) => [attribute, unit]));
  for (const [b, example] of batch.entries()) {
    const spans = example.spans!;
    const labelled = Object.keys(example.labels).length > 0;
    for (const [a, attribute] of spans.attributes.entries()) {
      const label = example.labels[attribute];
      const at = (answer: number) => (b * answers + answer) * attributes + a;
      if (label === undefined || label.state === 'none') {
        right[at(0)] = 1;
        weights[b * attributes + a] = label !== undefined ? 1 : labelled ? unlistedWeight : 0;
        continue;
      }
      const matches = matcher(label, units.get(attribute));
      let found = false;
      for (const [c, { field, start, end }] of spans.candidates.entries()) {
        if (!matches(example.texts[field]!.slice(start, end))) continue;
        right[at(c + 1)] = 1;
        found = true;
      }
      // A value that stands nowhere in the text says nothing about spans.
      if (found) weights[b * attributes + a] = 1;
      else right[at(0)] = 1;
    }
  }
  values['target.spans'] = { dtype: 'float32', dims: [batch.length, answers, attributes], data: right };
  values['target.spanWeight'] = { dtype: 'float32', dims: [batch.length, attributes], data: weights };
  return total(weights);
}

function matcher(
  label: Exclude<KnownLabel, { state: 'none' }>,
  unit: string | undefined,
): (text: string) => boolean {
  if (label.state === 'values') {
    const wanted = new Set(label.values);
    return (text) => wanted.has(text);
  }
  return (text) => {
    if (!/\d/.test(text)) return false;
    const quantity = normaliseQuantity(text, unit);
    return (
      quantity.ok &&
      !(unit !== undefined && quantity.unitAssumed) &&
      sameQuantity(quantity.value, label.value)
    );
  };
}

const total = (mask: Float32Array) => mask.reduce((a, b) => a + b, 0);
