import { fault, found, type MediaOutcome, tooLarge } from './outcome.ts';

/**
 * The bytes of a `data:` URI.
 * @see https://www.rfc-editor.org/rfc/rfc2397
 */
export function readDataUri(uri: string, maxBytes: number): MediaOutcome {
  const comma = uri.indexOf(',');
  if (comma < 0) return fault('media/data-uri', 'The data: URI has no comma before its content.');
  const content = uri.slice(comma + 1);
  // Base64 makes 4 characters of 3 bytes; percent signs make 3 of 1.
  if (content.length > maxBytes * 3) return tooLarge('The data: URI', maxBytes);
  const bytes = /;\s*base64\s*$/i.test(uri.slice(0, comma)) ? base64(content) : percentDecoded(content);
  if (bytes === undefined) return fault('media/data-uri', 'The content of the data: URI is malformed.');
  if (bytes.length > maxBytes) return tooLarge('The data: URI', maxBytes);
  return found(bytes, 'The data: URI');
}

/** Standard or URL-safe alphabet, white space allowed; undefined for anything else, which Node would skip. */
function base64(content: string): Uint8Array | undefined {
  const text = percentText(content)?.replace(/\s+/g, '');
  return text !== undefined && /^[A-Za-z0-9+/_-]*={0,2}$/.test(text)
    ? Buffer.from(text, 'base64')
    : undefined;
}

function percentDecoded(content: string): Uint8Array | undefined {
  if (/%(?![0-9a-f]{2})/i.test(content)) return undefined;
  // A text of one character a byte: what is not ASCII becomes its UTF-8.
  const plain = content.replace(/[^ -~]+/g, (part) => Buffer.from(part, 'utf8').toString('latin1'));
  const bytes = plain.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}

function percentText(content: string): string | undefined {
  if (!content.includes('%')) return content;
  const bytes = percentDecoded(content);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
}
