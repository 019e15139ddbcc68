import type { AlignedText } from './aligned-text.ts';
import { AlignedBuilder, mapCharacters, prependAligned, sliceAligned, unitsAt } from './aligned-text.ts';
import { CONTROL, IDEOGRAPH, isWhiteAt, kindOf, WHITE, withoutAccents } from './characters.ts';
import { precompiledNormalizer } from './precompiled-charsmap.ts';
import type { Component } from './tokenizer-json.ts';
import { component, flag, list, pattern, text, typeOf, unsupported } from './tokenizer-json.ts';

/**
 * The normalisers of a `tokenizer.json`: what is done to a text before it is split. Each keeps the places of what it
 * rewrites, as the `tokenizers` library does.
 */
export type Normalizer = {
  readonly apply: (input: AlignedText, edges: Edges) => AlignedText;
  /** Whether it may be applied to the parts of a text cut before a space between two words. */
  readonly cutsAtSpaces: boolean;
  /** Whether it treats the start or the end of a text otherwise than the middle. */
  readonly seesEdges: boolean;
};

/** Whether a part is the first, and the last, of its text. */
export type Edges = { readonly first: boolean; readonly last: boolean };

const NO_NORMALIZER: Normalizer = simple((input) => input);

/** @throws features/tokenizer-unsupported for a normaliser that is not known */
export function buildNormalizer(value: unknown, where = 'normalizer'): Normalizer {
  if (value === null || value === undefined) return NO_NORMALIZER;
  const spec = component(value, where);
  const type = typeOf(spec, where);
  switch (type) {
    case 'Sequence':
      return sequence(
        list(spec, 'normalizers', where).map((step, i) => buildNormalizer(step, `${where}[${i}]`)),
      );
    case 'BertNormalizer':
      return simple(bert(spec));
    case 'Lowercase':
      return simple((input) => mapCharacters(input, (character) => character.toLowerCase()));
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD':
      return simple((input) => unicodeForm(input, type));
    case 'StripAccents':
      return simple((input) =>
        mapCharacters(input, (character) => (/\p{M}/u.test(character) ? '' : character)),
      );
    case 'Nmt':
      return simple((input) => mapCharacters(input, nmt));
    case 'Strip':
      return strip(flag(spec, 'strip_left', true), flag(spec, 'strip_right', true));
    case 'Replace':
      return replace(pattern(spec.pattern, where), text(spec, 'content', where), spec);
    case 'Prepend': {
      const prefix = text(spec, 'prepend', where);
      const apply = (input: AlignedText, edges: Edges) =>
        edges.first && input.text !== '' ? prependAligned(prefix, input) : input;
      return { apply, cutsAtSpaces: true, seesEdges: true };
    }
    case 'Precompiled':
      return simple(precompiledNormalizer(text(spec, 'precompiled_charsmap', where), where));
    default:
      return unsupported(where, `is of type ${type}`);
  }
}

function simple(apply: (input: AlignedText) => AlignedText): Normalizer {
  return { apply, cutsAtSpaces: true, seesEdges: false };
}

function sequence(steps: readonly Normalizer[]): Normalizer {
  return {
    apply: (input, edges) => steps.reduce((result, step) => step.apply(result, edges), input),
    cutsAtSpaces: steps.every((step) => step.cutsAtSpaces),
    seesEdges: steps.some((step) => step.seesEdges),
  };
}

/** BERT's: clean up, put spaces round Chinese characters, strip accents, lower case, in this order. */
function bert(spec: Component): (input: AlignedText) => AlignedText {
  const lowercase = flag(spec, 'lowercase', true);
  const stripAccents = flag(spec, 'strip_accents', lowercase);
  const cleanText = flag(spec, 'clean_text', true);
  const apart = flag(spec, 'handle_chinese_chars', true);
  const change = (character: string) => {
    const kind = kindOf(character.codePointAt(0)!);
    if (cleanText && (kind & CONTROL) !== 0) return '';
    if (cleanText && (kind & WHITE) !== 0) return ' ';
    let result = stripAccents ? withoutAccents(character) : character;
    if (lowercase) result = lower(result);
    return apart && (kind & IDEOGRAPH) !== 0 ? ` ${result} ` : result;
  };
  return (input) => {
    if (/^[ -~]*$/.test(input.text)) return lowercase ? { ...input, text: input.text.toLowerCase() } : input;
    return mapCharacters(input, change);
  };
}

