import type { TokenModel } from './token-model.ts';
import { component, invalid, optionalText, text, vocabularyOf } from './tokenizer-json.ts';

/**
 * WordPiece: a word is the longest token it starts with, then the longest continuation, and so on; a word that cannot be
 * spelt so is one unknown token.
 *
 * @see Wu et al. 2016, https://arxiv.org/abs/1609.08144
 * @see Devlin et al. 2018, https://arxiv.org/abs/1810.04805
 */
export function wordPiece(value: unknown, special: ReadonlySet<string>): TokenModel {
  const where = 'model (WordPiece)';
  const spec = component(value, where);
  const vocabulary = vocabularyOf(spec.vocab, `${where}.vocab`);
  const unknown = vocabulary.get(text(spec, 'unk_token', where));
  if (unknown === undefined) return invalid(where, 'does not have its unk_token in the vocabulary');
  const prefix = optionalText(spec, 'continuing_subword_prefix') ?? '##';
  const longestWord = typeof spec.max_input_chars_per_word === 'number' ? spec.max_input_chars_per_word : 100;
  const first = new Map<string, number>();
  const next = new Map<string, number>();
  let longestToken = 1;
  for (const [token, id] of vocabulary) {
    if (special.has(token)) continue;
    first.set(token, id);
    if (token.startsWith(prefix)) next.set(token.slice(prefix.length), id);
    longestToken = Math.max(longestToken, token.length);
  }
  return {
    vocabulary,
    unknown,
    split: (word, emit) => {
      if (word.length > longestWord && longerThan(word, longestWord)) {
        emit(unknown, 0, word.length);
        return;
      }
      const found: number[] = [];
      for (let from = 0; from < word.length; ) {
        const tokens = from === 0 ? first : next;
        let to = Math.min(word.length, from + longestToken);
        let id = tokens.get(word.slice(from, to));
        while (id === undefined && to > from + 1) id = tokens.get(word.slice(from, --to));
        if (id === undefined) {
          emit(unknown, 0, word.length);
          return;
        }
        found.push(id, from, to);
        from = to;
      }
      for (let i = 0; i < found.length; i += 3) emit(found[i]!, found[i + 1]!, found[i + 2]!);
    },
  };
}

/** Whether a word has more characters (not UTF-16 units) than `limit`. */
function longerThan(word: string, limit: number): boolean {
  let count = 0;
  for (const _ of word) if (++count > limit) return true;
  return false;
}
