/**
 * The binary tensor data extension: JSON first, the bytes of tensors after it, its length in a header.
 *
 * Numbers are little endian. An element of BYTES is its length in four bytes and then itself.
 * @see https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 */
import { AttuneError } from '../../base/errors.ts';
import type { InferRequest, InferResponse, OutputTensor } from '../api/inference.ts';
import type { RequestErrorCode } from '../errors.ts';

export const JSON_LENGTH = 'inference-header-content-length';

/** @throws AttuneError `serving/invalid-request` where the header is no length within the body */
export function splitBody(
  body: Buffer,
  header: string | readonly string[] | undefined,
): { readonly json: string; readonly bytes: Buffer } {
  if (header === undefined) return { json: body.toString('utf8'), bytes: Buffer.alloc(0) };
  const length = /^\d{1,15}$/.test(String(header)) ? Number(header) : Number.NaN;
  if (!(length <= body.length))
    throw faulty(
      `The header Inference-Header-Content-Length must be a length of at most ${body.length} bytes, the body's. Got ${String(header).slice(0, 40)}.`,
    );
  return { json: body.subarray(0, length).toString('utf8'), bytes: body.subarray(length) };
}

/** The bytes of each input that has some, in the order of the inputs; undefined for one whose data stand in the JSON. */
export function bytesOfInputs({ inputs }: InferRequest, bytes: Buffer): readonly (Buffer | undefined)[] {
  let at = 0;
  const parts = inputs.map(({ name, parameters, data }) => {
    const size = parameters?.binary_data_size;
    if (size === undefined) return undefined;
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || at + size > bytes.length)
      throw faulty(
        `The input "${name}" has a binary_data_size of ${String(size)}; ${bytes.length - at} bytes are left.`,
      );
    if (data !== undefined) throw faulty(`The input "${name}" has both data and a binary_data_size.`);
    at += size;
    return bytes.subarray(at - size, at);
  });
  if (at < bytes.length)
    throw faulty(`${bytes.length - at} bytes follow the JSON that no input has named with binary_data_size.`);
  return parts;
}

/** Elements of a BYTES tensor. */
export function readElements(bytes: Buffer, name: string): Buffer[] {
  const elements: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > bytes.length)
      throw faulty(`The bytes of the input "${name}" end within an element.`);
    elements.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return elements;
}

export function readFloats(bytes: Buffer, name: string): number[] {
  if (bytes.length % 4 !== 0)
    throw faulty(`The bytes of the input "${name}" are no FP32: ${bytes.length} of them.`);
  return Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

/** The answer with the outputs that `isBinary` as bytes after the JSON; one buffer, and the length of its JSON. */
export function withBytes(
  answer: InferResponse,
  isBinary: (name: string) => boolean,
): { readonly body: Buffer; readonly jsonLength: number } {
  const parts: Buffer[] = [];
  const outputs = answer.outputs.map(({ data, ...output }) => {
    if (!isBinary(output.name)) return { ...output, data };
    const bytes = bytesOf(output, data ?? []);
    parts.push(bytes);
    return { ...output, parameters: { binary_data_size: bytes.length } };
  });
  const json = Buffer.from(JSON.stringify({ ...answer, outputs }));
  return { body: Buffer.concat([json, ...parts]), jsonLength: json.length };
}

function bytesOf({ datatype }: OutputTensor, data: NonNullable<OutputTensor['data']>): Buffer {
  if (datatype === 'BYTES') {
    const elements = data.flatMap((text) => {
      const element = Buffer.from(String(text));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(element.length);
      return [length, element];
    });
    return Buffer.concat(elements);
  }
  const bytes = Buffer.alloc(4 * data.length);
  data.forEach((value, i) => {
    if (datatype === 'FP32') bytes.writeFloatLE(value === null ? Number.NaN : Number(value), 4 * i);
    else bytes.writeInt32LE(Number(value), 4 * i);
  });
  return bytes;
}

function faulty(message: string): AttuneError<RequestErrorCode> {
  return new AttuneError('serving/invalid-request', message);
}
