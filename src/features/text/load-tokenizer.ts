import { featureError } from '../errors.ts';
import { readAddedTokens, spansWords, tokenFinder } from './added-tokens.ts';
import type { AlignedText } from './aligned-text.ts';
import { aligned } from './aligned-text.ts';
import { BoundedMemo } from './bounded-memo.ts';
import { bytePair } from './byte-pair.ts';
import type { Edges } from './normalizer.ts';
import { buildNormalizer } from './normalizer.ts';
import { buildPreTokenizer } from './pre-tokenizer.ts';
import { findSpecialTokens } from './special-tokens.ts';
import { cutText } from './text-parts.ts';
import { TokenList } from './token-list.ts';
import type { TokenModel } from './token-model.ts';
import type { Encoding, Tokenizer } from './tokenizer.ts';
import type { Component } from './tokenizer-json.ts';
import { component, optionalText, unsupported } from './tokenizer-json.ts';
import { unigram } from './unigram.ts';
import { wordPiece } from './word-piece.ts';

/** Parts up to this long are remembered: words come again and again in a catalog. */
const REMEMBERED_LENGTH = 48;
const REMEMBERED_PARTS = 32_768;

const SURROGATE = /[\ud800-\udfff]/;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * Makes a tokenizer of a Hugging Face `tokenizer.json`: WordPiece, byte-pair or Unigram, with the normalisers and
 * pre-tokenisers that come with them. Ids are those of the `tokenizers` library without special tokens.
 *
 * Differences from it, all deliberate: a special token written in a text ("[SEP]", "<s>") is ordinary text; offsets are
 * UTF-16 units of the original text and leave out the space that a token may carry at its edges; half a surrogate pair
 * counts as U+FFFD; a stretch of more than 16,384 units without a space is cut.
 *
 * @param tokenizerConfig - `tokenizer_config.json`, which names the special tokens; without it their usual names are used
 * @throws features/tokenizer-invalid, features/tokenizer-unsupported
 */
export function loadTokenizer(tokenizerJson: unknown, tokenizerConfig?: unknown): Tokenizer {
  const json = component(tokenizerJson, 'the file');
  const config =
    tokenizerConfig === undefined ? undefined : component(tokenizerConfig, 'tokenizer_config.json');
  const added = readAddedTokens(json.added_tokens);
  const special = new Set(added.filter((token) => token.special).map((token) => token.content));
  const model = buildModel(json.model, special);
  const normalizer = buildNormalizer(json.normalizer);
  const preTokenizer = buildPreTokenizer(json.pre_tokenizer);

  const ordinary = added.filter((token) => !token.special);
  const findRaw = tokenFinder(
    ordinary.filter((t) => !t.normalized).map((t) => ({ ...t, written: t.content })),
  );
  const inside: Edges = { first: false, last: false };
  const normalized = ordinary.filter((token) => token.normalized);
  const findNormalized = tokenFinder(
    normalized.map((t) => ({ ...t, written: normalizer.apply(aligned(t.content), inside).text })),
  );
  const cutsAtSpaces = normalizer.cutsAtSpaces && preTokenizer.cutsAtSpaces && !ordinary.some(spansWords);

  const names = new Map<number, string>();
  for (const [token, id] of model.vocabulary) names.set(id, token);
  for (const { content, id } of added) names.set(id, content);
  const ids = new Map(model.vocabulary);
  for (const { content, id } of added) ids.set(content, id);

  const tokensOf = (part: string, edges: Edges): TokenList => {
    const tokens = new TokenList();
    const words = (input: AlignedText, first: boolean) => {
      for (const word of preTokenizer.split(input, first)) {
        model.split(word.text, (id, from, to) => {
          tokens.pushTrimmed(id, word.starts[from]!, word.ends[to - 1]!, part);
        });
      }
    };
    let first = edges.first;
    const wellFormed = SURROGATE.test(part) ? part.replace(LONE_SURROGATES, '\ufffd') : part;
    for (const raw of findRaw(aligned(wellFormed))) {
      if (raw.id !== undefined) tokens.pushTrimmed(raw.id, raw.part.starts[0]!, raw.part.ends.at(-1)!, part);
      else {
        for (const { id, part: piece } of findNormalized(normalizer.apply(raw.part, { ...edges, first }))) {
          if (id === undefined) words(piece, first);
          else tokens.pushTrimmed(id, piece.starts[0]!, piece.ends.at(-1)!, part);
          first = false;
        }
      }
      first = false;
    }
    return tokens;
  };

  const memo = new BoundedMemo<TokenList>(REMEMBERED_PARTS);
  return {
    vocabularySize: 1 + [...names.keys()].reduce((a, b) => Math.max(a, b), -1),
    special: findSpecialTokens(json, config, model.unknown, (token) => ids.get(token), added),
    token: (id) => {
      const name = names.get(id);
      if (name === undefined)
        throw featureError('features/token-unknown', `The vocabulary has no token ${id}.`);
      return name;
    },
    encode: (text, limit = Infinity): Encoding => {
      const result = new TokenList();
      let from = 0;
      if (limit > 0) {
        for (const to of cutText(text, cutsAtSpaces)) {
          const part = text.slice(from, to);
          const edges = { first: from === 0, last: to === text.length };
          const atEdge = (edges.first || edges.last) && normalizer.seesEdges;
          // A part without a space before it is the start of a text, or the rest of one that was too long.
          const whole = edges.first || part.startsWith(' ');
          const memorable = part.length <= REMEMBERED_LENGTH && whole && !atEdge && cutsAtSpaces;
          let tokens = memorable ? memo.get(part) : undefined;
          if (tokens === undefined) {
            tokens = tokensOf(part, edges);
            if (memorable) memo.set(part, tokens);
          }
          result.append(tokens, from, limit);
          if (result.length >= limit) break;
          from = to;
        }
      }
      return result.encoding();
    },
  };
}

function buildModel(value: unknown, special: ReadonlySet<string>): TokenModel {
  const spec: Component = component(value, 'model');
  switch (optionalText(spec, 'type') ?? guessType(spec)) {
    case 'WordPiece':
      return wordPiece(spec, special);
    case 'BPE':
      return bytePair(spec, special);
    case 'Unigram':
      return unigram(spec, special);
    default:
      return unsupported('model', `is of type ${spec.type}`);
  }
}

/** Old files leave the type out. */
function guessType(spec: Component): string | undefined {
  if (Array.isArray(spec.merges)) return 'BPE';
  if (Array.isArray(spec.vocab)) return 'Unigram';
  return spec.continuing_subword_prefix === undefined ? undefined : 'WordPiece';
}
