/** Sends a file, and says how much of it has gone. */
import type { FileAnswer } from '../../src/serving/api/training.ts';
import { keptKey } from '../key.ts';
import { refusalIn } from '../service.ts';

/**
 * `fetch` does not tell how much it has sent.
 * @param onSent - a share, 0 to 1
 * @throws Refused; TypeError when the service does not answer; an AbortError when `signal` ends it
 */
export function upload(
  file: File,
  { onSent, signal }: { readonly onSent: (part: number) => void; readonly signal: AbortSignal },
): Promise<FileAnswer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `v1/files?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('content-type', 'application/octet-stream');
    const key = keptKey();
    if (key !== undefined) request.setRequestHeader('authorization', `Bearer ${key}`);
    request.upload.onprogress = ({ loaded, total }) => onSent(total === 0 ? 1 : loaded / total);
    request.onerror = () => reject(new TypeError('The connection broke off.'));
    request.onabort = () => reject(new DOMException('It was stopped.', 'AbortError'));
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as FileAnswer);
      else reject(refusalIn(request.responseText, request.status));
    };
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(file);
  });
}
