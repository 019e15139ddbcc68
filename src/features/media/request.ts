/**
 * One GET over http or https, as one outcome: never an exception, always an end.
 */
import { type IncomingHttpHeaders, Agent as PlainAgent, request as plainRequest } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { isIP } from 'node:net';
import { brotliDecompressSync, unzipSync } from 'node:zlib';
import { isPublicAddress, PrivateAddressError, publicLookup } from './public-address.ts';

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      /** Of a 200; empty for every other status. */
      readonly body: Uint8Array;
    }
  | { readonly kind: 'private'; readonly detail: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly detail: string };

export type RequestOptions = {
  readonly privateHosts: readonly string[] | 'all';
  readonly maxBytes: number;
  /** For everything: the name, the connection, the whole body. */
  readonly timeoutMs: number;
  readonly userAgent: string;
};

/** Connections that are kept open between requests. */
export class Connections {
  readonly plain: PlainAgent;
  readonly secure: SecureAgent;

  constructor(perHost: number) {
    this.plain = new PlainAgent({ keepAlive: true, maxSockets: perHost });
    this.secure = new SecureAgent({ keepAlive: true, maxSockets: perHost });
  }

  close(): void {
    this.plain.destroy();
    this.secure.destroy();
  }
}

export function get(url: URL, connections: Connections, options: RequestOptions): Promise<Answer> {
  const { privateHosts, maxBytes, timeoutMs, userAgent } = options;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const allowPrivate = privateHosts === 'all' || privateHosts.includes(host);
  // A numeric host is connected to without a look-up.
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host))
    return Promise.resolve({ kind: 'private', detail: host });
  const secure = url.protocol === 'https:';
  return new Promise((resolve) => {
    const request = (secure ? secureRequest : plainRequest)(url, {
      agent: secure ? connections.secure : connections.plain,
      ...(allowPrivate ? {} : { lookup: publicLookup }),
      headers: { 'user-agent': userAgent, accept: '*/*', 'accept-encoding': 'identity' },
    });
    const end = (answer: Answer) => {
      clearTimeout(timer);
      resolve(answer);
      request.destroy();
    };
    const timer = setTimeout(() => end({ kind: 'timeout' }), timeoutMs);
    const fail = (error: Error) =>
      end(
        error instanceof PrivateAddressError
          ? { kind: 'private', detail: error.message }
          : { kind: 'failed', detail: error.message },
      );
    request.on('error', fail);
    request.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      if (status !== 200) return end({ kind: 'answer', status, headers, body: new Uint8Array() });
      if (Number(headers['content-length'] ?? 0) > maxBytes) return end({ kind: 'too-large' });
      const parts: Buffer[] = [];
      let length = 0;
      response.on('data', (part: Buffer) => {
        length += part.length;
        parts.push(part);
        if (length > maxBytes) end({ kind: 'too-large' });
      });
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve(whole(status, headers, Buffer.concat(parts), maxBytes));
      });
    });
    request.end();
  });
}

/** The body unpacked, where a server packs what was asked for plain. */
function whole(status: number, headers: IncomingHttpHeaders, packed: Buffer, maxBytes: number): Answer {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const limit = { maxOutputLength: maxBytes };
  try {
    if (coding === 'identity' || coding === '') return { kind: 'answer', status, headers, body: packed };
    if (coding === 'br')
      return { kind: 'answer', status, headers, body: brotliDecompressSync(packed, limit) };
    return { kind: 'answer', status, headers, body: unzipSync(packed, limit) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return { kind: 'too-large' };
    return { kind: 'failed', detail: `the body is not ${coding}, as the server says` };
  }
}