/** Lower case of each character by itself: a final sigma is no exception, as in the original. */
function lower(text: string): string {
  return text.length <= 1
    ? text.toLowerCase()
    : Array.from(text, (character) => character.toLowerCase()).join('');
}

/**
 * A Unicode normal form. A base character and the marks after it are normalised together; the results take the places of
 * the originals one for one.
 */
function unicodeForm(input: AlignedText, form: 'NFC' | 'NFD' | 'NFKC' | 'NFKD'): AlignedText {
  const { text: source } = input;
  if (/^\p{ASCII}*$/u.test(source) || source.normalize(form) === source) return input;
  const builder = new AlignedBuilder(input);
  for (let from = 0; from < source.length; ) {
    let to = from + unitsAt(source, from);
    while (to < source.length && joinsBefore(source, to)) to += unitsAt(source, to);
    const group = source.slice(from, to);
    const alone = Array.from(group, (character) => character.normalize(form));
    if (alone.join('') === group.normalize(form)) {
      let place = from;
      for (const result of alone) {
        const size = unitsAt(source, place);
        builder.push(result, place, place + size - 1);
        place += size;
      }
    } else builder.pushInOrder(group.normalize(form), from, to);
    from = to;
  }
  return builder.done();
}

/** Whether the character at `index` may compose with the one before it: a mark, or a Hangul vowel or final. */
function joinsBefore(source: string, index: number): boolean {
  return /^[\p{M}\u1160-\u11ff\uff9e\uff9f]/u.test(source.slice(index, index + 2));
}

/** SentencePiece's clean-up for machine translation: drops controls, and makes odd spaces and separators spaces. */
function nmt(character: string): string {
  const code = character.codePointAt(0)!;
  if ((code >= 1 && code <= 8) || code === 11 || (code >= 14 && code <= 31) || code === 127) return '';
  if (code === 0x8f || code === 0x9f) return '';
  const spaces = [9, 10, 12, 13, 0x1680, 0x2028, 0x2029, 0x2581, 0xfeff, 0xfffd];
  return spaces.includes(code) || (code >= 0x200b && code <= 0x200f) ? ' ' : character;
}

function strip(left: boolean, right: boolean): Normalizer {
  const apply = (input: AlignedText, edges: Edges) => {
    let from = 0;
    let to = input.text.length;
    if (left && edges.first) while (from < to && isWhiteAt(input.text, from)) from++;
    if (right && edges.last) while (to > from && isWhiteAt(input.text, to - 1)) to--;
    return sliceAligned(input, from, to);
  };
  return { apply, cutsAtSpaces: true, seesEdges: true };
}

/** Each match becomes `content`, which takes the place of the match's last character. */
function replace(matches: RegExp, content: string, spec: Component): Normalizer {
  const apply = (input: AlignedText) => {
    const builder = new AlignedBuilder(input);
    let done = 0;
    for (const match of input.text.matchAll(matches)) {
      if (match[0] === '') continue;
      for (; done < match.index; done++) builder.push(input.text[done]!, done, done);
      done = match.index + match[0].length;
      builder.push(content, done - 1, done - 1);
    }
    for (; done < input.text.length; done++) builder.push(input.text[done]!, done, done);
    return builder.done();
  };
  const { String: literal, Regex: expression } = component(spec.pattern, 'normalizer.pattern');
  const local =
    typeof literal === 'string' ? literal.length === 1 : expression === ' {2,}' || expression === '\\s+';
  return { apply, cutsAtSpaces: local, seesEdges: false };
}
