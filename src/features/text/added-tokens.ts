import type { AlignedText } from './aligned-text.ts';
import { sliceAligned } from './aligned-text.ts';
import { isWhiteAt } from './characters.ts';
import type { Component } from './tokenizer-json.ts';
import { component, flag, invalid, isId, text } from './tokenizer-json.ts';

/** An entry of `added_tokens`: a token found in the text before it is split into words. */
export type AddedToken = {
  readonly content: string;
  readonly id: number;
  /** Special tokens ([CLS], <s>) are never found in a text: there they are a merchant's words. */
  readonly special: boolean;
  /** Only as a whole word. */
  readonly singleWord: boolean;
  /** Takes the white space before it. */
  readonly leftStrip: boolean;
  /** Takes the white space after it. */
  readonly rightStrip: boolean;
  /** Looked for in the normalised text, else in the text as it is. */
  readonly normalized: boolean;
};

/** A text, or a token that was found in it. */
export type Found = { readonly id: number | undefined; readonly part: AlignedText };

export function readAddedTokens(value: unknown): readonly AddedToken[] {
  if (value === null || value === undefined) return [];
  if (!Array.isArray(value)) return invalid('added_tokens', 'is not a list');
  return value.map((entry, i) => {
    const where = `added_tokens[${i}]`;
    const spec: Component = component(entry, where);
    if (!isId(spec.id)) return invalid(where, `has the id ${JSON.stringify(spec.id)}`);
    const special = flag(spec, 'special', false);
    return {
      content: text(spec, 'content', where),
      id: spec.id,
      special,
      singleWord: flag(spec, 'single_word', false),
      leftStrip: flag(spec, 'lstrip', false),
      rightStrip: flag(spec, 'rstrip', false),
      normalized: flag(spec, 'normalized', !special),
    };
  });
}

/** Whether finding a token could be upset by cutting the text before a single space between two words. */
export function spansWords(token: AddedToken): boolean {
  return token.rightStrip || /(^|\S) (\S|$)/.test(token.content);
}

/** A function that splits a text at the tokens: leftmost first, of several the longest. */
export function tokenFinder(
  tokens: readonly (AddedToken & { readonly written: string })[],
): (input: AlignedText) => readonly Found[] {
  const usable = tokens.filter(({ written }) => written !== '');
  if (usable.length === 0) return (part) => [{ id: undefined, part }];
  const byText = new Map(usable.map((token) => [token.written, token]));
  const longestFirst = [...byText.keys()].sort((a, b) => b.length - a.length);
  const any = new RegExp(
    longestFirst.map((written) => written.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'),
    'gu',
  );
  return (input) => {
    const found: Found[] = [];
    let done = 0;
    for (const match of input.text.matchAll(any)) {
      const token = byText.get(match[0])!;
      let from = match.index;
      let to = from + match[0].length;
      if (token.singleWord && (isWordBefore(input.text, from) || isWordAt(input.text, to))) continue;
      if (token.leftStrip) while (from > done && isWhiteAt(input.text, from - 1)) from--;
      if (token.rightStrip) while (to < input.text.length && isWhiteAt(input.text, to)) to++;
      if (from < done) continue;
      if (from > done) found.push({ id: undefined, part: sliceAligned(input, done, from) });
      found.push({ id: token.id, part: sliceAligned(input, from, to) });
      done = to;
    }
    if (done < input.text.length)
      found.push({ id: undefined, part: sliceAligned(input, done, input.text.length) });
    return found;
  };
}

const WORD = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

function isWordAt(text: string, index: number): boolean {
  return WORD.test(text.slice(index, index + 2));
}

function isWordBefore(text: string, index: number): boolean {
  const pair = index >= 2 && text.codePointAt(index - 2)! > 0xffff;
  return index > 0 && WORD.test(text.slice(index - (pair ? 2 : 1), index));
}
