import { unitsAt } from './aligned-text.ts';
import type { TokenModel } from './token-model.ts';
import { component, flag, invalid, isId, unsupported } from './tokenizer-json.ts';
import { Trie } from './trie.ts';

/** How much worse an unknown character is than the worst token, in log-probability. */
const UNKNOWN_PENALTY = 10;

/**
 * Unigram: of all ways to spell a word with tokens, the most probable (Viterbi). Characters that no token covers are
 * unknown, neighbours together as one token.
 *
 * @see Kudo 2018, https://arxiv.org/abs/1804.10959
 */
export function unigram(value: unknown, special: ReadonlySet<string>): TokenModel {
  const where = 'model (Unigram)';
  const spec = component(value, where);
  if (flag(spec, 'byte_fallback', false)) unsupported(where, 'falls back to bytes');
  if (!Array.isArray(spec.vocab) || spec.vocab.length === 0) return invalid(where, 'has no list vocab');
  const scores = new Float64Array(spec.vocab.length);
  const vocabulary = new Map<string, number>();
  const trie = new Trie(spec.vocab.length * 4);
  for (const [id, entry] of spec.vocab.entries()) {
    const [token, score] =
      Array.isArray(entry) && entry.length === 2 ? entry : invalid(where, `has no token ${id}`);
    if (typeof token !== 'string' || typeof score !== 'number') return invalid(where, `has no token ${id}`);
    vocabulary.set(token, id);
    scores[id] = score;
    if (token !== '' && !special.has(token)) trie.add(token, id);
  }
  const unknown = isId(spec.unk_id) && spec.unk_id < scores.length ? spec.unk_id : undefined;
  const unknownScore = scores.reduce((a, b) => Math.min(a, b), Infinity) - UNKNOWN_PENALTY;

  return {
    vocabulary,
    unknown,
    split: (word, emit) => {
      const best = new Float64Array(word.length + 1).fill(-Infinity);
      const start = new Int32Array(word.length + 1).fill(-1);
      const token = new Int32Array(word.length + 1).fill(-1);
      best[0] = 0;
      const reach = (from: number, to: number, id: number, score: number) => {
        if (start[to] !== -1 && score <= best[to]!) return;
        best[to] = score;
        start[to] = from;
        token[to] = id;
      };
      for (let from = 0; from < word.length; ) {
        const size = unitsAt(word, from);
        let covered = false;
        trie.prefixes(word, from, (id, to) => {
          if (to - from === size) covered = true;
          reach(from, to, id, best[from]! + scores[id]!);
        });
        if (!covered) reach(from, from + size, unknown ?? -1, best[from]! + unknownScore);
        from += size;
      }
      const path: number[] = [];
      for (let to = word.length; to > 0; to = start[to]!) path.push(to);
      for (let i = path.length - 1; i >= 0; i--) {
        const from = start[path[i]!]!;
        const id = token[path[i]!]!;
        while (id === (unknown ?? -1) && i > 0 && token[path[i - 1]!] === id) i--;
        if (id >= 0) emit(id, from, path[i]!);
      }
    },
  };
}
