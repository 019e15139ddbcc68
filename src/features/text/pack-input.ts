import { featureError } from '../errors.ts';
import type { Encoding, SpecialTokens } from './tokenizer.ts';

/**
 * Lays several text fields of a product out as one input of an encoder, within token budgets.
 */

/** How a family of models marks where a field starts and ends. */
export type InputTemplate = 'bert' | 'roberta' | 'gpt2';

export type PackedInput = {
  readonly ids: Int32Array;
  /** BERT's segment of each token: 0 for the first field and what marks it, 1 for all others; elsewhere all 0. */
  readonly typeIds: Int32Array;
  /** Which field each token comes from, as an index into `fields`; -1 for special tokens. */
  readonly fields: Int32Array;
  /** Where each token starts in its field's text, in UTF-16 units; 0 for special tokens. */
  readonly starts: Int32Array;
  /** ... and ends (exclusive); 0 for special tokens. */
  readonly ends: Int32Array;
};

/**
 * Packs fields as
 * `bert`: `[CLS] a [SEP] b [SEP]`; `roberta` (RoBERTa, XLM-R, MPNet): `<s> a </s></s> b </s>`; `gpt2`: `a <eos> b <eos>`.
 * Empty fields take no place; without any, `[CLS] [SEP]` alone remains.
 *
 * Each field gets its budget; what a field leaves unused goes to those that are cut, in their order. Fields are cut at their
 * end.
 * @param budgets - most tokens of each field, without special ones; a field without a budget gets what is left
 * @param maxTokens - most tokens of the whole input, special ones included
 * @throws features/budget-too-small when `maxTokens` cannot hold the special tokens and a token of each field
 */
export function packInput(
  fields: readonly Encoding[],
  budgets: readonly (number | undefined)[],
  special: SpecialTokens,
  template: InputTemplate,
  maxTokens: number,
): PackedInput {
  const { cls, sep } = special;
  const opening = template === 'gpt2' || cls === undefined ? [] : [cls];
  const closing = sep === undefined ? [] : [sep];
  const between = template === 'roberta' ? [...closing, ...closing] : closing;
  const used = fields.map((_, i) => i).filter((i) => fields[i]!.ids.length > 0);
  const specials = opening.length + closing.length + Math.max(0, used.length - 1) * between.length;
  const room = maxTokens - specials;
  if (room < used.length) {
    throw featureError(
      'features/budget-too-small',
      `An input of ${maxTokens} tokens has no room for ${used.length} text fields and ${specials} special tokens.`,
      { hint: `Allow at least ${specials + used.length} tokens, or give fewer text inputs.` },
    );
  }
  const lengths = shareTokens(
    used.map((i) => fields[i]!.ids.length),
    used.map((i) => budgets[i]),
    room,
  );

  const total = specials + lengths.reduce((a, b) => a + b, 0);
  const packed = {
    ids: new Int32Array(total),
    typeIds: new Int32Array(total),
    fields: new Int32Array(total).fill(-1),
    starts: new Int32Array(total),
    ends: new Int32Array(total),
  };
  let at = 0;
  const mark = (ids: readonly number[], type: number) => {
    for (const id of ids) {
      packed.ids[at] = id;
      packed.typeIds[at++] = type;
    }
  };
  mark(opening, 0);
  used.forEach((field, order) => {
    const length = lengths[order]!;
    const type = template === 'bert' && order > 0 ? 1 : 0;
    packed.ids.set(fields[field]!.ids.subarray(0, length), at);
    packed.starts.set(fields[field]!.starts.subarray(0, length), at);
    packed.ends.set(fields[field]!.ends.subarray(0, length), at);
    packed.typeIds.fill(type, at, at + length);
    packed.fields.fill(field, at, at + length);
    at += length;
    mark(order === used.length - 1 ? closing : between, type);
  });
  if (used.length === 0) mark(closing, 0);
  return packed;
}

/**
 * How many tokens each field keeps: at most its length, in sum at most `room`, each at least one.
 *
 * First each field gets its budget (the fields without one share evenly what the others leave); then what is left over
 * goes to fields that are cut, first to last.
 */
export function shareTokens(
  lengths: readonly number[],
  budgets: readonly (number | undefined)[],
  room: number,
): number[] {
  const kept = lengths.map((length, i) => Math.min(length, Math.max(1, budgets[i] ?? 0)));
  // Budgets that do not fit together are reduced from the last field on.
  for (let i = kept.length - 1, over = sum(kept) - room; i >= 0 && over > 0; i--) {
    const taken = Math.min(over, kept[i]! - 1);
    kept[i]! -= taken;
    over -= taken;
  }
  const open = lengths.map((_, i) => i).filter((i) => budgets[i] === undefined);
  for (let left = room - sum(kept); left > 0; ) {
    const wanting = open.filter((i) => kept[i]! < lengths[i]!);
    if (wanting.length === 0) break;
    const each = Math.max(1, Math.floor(left / wanting.length));
    for (const i of wanting) {
      const given = Math.min(each, left, lengths[i]! - kept[i]!);
      kept[i]! += given;
      left -= given;
    }
  }
  let left = room - sum(kept);
  for (const [i, length] of lengths.entries()) {
    const given = Math.min(left, length - kept[i]!);
    kept[i]! += given;
    left -= given;
  }
  return kept;
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
