/** From the model's outputs to answers: what each attribute's value is, how sure the model is, and where it stands. */
import { normaliseQuantity } from '../../catalog/values/quantity.ts';
import { overlap, type Place } from '../../features/text/places.ts';
import { readableSpan } from '../../features/text/span.ts';
import type { Value } from '../../graph/session.ts';
import { keepApart, type SpanProbabilities } from './apart.ts';
import type { Example, SpanExample } from './example.ts';
import { destandardise } from './number-head.ts';
import { type AttributeModelSpec, type ChoiceSpec, choiceColumns, type NumberSpec } from './spec.ts';
import type { Candidate } from './words.ts';

/** Probabilities here are the model's own, not calibrated yet. */
export type Answer = {
  /** Texts (choice, multi, extract), best first, or one number; empty for "no value", and where nothing is likely enough. */
  readonly values: readonly (string | number)[];
  /** That no value is likely enough to be answered, though one is likelier than "no value". */
  readonly torn?: true;
  /** Of the answer as a whole, "no value" included. */
  readonly probability: number;
  readonly places: readonly Place[];
  /** The best values whatever the answer is, best first. */
  readonly alternatives: readonly { readonly value: string | number; readonly probability: number }[];
};

export type DecodeOptions = {
  /** How many alternatives to keep. */
  readonly topK: number;
  /** The best value of an `extract` attribute is answered when it is at least this likely. */
  readonly spanThreshold: number;
};

export const DEFAULT_DECODE: DecodeOptions = { topK: 3, spanThreshold: 0.35 };

/** Further spans of one attribute are given too when they have this probability of their own. */
const SEVERAL = 0.3;
const KEPT_CANDIDATES = 12;
/** A number told by regression is right within tolerance far less often than one that stands in the text. */
const REGRESSION_PROBABILITY = 0.2;

/**
 * @param outputs - `choice`, `number`, `spans` and `none` of a run over `examples`
 * @param texts - each example's texts, in the order of the spec's fields
 * @returns for each example, answers by attribute
 */
export function decodeAnswers(
  spec: AttributeModelSpec,
  outputs: Readonly<Record<string, Value>>,
  examples: readonly Example[],
  texts: readonly (readonly string[])[],
  options: DecodeOptions = DEFAULT_DECODE,
): Record<string, Answer>[] {
  const columns = choiceColumns(spec.choices);
  const numbers = new Map(spec.numbers.map((number) => [number.attribute, number]));
  return examples.map((example, b) => {
    const answers: Record<string, Answer> = {};
    for (const [i, choice] of spec.choices.entries()) {
      const row = rowOf(outputs.choice!, b).subarray(columns[i]!.start, columns[i]!.start + columns[i]!.size);
      answers[choice.attribute] =
        choice.kind === 'choice' ? decodeChoice(choice, row, options) : decodeMulti(choice, row, options);
    }
    for (const [n, number] of spec.numbers.entries()) {
      const value = destandardise(number, rowOf(outputs.number!, b)[n]!);
      answers[number.attribute] = {
        values: [value],
        probability: REGRESSION_PROBABILITY,
        places: [],
        alternatives: [],
      };
    }
    if (example.spans) {
      const alone = spanProbabilities(outputs, b, example.spans);
      const rivals = alone.slice(0, alone.length - example.spans.asked);
      const probabilities = spec.spans?.apart
        ? [...keepApart(example.spans.candidates, rivals), ...alone.slice(rivals.length)]
        : alone;
      for (const [a, attribute] of example.spans.attributes.entries()) {
        const { candidates } = example.spans;
        const number = numbers.get(attribute);
        const answer = decodeSpans(probabilities[a]!, candidates, texts[b]!, number, options);
        if (answer.values.length > 0 || !numbers.has(attribute)) answers[attribute] = answer;
      }
    }
    return answers;
  });
}

function rowOf({ data, dims }: Value, row: number): Float32Array {
  return (data as Float32Array).subarray(row * dims[1]!, (row + 1) * dims[1]!);
}

function decodeChoice({ values }: ChoiceSpec, logits: Float32Array, { topK }: DecodeOptions): Answer {
  const probabilities = softmax(logits);
  const order = sorted(probabilities);
  const best = order[0]!;
  return {
    values: best < values.length ? [values[best]!] : [],
    probability: probabilities[best]!,
    places: [],
    alternatives: order
      .filter((i) => i < values.length)
      .slice(0, topK)
      .map((i) => ({ value: values[i]!, probability: probabilities[i]! })),
  };
}

