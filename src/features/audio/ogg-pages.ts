/**
 * The pages of an Ogg file: where each lies, and whether the file is whole.
 *
 * @see RFC 3533, "The Ogg Encapsulation Format Version 0", section 6
 */

export type OggPage = {
  readonly start: number;
  /** Where the packets begin. */
  readonly body: number;
  readonly end: number;
  /** Samples up to the end of this page; -1 when no packet ends on it. */
  readonly granule: number;
  readonly isLast: boolean;
};

/** The page that starts at `offset`; its end may lie behind the end of the bytes. */
export function oggPageAt(bytes: Uint8Array, offset: number): OggPage | undefined {
  if (offset + 27 > bytes.length) return undefined;
  const isPage =
    bytes[offset] === 0x4f &&
    bytes[offset + 1] === 0x67 &&
    bytes[offset + 2] === 0x67 &&
    bytes[offset + 3] === 0x53 &&
    bytes[offset + 4] === 0;
  if (!isPage) return undefined;
  const segments = bytes[offset + 26]!;
  const body = offset + 27 + segments;
  if (body > bytes.length) return undefined;
  let end = body;
  for (let i = offset + 27; i < body; i++) end += bytes[i]!;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    start: offset,
    body,
    end,
    granule: Number(view.getBigInt64(offset + 6, true)),
    isLast: (bytes[offset + 5]! & 4) !== 0,
  };
}

export type OggPages = {
  readonly pages: readonly OggPage[];
  /** Whether the page that says it is the last is there with all its bytes. */
  readonly isWhole: boolean;
};

export function oggPages(bytes: Uint8Array): OggPages {
  const pages: OggPage[] = [];
  for (let at = 0; at < bytes.length; ) {
    const page = oggPageAt(bytes, at);
    if (page === undefined || page.end > bytes.length) break;
    pages.push(page);
    at = page.end;
  }
  return { pages, isWhole: pages.at(-1)?.isLast === true };
}
