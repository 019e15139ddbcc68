/**
 * What the cell of a picture or sound column means.
 *
 * - `photos/1.jpg`, `/data/1.jpg`, `file:///data/1.jpg`: a file; a relative path starts at the catalog's folder
 * - `photos/1_*.jpg`, `photos/1/**`: every file that matches, in natural order
 * - `photos.zip#a/1.jpg`, `photos.tar.gz#a/1_*.jpg`: members of an archive
 * - `https://...`: an address, or `//host.name/...` without its scheme, as shops' pages have it
 * - `data:image/png;base64,...`: the bytes themselves
 */
export type MediaReference =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'member'; readonly archive: string; readonly member: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'data'; readonly uri: string };

const ARCHIVE_MEMBER = /^(.*\.(?:zip|tar|tar\.gz|tgz))#(.+)$/i;
/** A scheme of two letters or more: one letter is a drive of Windows. */
const SCHEME = /^([a-z][a-z0-9+.-]+):/i;
/** A host has a dot in it; a path that begins with two slashes seldom has. */
const WITHOUT_SCHEME = /^\/\/[\w-]+(?:\.[\w-]+)+\//;
const PICTURE_FILE = /\.(?:jpe?g|png|webp|avif|gif|tiff?|svg)$/i;
const SOUND_FILE = /\.(?:wav|flac|mp3|ogg|oga|opus|m4a)$/i;

export function parseReference(text: string): MediaReference {
  const trimmed = text.trim();
  const scheme = SCHEME.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === 'data') return { kind: 'data', uri: trimmed };
  const isFile = scheme === undefined || scheme === 'file';
  if (!isFile) return { kind: 'url', url: trimmed };
  if (WITHOUT_SCHEME.test(trimmed)) return { kind: 'url', url: `https:${trimmed}` };
  const member = ARCHIVE_MEMBER.exec(trimmed);
  if (member !== null) return { kind: 'member', archive: member[1]!, member: member[2]! };
  return { kind: 'file', path: trimmed };
}

export type MediaKind = 'image' | 'audio';

/** What a reference names, told by its ending or the type of its data: URI; undefined where they do not tell. */
export function mediaKindOf(reference: string): MediaKind | undefined {
  const parsed = parseReference(reference);
  if (parsed.kind === 'data')
    return /^data:(image|audio)\//i.exec(parsed.uri)?.[1]?.toLowerCase() as MediaKind | undefined;
  const name =
    parsed.kind === 'url'
      ? parsed.url.replace(/[?#].*$/s, '')
      : parsed.kind === 'member'
        ? parsed.member
        : parsed.path;
  if (PICTURE_FILE.test(name)) return 'image';
  return SOUND_FILE.test(name) ? 'audio' : undefined;
}

function isMediaFile(name: string): boolean {
  return PICTURE_FILE.test(name) || SOUND_FILE.test(name);
}

/** Does the text name several things by a pattern? */
export function isPattern(text: string): boolean {
  return /[*?]|\[[^\]]+\]|\{[^}]*,[^}]*\}/.test(text);
}

/**
 * The references in one cell, in order. Catalogs write several as a JSON array (Flipkart, Akeneo), one a line, with `|`
 * (most PIM exports), or with commas (Google Merchant's additional_image_link, WooCommerce, Magento). Addresses and file
 * names may hold commas and semicolons themselves, so those divide only before another http(s) address, or where every
 * part ends as a picture or sound file does. Shopify has one picture a row, so nothing to divide.
 *
 * @see https://support.google.com/merchants/answer/6324370
 */
export function splitReferences(cell: string): readonly string[] {
  const text = cell.trim();
  if (text.startsWith('[')) {
    const list = jsonTexts(text);
    if (list !== undefined) return list.map((item) => item.trim()).filter((item) => item !== '');
  }
  if (/^data:/i.test(text)) return text.split(/\s*[|\n]\s*(?=data:|https?:)/i);
  return text
    .split(/[|\n\r]/)
    .flatMap(commaParts)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function commaParts(text: string): readonly string[] {
  const addresses = text.split(/[,;]\s*(?=(?:https?:)?\/\/)/i);
  if (addresses.length > 1) return addresses;
  const parts = text.split(/[,;]/);
  return parts.every((part) => isMediaFile(part.trim())) ? parts : [text];
}

function jsonTexts(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}
