import { featureError } from '../errors.ts';
import { bytesOfCharacters } from './byte-characters.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * From token ids back to a text, for byte-level vocabularies such as GPT-2's. Bytes that are no whole character (a text that was cut)
 * become U+FFFD.
 * @throws features/tokenizer-unsupported for a token that is not written in bytes
 */
export function writeText(tokenizer: Pick<Tokenizer, 'token'>, ids: readonly number[]): string {
  const parts = ids.map((id) => {
    const token = tokenizer.token(id);
    const bytes = bytesOfCharacters(token);
    if (bytes === undefined) {
      throw featureError(
        'features/tokenizer-unsupported',
        `The token ${JSON.stringify(token)} is not written in bytes, and only byte-level tokens, as GPT-2's are, can be made into texts.`,
        { hint: 'Use the tokenizer.json of a GPT-2 checkpoint.', details: { id } },
      );
    }
    return bytes;
  });
  return new TextDecoder().decode(Buffer.concat(parts));
}
