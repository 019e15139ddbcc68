/** Labels of a batch as the arrays that objective.ts reads. */
import { normaliseQuantity } from '../catalog/values/quantity.ts';
import type { Value } from '../graph/session.ts';
import type { SpanExample } from '../models/attribute/example.ts';
import { type KnownLabel, sameQuantity } from '../models/attribute/labels.ts';
import { standardise } from '../models/attribute/number-head.ts';
import { type AttributeModelSpec, choiceColumns } from '../models/attribute/spec.ts';
import { TOKEN_LOSS_WEIGHT } from './objective.ts';

export type LabelledExample = {
  readonly texts: readonly string[];
  /** In tokens. */
  readonly length: number;
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
  const tokens = Math.max(1, ...batch.map(({ length }) => length));
  const spans = Math.max(1, ...batch.map((example) => example.spans!.candidates.length));
  const attributes = Math.max(1, ...batch.map((example) => example.spans!.attributes.length));
  const rightSpans = new Float32Array(batch.length * spans * attributes);
  const rightNone = new Float32Array(batch.length * attributes);
  const weights = new Float32Array(batch.length * attributes);
  const tokenOf = new Float32Array(batch.length * tokens * attributes);
  const outside = new Float32Array(batch.length * tokens);
  const tokenWeight = new Float32Array(batch.length * tokens);
  const units = new Map(spec.numbers.map(({ attribute, unit }) => [attribute, unit]));
  for (const [b, example] of batch.entries()) {
    const own = example.spans!;
    const labelled = Object.keys(example.labels).length > 0;
    const found: Found[] = [];
    for (const [a, attribute] of own.attributes.entries()) {
      const label = example.labels[attribute];
      const at = b * attributes + a;
      const right =
        label === undefined || label.state === 'none' ? [] : matching(example, label, units.get(attribute));
      for (const span of right) {
        rightSpans[(b * spans + span) * attributes + a] = 1;
        found.push({ attribute: a, start: own.starts[span]!, end: own.ends[span]! });
      }
      if (right.length === 0) rightNone[at] = 1;
      // A value that stands nowhere in the text says nothing about spans.
      if (right.length > 0 || label?.state === 'none') weights[at] = 1;
      else if (label === undefined && labelled) weights[at] = unlistedWeight;
    }
    const tagged = tagTokens(found, example.length);
    const pairs = total(weights.subarray(b * attributes, (b + 1) * attributes));
    for (let token = 0; token < example.length; token++) {
      const at = b * tokens + token;
      if (tagged[token] === OUTSIDE) outside[at] = 1;
      else tokenOf[at * attributes + tagged[token]!] = 1;
      tokenWeight[at] = (TOKEN_LOSS_WEIGHT * pairs) / example.length;
    }
  }
  const float32 = (dims: readonly number[], data: Float32Array): Value => ({ dtype: 'float32', dims, data });
  values['target.spans'] = float32([batch.length, spans, attributes], rightSpans);
  values['target.none'] = float32([batch.length, attributes], rightNone);
  values['target.spanWeight'] = float32([batch.length, attributes], weights);
  values['target.tokens'] = float32([batch.length, tokens, attributes], tokenOf);
  values['target.outside'] = float32([batch.length, tokens, 1], outside);
  values['target.tokenWeight'] = float32([batch.length, tokens], tokenWeight);
  return total(weights);
}

const OUTSIDE = -1;
type Found = { readonly attribute: number; readonly start: number; readonly end: number };

/** The attribute of each token; where values overlap the shorter one has its tokens. */
function tagTokens(found: readonly Found[], length: number): Int32Array {
  const tags = new Int32Array(length).fill(OUTSIDE);
  const shortestFirst = [...found].sort(
    (x, y) => x.end - x.start - (y.end - y.start) || x.start - y.start || x.attribute - y.attribute,
  );
  for (const { attribute, start, end } of shortestFirst) {
    if (tags.subarray(start, end + 1).every((tag) => tag === OUTSIDE)) tags.fill(attribute, start, end + 1);
  }
  return tags;
}

/** Candidates whose text is a value of the label. */
function matching(
  { texts, spans }: LabelledExample,
  label: Exclude<KnownLabel, { state: 'none' }>,
  unit: string | undefined,
): number[] {
  const matches = matcher(label, unit);
  return spans!.candidates.flatMap(({ field, start, end }, c) =>
    matches(texts[field]!.slice(start, end)) ? [c] : [],
  );
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