/** The answer is as sure as its least sure value, in or out. */
function decodeMulti({ values }: ChoiceSpec, logits: Float32Array, { topK }: DecodeOptions): Answer {
  const probabilities = Array.from(logits.subarray(0, values.length), (x) => 1 / (1 + Math.exp(-x)));
  const order = sorted(probabilities);
  return {
    values: order.filter((i) => probabilities[i]! >= 0.5).map((i) => values[i]!),
    probability: Math.min(...probabilities.map((p) => Math.max(p, 1 - p))),
    places: [],
    alternatives: order.slice(0, topK).map((i) => ({ value: values[i]!, probability: probabilities[i]! })),
  };
}

type Found = {
  readonly value: string | number;
  probability: number;
  readonly places: (Place & { readonly probability: number })[];
};

/** Of each attribute, each by itself. */
function spanProbabilities(
  { spans, none }: Readonly<Record<string, Value>>,
  b: number,
  { candidates, attributes: names }: SpanExample,
): readonly SpanProbabilities[] {
  const [, longest, attributes] = spans!.dims as [number, number, number];
  const scores = spans!.data as Float32Array;
  return names.map((_, a) =>
    softmax([
      (none!.data as Float32Array)[b * attributes + a]!,
      ...candidates.map((_, i) => scores[(b * longest + i) * attributes + a]!),
    ]),
  );
}

function decodeSpans(
  probabilities: SpanProbabilities,
  candidates: readonly Candidate[],
  texts: readonly string[],
  number: NumberSpec | undefined,
  { topK, spanThreshold }: DecodeOptions,
): Answer {
  const none = probabilities[0]!;
  const byValue = new Map<string | number, Found>();
  for (const i of sorted(probabilities.subarray(1)).slice(0, KEPT_CANDIDATES)) {
    const { field, start, end } = candidates[i]!;
    const text = texts[field]!.slice(start, end);
    const value = number ? quantityOf(text, number.unit) : text.trim();
    if (value === undefined) continue;
    const found = byValue.get(value) ?? { value, probability: 0, places: [] };
    found.probability = sumOf([found.probability, probabilities[i + 1]!]);
    found.places.push({
      field,
      ...readableSpan(texts[field]!, start, end),
      probability: probabilities[i + 1]!,
    });
    byValue.set(value, found);
  }
  const ranked = [...byValue.values()].sort((x, y) => y.probability - x.probability);
  const alternatives = ranked.slice(0, topK).map(({ value, probability }) => ({ value, probability }));
  const best = ranked[0];
  if (best === undefined || best.probability < spanThreshold) {
    const torn = best !== undefined && best.probability > none;
    return { values: [], ...(torn ? { torn } : {}), probability: none, places: [], alternatives };
  }
  const chosen: Found[] = [best];
  for (const other of number ? [] : ranked.slice(1)) {
    if (other.probability >= SEVERAL && chosen.every((taken) => !overlap(taken.places[0]!, other.places[0]!)))
      chosen.push(other);
  }
  return {
    values: chosen.map(({ value }) => value),
    probability: sumOf(chosen.map(({ probability }) => probability)),
    places: chosen.map(({ places }) => ({
      field: places[0]!.field,
      start: places[0]!.start,
      end: places[0]!.end,
    })),
    alternatives,
  };
}

function quantityOf(text: string, unit: string | undefined): number | undefined {
  const quantity = normaliseQuantity(text, unit);
  return quantity.ok && !(unit !== undefined && quantity.unitAssumed) ? quantity.value : undefined;
}

function softmax(logits: ArrayLike<number>): Float64Array {
  const values = Float64Array.from(logits);
  const largest = values.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
  const weights = values.map((x) => Math.exp(x - largest));
  const total = weights.reduce((x, y) => x + y, 0);
  return weights.map((w) => w / total);
}

/** Places by descending value; of equals the lower place first. */
function sorted(values: ArrayLike<number>): number[] {
  return Array.from({ length: values.length }, (_, i) => i).sort((i, j) => values[j]! - values[i]! || i - j);
}

/** Of events that exclude each other; rounding may lift the sum above 1. */
const sumOf = (probabilities: readonly number[]) =>
  Math.min(
    1,
    probabilities.reduce((a, b) => a + b, 0),
  );
