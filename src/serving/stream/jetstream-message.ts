/** What a message of NATS carries: data as it is, or packed where the server would not take it otherwise. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { headers, type MsgHdrs } from '@nats-io/transport-node';

export type Message = { readonly data: Uint8Array; readonly headers?: MsgHdrs };

const ENCODING = 'Attune-Encoding';
const GZIP = 'gzip';
/** Beside a header's name and value: a colon, a space, a line's end. */
const HEADER_BYTES = 4;
/** For the first line of headers, and for the id that keeps a message from being stored twice. */
const OTHER_BYTES = 128;
/** Text of JSON packs to a tenth at best; what unpacks to more than this was not packed by us. */
const MOST_UNPACKED_BYTES = 256 * 1024 * 1024;

/**
 * @param mostBytes - of a message, its headers included
 * @returns undefined where it does not fit, packed neither
 */
export function packed(data: Uint8Array, more: MsgHdrs | undefined, mostBytes: number): Message | undefined {
  const room = roomFor(more, mostBytes);
  if (data.length <= room) return more ? { data, headers: more } : { data };
  const small = gzipSync(data);
  if (small.length + ENCODING.length + GZIP.length + HEADER_BYTES > room) return undefined;
  const all = more ?? headers();
  all.set(ENCODING, GZIP);
  return { data: small, headers: all };
}

/** As `packed`; of what fits neither way, which is no JSON, only the beginning. */
export function packedOrCut(data: Uint8Array, more: MsgHdrs, mostBytes: number): Message {
  return (
    packed(data, more, mostBytes) ?? {
      data: data.subarray(0, Math.max(0, roomFor(more, mostBytes))),
      headers: more,
    }
  );
}

/** The data as it was before it was packed. What cannot be unpacked stays as it is. */
export function unpacked({
  data,
  headers: more,
}: {
  data: Uint8Array;
  headers?: MsgHdrs | undefined;
}): Uint8Array {
  if (more?.get(ENCODING) !== GZIP) return data;
  try {
    return gunzipSync(data, { maxOutputLength: MOST_UNPACKED_BYTES });
  } catch {
    return data;
  }
}

function roomFor(more: MsgHdrs | undefined, mostBytes: number): number {
  let used = OTHER_BYTES;
  for (const key of more?.keys() ?? [])
    for (const value of more!.values(key)) used += Buffer.byteLength(key + value) + HEADER_BYTES;
  return mostBytes - used;
}

/** A text as a header takes it, cut to so many bytes. */
export function headerText(text: string, mostBytes: number): string {
  let written = '';
  for (const character of text.toWellFormed()) {
    const next = encodeURIComponent(character);
    if (written.length + next.length > mostBytes) break;
    written += next;
  }
  return written;
}
