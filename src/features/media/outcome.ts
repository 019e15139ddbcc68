import { createHash } from 'node:crypto';

/** Why bytes did not come, each with its meaning in a sentence. The row that asked for them becomes a reject. */
export const MEDIA_FAULTS = {
  'media/missing': 'The file, or the member of the archive, is not there.',
  'media/unreadable': 'The file is there but cannot be read, or is a folder or a device.',
  'media/empty': 'There are no bytes.',
  'media/too-large': 'There are more bytes than the limit.',
  'media/archive': 'The archive is broken, encrypted or of an unknown kind.',
  'media/data-uri': 'The data: URI is malformed.',
  'media/address': 'The address is malformed or of a scheme other than http and https.',
  'media/not-allowed': 'References of this kind are not followed here.',
  'media/private-address': 'The address, or one that it redirects to, is not on the public internet.',
  'media/redirects': 'The address redirects too often.',
  'media/http-status': 'The server answered with another status than 200.',
  'media/timeout': 'The server did not send everything in time.',
  'media/network': 'The host was not found, or the connection failed.',
} as const;
export type MediaFaultCode = keyof typeof MEDIA_FAULTS;

export type MediaFault = {
  readonly ok: false;
  readonly code: MediaFaultCode;
  /** A sentence for the merchant. */
  readonly reason: string;
};

/** The bytes of a picture or a sound, or why there are none: an expected outcome, no exception. */
export type MediaOutcome =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      /** Of `bytes`, in lower-case hexadecimal: the key of every cache. */
      readonly sha256: string;
    }
  | MediaFault;

export function fault(code: MediaFaultCode, reason: string): MediaFault {
  return { ok: false, code, reason };
}

/** An outcome of `bytes`; none at all are a fault. */
export function found(bytes: Uint8Array, what: string): MediaOutcome {
  if (bytes.length === 0) return fault('media/empty', `${what} is empty.`);
  return { ok: true, bytes, sha256: sha256(bytes) };
}

export function tooLarge(what: string, maxBytes: number): MediaFault {
  return fault('media/too-large', `${what} has more than ${maxBytes} bytes, which is the limit.`);
}

export function sha256(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
