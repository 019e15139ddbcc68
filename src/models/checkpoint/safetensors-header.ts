import { modelError } from '../errors.ts';

/**
 * The header of a safetensors file: `u64 length | JSON | data`. A file comes from a stranger: everything in the header is
 * checked against the file before a byte of data is read, and no name or number of it is trusted.
 *
 * @see https://huggingface.co/docs/safetensors
 */

/** Bytes of one element, by the names that the format gives its number formats. */
export const ELEMENT_BYTES = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;
export type StoredDtype = keyof typeof ELEMENT_BYTES;

export type StoredTensor = {
  readonly name: string;
  readonly dtype: StoredDtype;
  readonly shape: readonly number[];
  /** First byte of the data, counted from the start of the file. */
  readonly start: number;
  /** Byte after the last. */
  readonly end: number;
};

export type SafetensorsHeader = {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
};

/** The format's own limit on a header, in bytes. */
const HEADER_LIMIT = 100_000_000;

type Broken = (problem: string, tensor?: string) => never;

/**
 * How long the header is, from the first 8 bytes of a file.
 * @throws models/safetensors-invalid when the file cannot hold it
 */
export function headerLength(first: Uint8Array, fileBytes: number, file: string): number {
  const broken = refuser(file);
  if (fileBytes < 8 || first.length < 8) {
    return broken(`it has ${fileBytes} bytes, and the length of the header alone takes 8`);
  }
  const length = new DataView(first.buffer, first.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(HEADER_LIMIT)) {
    return broken(`its header claims ${length} bytes, where the format allows ${HEADER_LIMIT}`);
  }
  if (Number(length) > fileBytes - 8) {
    return broken(`its header claims ${length} bytes, but only ${fileBytes - 8} follow`);
  }
  return Number(length);
}

/**
 * Reads and checks a header.
 * @param header - the JSON bytes, without the 8 of the length
 * @param fileBytes - size of the whole file
 * @param file - its path, for messages
 * @throws models/safetensors-invalid naming the tensor and what was expected
 */
export function parseHeader(header: Uint8Array, fileBytes: number, file: string): SafetensorsHeader {
  const broken = refuser(file);
  const json = decode(header, broken);
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (cause) {
    return broken(`its header is not JSON (${(cause as Error).message})`);
  }
  if (!isRecord(parsed)) return broken('its header is not a JSON object');
  const names = topLevelKeys(json);
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) return broken('its name stands twice in the header', name);
    seen.add(name);
  }

  const dataStart = 8 + header.length;
  const tensors: StoredTensor[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(parsed)) {
    if (name === '__metadata__') metadata = readMetadata(entry, broken);
    else tensors.push(readEntry(name, entry, dataStart, fileBytes, broken));
  }

  let position = dataStart;
  for (const tensor of [...tensors].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (tensor.start !== position) {
      const relation = tensor.start < position ? 'overlaps the tensor before it' : 'leaves a hole before it';
      return broken(
        `its data ${relation}: it starts at byte ${tensor.start - dataStart}, expected ${position - dataStart}`,
        tensor.name,
      );
    }
    position = tensor.end;
  }
  if (position !== fileBytes) {
    return broken(`${fileBytes - position} bytes follow the last tensor, where the file was expected to end`);
  }
  return { tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])), metadata };
}

/** The bytes before the data: length, JSON, and spaces so that the data starts at a multiple of 8. */
export function buildHeader(
  tensors: readonly {
    readonly name: string;
    readonly dtype: StoredDtype;
    readonly shape: readonly number[];
  }[],
  metadata: Readonly<Record<string, string>>,
): Buffer {
  const parts: string[] = [`"__metadata__":${JSON.stringify(metadata)}`];
  let position = 0;
  for (const { name, dtype, shape } of tensors) {
    const end = position + byteLength(dtype, shape);
    parts.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [position, end] })}`);
    position = end;
  }
  const json = Buffer.from(`{${parts.join(',')}}`, 'utf8');
  const padded = Math.ceil(json.length / 8) * 8;
  const header = Buffer.alloc(8 + padded, 0x20);
  header.writeBigUInt64LE(BigInt(padded), 0);
  json.copy(header, 8);
  return header;
}

/** Bytes of a tensor's data. */
export function byteLength(dtype: StoredDtype, shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, ELEMENT_BYTES[dtype]);
}

function readEntry(
  name: string,
  entry: unknown,
  dataStart: number,
  fileBytes: number,
  broken: Broken,
): StoredTensor {
  if (name === '__proto__') return broken('no tensor may have this name', name);
  if (!isRecord(entry))
    return broken('its description is not an object with dtype, shape and data_offsets', name);
  for (const key of Object.keys(entry)) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') {
      return broken(
        `its description has ${JSON.stringify(key)}, expected dtype, shape and data_offsets only`,
        name,
      );
    }
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    const known = Object.keys(ELEMENT_BYTES).join(', ');
    return broken(`its dtype is ${JSON.stringify(dtype)}, expected one of ${known}`, name);
  }
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    return broken(
      `its shape is ${JSON.stringify(shape)}, expected a list of whole numbers, none negative`,
      name,
    );
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return broken(
      `its data_offsets are ${JSON.stringify(offsets)}, expected two whole numbers, none negative`,
      name,
    );
  }
  const [begin, finish] = offsets as [number, number];
  const available = fileBytes - dataStart;
  if (finish < begin || finish > available) {
    return broken(
      `its data is said to be bytes ${begin} to ${finish}, but the file has ${available} bytes of data`,
      name,
    );
  }
  const expected = byteLength(dtype as StoredDtype, shape);
  if (finish - begin !== expected) {
    return broken(
      `it has ${finish - begin} bytes of data, expected ${expected} for ${dtype} of shape [${shape.join(', ')}]`,
      name,
    );
  }
  return { name, dtype: dtype as StoredDtype, shape, start: dataStart + begin, end: dataStart + finish };
}

function readMetadata(entry: unknown, broken: Broken): Record<string, string> {
  if (!isRecord(entry) || !Object.values(entry).every((value) => typeof value === 'string')) {
    return broken('its __metadata__ is not an object of strings');
  }
  return Object.fromEntries(Object.entries(entry).filter(([key]) => key !== '__proto__')) as Record<
    string,
    string
  >;
}

/**
 * The keys of a JSON object as they are written, repeated ones too (JSON.parse silently keeps the last).
 * @param json - valid JSON of an object
 */
function topLevelKeys(json: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  let expectsKey = false;
  for (let i = 0; i < json.length; i++) {
    const char = json[i];
    if (char === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      if (depth === 1 && expectsKey) keys.push(JSON.parse(json.slice(start, i + 1)) as string);
      expectsKey = false;
    } else if (char === '{' || char === '[') {
      depth++;
      expectsKey = depth === 1;
    } else if (char === '}' || char === ']') depth--;
    else if (char === ',') expectsKey = depth === 1;
  }
  return keys;
}

function decode(header: Uint8Array, broken: Broken): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    return broken('its header is not UTF-8');
  }
}

function refuser(file: string): Broken {
  return (problem, tensor) => {
    const where = tensor === undefined ? file : `Tensor ${JSON.stringify(tensor)} of ${file}`;
    throw modelError(
      'models/safetensors-invalid',
      tensor === undefined
        ? `${where} is not a valid safetensors file: ${problem}.`
        : `${where} is invalid: ${problem}.`,
      {
        hint: 'Fetch the file again; if it stays like this, it was damaged or made to do harm.',
        details: { file, tensor, problem },
      },
    );
  };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
