import type { AlignedText } from './aligned-text.ts';
import { AlignedBuilder, prependAligned, sliceAligned, unitsAt } from './aligned-text.ts';
import { byteCharacters } from './byte-characters.ts';
import { kindOf, PUNCTUATION, WHITE } from './characters.ts';
import { splitLikeGpt2 } from './gpt2-words.ts';
import type { Component } from './tokenizer-json.ts';
import {
  component,
  flag,
  invalid,
  list,
  optionalText,
  pattern,
  typeOf,
  unsupported,
} from './tokenizer-json.ts';

/**
 * The pre-tokenisers of a `tokenizer.json`: they split a normalised text into the words that the model then splits into
 * tokens.
 */
export type PreTokenizer = {
  /** @param first - whether the input starts the text */
  readonly split: (input: AlignedText, first: boolean) => readonly AlignedText[];
  /** Whether a text cut before a space between two words gives the same words. */
  readonly cutsAtSpaces: boolean;
};

/** The part of a text as `[from, to)`; parts leave out what is removed. */
type Part = readonly [from: number, to: number];

/** @throws features/tokenizer-unsupported for a pre-tokeniser that is not known */
export function buildPreTokenizer(value: unknown, where = 'pre_tokenizer'): PreTokenizer {
  if (value === null || value === undefined) return { split: (input) => [input], cutsAtSpaces: false };
  const spec = component(value, where);
  const type = typeOf(spec, where);
  switch (type) {
    case 'Sequence':
      return sequence(
        list(spec, 'pretokenizers', where).map((step, i) => buildPreTokenizer(step, `${where}[${i}]`)),
      );
    case 'BertPreTokenizer':
      return byParts(bertWords, true);
    case 'WhitespaceSplit':
      return byParts((text) => between(text, /\p{White_Space}/gu), true);
    case 'Whitespace':
      return byParts(
        (text) =>
          matched(
            text,
            /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]+|[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}\p{White_Space}]+/gu,
          ),
        true,
      );
    case 'Metaspace':
      return metaspace(spec, where);
    case 'ByteLevel':
      return byteLevel(spec);
    case 'Digits':
      return byParts(
        splitBy(flag(spec, 'individual_digits', false) ? /\p{N}/gu : /\p{N}+/gu, 'Isolated', false, where),
        true,
      );
    case 'Punctuation': {
      const behavior = optionalText(spec, 'behavior') ?? 'Isolated';
      return byParts(splitBy(/[!-/:-@[-`{-~]|\p{P}/gu, behavior, false, where), behavior === 'Isolated');
    }
    case 'Split': {
      const behavior = optionalText(spec, 'behavior') ?? invalid(where, 'has no behavior');
      return byParts(
        splitBy(pattern(spec.pattern, where), behavior, flag(spec, 'invert', false), where),
        false,
      );
    }
    default:
      return unsupported(where, `is of type ${type}`);
  }
}

function byParts(parts: (text: string) => Iterable<Part>, cutsAtSpaces: boolean): PreTokenizer {
  const split = (input: AlignedText) => {
    const words: AlignedText[] = [];
    for (const [from, to] of parts(input.text)) if (to > from) words.push(sliceAligned(input, from, to));
    return words;
  };
  return { split, cutsAtSpaces };
}

function sequence(steps: readonly PreTokenizer[]): PreTokenizer {
  return {
    split: (input, first) =>
      steps.reduce<readonly AlignedText[]>(
        (words, step) => words.flatMap((word, i) => step.split(word, first && i === 0)),
        [input],
      ),
    cutsAtSpaces: steps[0]?.cutsAtSpaces ?? false,
  };
}

/** BERT's words: apart at white space, which goes, and at punctuation, each character of which is a word. */
function* bertWords(text: string): Iterable<Part> {
  let from = 0;
  for (let i = 0; i < text.length; ) {
    const codePoint = text.codePointAt(i)!;
    const end = i + (codePoint > 0xffff ? 2 : 1);
    const kind = kindOf(codePoint) & (WHITE | PUNCTUATION);
    if (kind !== 0) {
      if (i > from) yield [from, i];
      if (kind !== WHITE) yield [i, end];
      from = end;
    }
    i = end;
  }
  yield [from, text.length];
}

/**
 * SentencePiece's words: spaces are written `replacement`, and a word starts at each. The first word of a text gets one
 * too, if `prepend_scheme` says so.
 */
function metaspace(spec: Component, where: string): PreTokenizer {
  const mark = optionalText(spec, 'replacement') ?? '▁';
  const legacy = flag(spec, 'add_prefix_space', true) ? 'always' : 'never';
  const scheme = optionalText(spec, 'prepend_scheme') ?? legacy;
  if (!['always', 'first', 'never'].includes(scheme)) unsupported(where, `has the prepend_scheme ${scheme}`);
  if (mark.length !== 1) unsupported(where, `has the replacement ${JSON.stringify(mark)}`);
  const splits = flag(spec, 'split', true);
  const split = (input: AlignedText, first: boolean) => {
    let marked: AlignedText = { ...input, text: input.text.replaceAll(' ', mark) };
    if (marked.text === '') return [];
    if (!marked.text.startsWith(mark) && (scheme === 'always' || (scheme === 'first' && first))) {
      marked = prependAligned(mark, marked);
    }
    if (!splits) return [marked];
    const words: AlignedText[] = [];
    for (let from = 0; from < marked.text.length; ) {
      const next = marked.text.indexOf(mark, from + 1);
      const to = next < 0 ? marked.text.length : next;
      words.push(sliceAligned(marked, from, to));
      from = to;
    }
    return words;
  };
  return { split, cutsAtSpaces: splits };
}

/** GPT-2's words, each written in the 256 characters that stand for bytes. */
function byteLevel(spec: Component): PreTokenizer {
  const addPrefixSpace = flag(spec, 'add_prefix_space', true);
  const useRegex = flag(spec, 'use_regex', true);
  const split = (input: AlignedText, first: boolean) => {
    const spaced =
      addPrefixSpace && first && !input.text.startsWith(' ') ? prependAligned(' ', input) : input;
    if (!useRegex) return [inBytes(spaced)];
    const words: AlignedText[] = [];
    for (const [from, to] of splitLikeGpt2(spaced.text)) words.push(inBytes(sliceAligned(spaced, from, to)));
    return words;
  };
  return { split, cutsAtSpaces: useRegex };
}

function inBytes(input: AlignedText): AlignedText {
  const builder = new AlignedBuilder(input);
  for (let i = 0; i < input.text.length; ) {
    const size = unitsAt(input.text, i);
    builder.push(byteCharacters(input.text.slice(i, i + size)), i, i + size - 1);
    i += size;
  }
  return builder.done();
}

/** What happens to the matches of a pattern; the names are the `tokenizers` library's. */
function splitBy(
  matches: RegExp,
  behavior: string,
  invert: boolean,
  where: string,
): (text: string) => Part[] {
  const name = behavior.toLowerCase().replaceAll('_', '');
  if (!['removed', 'isolated', 'mergedwithprevious', 'mergedwithnext', 'contiguous'].includes(name)) {
    return unsupported(where, `has the behavior ${behavior}`);
  }
  return (text) => {
    const pieces: { from: number; to: number; match: boolean }[] = [];
    let done = 0;
    for (const match of text.matchAll(matches)) {
      if (match[0] === '') continue;
      if (match.index > done) pieces.push({ from: done, to: match.index, match: invert });
      done = match.index + match[0].length;
      pieces.push({ from: match.index, to: done, match: !invert });
    }
    if (done < text.length) pieces.push({ from: done, to: text.length, match: invert });
    if (name === 'removed') return pieces.filter(({ match }) => !match).map(({ from, to }) => [from, to]);
    const parts: Part[] = [];
    let before: boolean | undefined;
    for (const { from, to, match } of pieces) {
      const joins =
        (name === 'mergedwithprevious' && match && before === false) ||
        (name === 'mergedwithnext' && !match && before === true) ||
        (name === 'contiguous' && match === before);
      if (joins) parts[parts.length - 1] = [parts.at(-1)![0], to];
      else parts.push([from, to]);
      before = match;
    }
    return parts;
  };
}

function between(text: string, separators: RegExp): Part[] {
  return splitBy(separators, 'Removed', false, '')(text);
}

function matched(text: string, words: RegExp): Part[] {
  return Array.from(text.matchAll(words), (match) => [match.index, match.index + match[0].length]);
}
