/**
 * What each modality contributed to an answer: Shapley values over the modalities, of the probability of the values that
 * were answered, or of "no value" where that is the answer (of the number itself for numbers). They add up to it, less what the
 * model says of a product that it knows nothing of.
 */
import { shapleyValues } from '../evaluation/shapley.ts';
import type { Answer, DecodeOptions } from '../models/attribute/decode.ts';
import type { ProductText } from '../models/attribute/example.ts';
import { modalitiesOf, modalityName } from '../models/attribute/fusion.ts';
import type { AttributeRunner } from '../models/attribute/runner.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';

/** Of one answer; `baseline` and all of `parts` together are the answer's probability, or its number. */
export type Contribution = {
  /** What the model gives the same answer for a product that it knows nothing of. */
  readonly baseline: number;
  /** Modality -> its part. */
  readonly parts: Readonly<Record<string, number>>;
};

/** By attribute; of each that several modalities speak to. */
export type Contributions = Readonly<Record<string, Contribution>>;

/**
 * One more pass over the products for each set of modalities.
 * @param runner - a remembering one, or each pass reads all files again
 * @param answers - of the whole model, by product
 */
export async function contributionsOf(
  spec: AttributeModelSpec,
  runner: AttributeRunner,
  products: readonly ProductText[],
  answers: readonly Readonly<Record<string, Answer>>[],
  spanThreshold: number,
): Promise<readonly Contributions[]> {
  const modalities = modalitiesOf(spec);
  const names = [...spec.choices, ...spec.numbers].map(({ attribute }) => attribute);
  const multi = new Set(spec.choices.flatMap(({ kind, attribute }) => (kind === 'multi' ? [attribute] : [])));
  const decode: DecodeOptions = { topK: Number.MAX_SAFE_INTEGER, spanThreshold };
  const worths = products.map(() => names.map(() => new Float64Array(2 ** modalities.length)));
  for (let coalition = 0; coalition < 2 ** modalities.length; coalition++) {
    const seen = modalities.filter((_, m) => coalition & (1 << m));
    const under = await runner.seeing(seen).answer(products, decode);
    for (const [i, product] of under.entries())
      for (const [a, name] of names.entries())
        worths[i]![a]![coalition] = worthOf(answers[i]![name]!, product[name]!, multi.has(name));
  }
  return worths.map((byAttribute) =>
    Object.fromEntries(
      names.map((name, a) => {
        const values = shapleyValues(modalities.length, byAttribute[a]!);
        const parts = Object.fromEntries(modalities.map((m, i) => [modalityName(m), values[i]!]));
        return [name, { baseline: byAttribute[a]![0]!, parts }];
      }),
    ),
  );
}

/** How much of the whole model's answer is in another one: the number, or the mean probability of its values, or that of none. */
function worthOf({ values }: Answer, other: Answer, multi: boolean): number {
  if (typeof values[0] === 'number') return typeof other.values[0] === 'number' ? other.values[0] : 0;
  if (values.length === 0) return noneOf(other, multi);
  const chances = new Map(other.alternatives.map(({ value, probability }) => [value, probability]));
  return values.reduce<number>((sum, value) => sum + (chances.get(value) ?? 0), 0) / values.length;
}

/** The probability of "no value": what all values leave, or where each may stand beside others, what the likeliest leaves. */
function noneOf({ alternatives }: Answer, multi: boolean): number {
  const chances = alternatives.map(({ probability }) => probability);
  const taken = multi ? Math.max(0, ...chances) : chances.reduce((a, b) => a + b, 0);
  return Math.max(0, 1 - taken);
}
