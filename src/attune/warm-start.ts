/** The weights of a trained model as the first ones of the next: same parts as they are, values by their names. */
import { type AttributeModelSpec, valueNames } from '../models/attribute/spec.ts';
import { TABLE } from '../models/attribute/table-inputs.ts';
import type { ParameterSpec } from '../models/layers/parameters.ts';
import { type ReadBundle, readMembers } from '../prediction/bundle.ts';

/** First values of a parameter; undefined where the earlier model has none that fit. */
export type WarmStart = (
  spec: AttributeModelSpec,
  parameter: Pick<ParameterSpec, 'name' | 'shape'>,
  drawn: () => Float32Array,
) => Float32Array | undefined;

/** Rows of these stand for values or pairs by their place, which may be another one in the next model. */
const BY_VALUE = /(^|\.)choice\.(values|bias)$/;
const BY_PAIR = /^span\.(pairs|noneBias|trust)$/;

/**
 * Parts of the text encoder are not among them: those the next model reads from the bundle as from any checkpoint.
 * @param member - of an ensemble; one that the earlier model lacks starts from the first
 */
export async function warmStart(bundle: ReadBundle, member: number): Promise<WarmStart> {
  const members = await readMembers(bundle);
  const weights = members[member] ?? members[0]!;
  const before = bundle.file.model;
  return (spec, { name, shape }, drawn) => {
    const known = weights.get(name);
    if (known === undefined) return undefined;
    if (BY_VALUE.test(name))
      return rowsByName(known, valueNames(before.choices), valueNames(spec.choices), drawn());
    if (BY_PAIR.test(name)) return rowsByName(known, pairNames(before), pairNames(spec), drawn());
    const fits = known.length === shape.reduce((a, b) => a * b, 1);
    return fits && readsAlike(before, spec, name) ? known : undefined;
  };
}

const pairNames = ({ spans }: AttributeModelSpec) =>
  (spans?.pairs ?? []).map(({ attribute, category }) => JSON.stringify([attribute, category]));

/** Rows that both have by name are the earlier ones, new ones as drawn. */
function rowsByName(
  known: Float32Array,
  before: readonly string[],
  now: readonly string[],
  drawn: Float32Array,
): Float32Array {
  const width = now.length === 0 ? 0 : drawn.length / now.length;
  const rowOf = new Map(before.map((name, row) => [name, row]));
  const rows = drawn.slice();
  for (const [row, name] of now.entries()) {
    const old = rowOf.get(name);
    if (old !== undefined) rows.set(known.subarray(old * width, (old + 1) * width), row * width);
  }
  return rows;
}

/** Whether a row or a column means in both what it meant in the first. */
function readsAlike(before: AttributeModelSpec, now: AttributeModelSpec, name: string): boolean {
  const same = (of: (spec: AttributeModelSpec) => unknown) =>
    JSON.stringify(of(before)) === JSON.stringify(of(now));
  if (name.startsWith(`${TABLE}.`)) return same(({ tableInputs }) => tableInputs);
  if (name.startsWith('behaviour.')) return same(({ behaviour }) => behaviour);
  if (name.startsWith('number.'))
    return same(({ numbers }) => numbers.map(({ attribute, logarithm }) => [attribute, logarithm]));
  if (name.startsWith('fusion.')) return same(({ fusion }) => fusion);
  if (name.startsWith('late.')) return same(({ fusion, choices }) => [fusion, choices]);
  return true;
}
