import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { modelError } from '../errors.ts';
import { writeWhole } from './files.ts';
import { narrowToBrain, narrowToHalf, widenBrain, widenHalf } from './number-formats.ts';
import type { SafetensorsHeader, StoredDtype, StoredTensor } from './safetensors-header.ts';
import { buildHeader, ELEMENT_BYTES, headerLength, parseHeader } from './safetensors-header.ts';

/**
 * Reads and writes safetensors files tensor by tensor: at most one tensor and one block are in memory, so a file may be
 * larger than memory. Numbers come out as float32 whatever they were stored as.
 */

/** Formats that weights are written in. */
export type WeightDtype = 'F32' | 'F16' | 'BF16';

/** A tensor to be written; `read` is called once, when its turn comes. */
export type TensorSource = {
  readonly name: string;
  readonly shape: readonly number[];
  /** Overrides the dtype of the whole file. */
  readonly dtype?: WeightDtype;
  readonly read: () => Float32Array | Promise<Float32Array>;
};

export type SafetensorsFile = SafetensorsHeader & {
  readonly path: string;
  /** @throws models/safetensors-invalid when the file no longer is what it was when it was opened */
  readonly read: (name: string) => Promise<Float32Array>;
};

const BLOCK_BYTES = 8 * 1024 * 1024;

/**
 * Reads and checks a file's header. No handle stays open: each read opens the file again.
 * @throws models/safetensors-invalid, models/checkpoint-missing
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  return withFile(path, async (handle) => {
    const { size } = await handle.stat();
    const first = Buffer.alloc(Math.min(8, size));
    await readFully(handle, first, 0, path);
    const header = Buffer.alloc(headerLength(first, size, path));
    await readFully(handle, header, 8, path);
    const { tensors, metadata } = parseHeader(header, size, path);
    return {
      path,
      tensors,
      metadata,
      read: (name) => readTensor(path, size, tensors.get(name), name),
    };
  });
}

/**
 * Writes a file, whole or not at all.
 * @param dtype - format of tensors that name none; float32 is rounded to nearest even
 * @param metadata - `format: 'pt'` is what transformers expects
 * @throws models/value-out-of-range when a number does not fit fp16
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorSource[],
  dtype: WeightDtype = 'F32',
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Promise<void> {
  const names = new Set<string>();
  for (const { name } of tensors) {
    if (names.has(name) || name === '__metadata__' || name === '__proto__') {
      const problem = names.has(name) ? 'was given twice' : 'is a name that the format keeps for itself';
      throw modelError('models/safetensors-invalid', `Tensor ${JSON.stringify(name)} of ${path} ${problem}.`);
    }
    names.add(name);
  }
  await writeWhole(path, async (handle) => {
    const planned = tensors.map((tensor) => ({ ...tensor, dtype: tensor.dtype ?? dtype }));
    await handle.writeFile(buildHeader(planned, metadata));
    for (const tensor of planned) await writeTensor(handle, tensor, await tensor.read(), path);
  });
}

async function readTensor(
  path: string,
  size: number,
  tensor: StoredTensor | undefined,
  name: string,
): Promise<Float32Array> {
  if (tensor === undefined) {
    throw modelError('models/tensor-missing', `${path} has no tensor ${JSON.stringify(name)}.`);
  }
  return withFile(path, async (handle) => {
    const now = (await handle.stat()).size;
    if (now !== size) {
      throw modelError(
        'models/safetensors-invalid',
        `${path} changed while it was read: ${size} bytes, then ${now}.`,
        {
          hint: 'Do not write into a checkpoint folder that is in use.',
        },
      );
    }
    const elementBytes = ELEMENT_BYTES[tensor.dtype];
    const length = (tensor.end - tensor.start) / elementBytes;
    const result = new Float32Array(length);
    if (tensor.dtype === 'F32') {
      await readFully(handle, new Uint8Array(result.buffer), tensor.start, path);
      return result;
    }
    const block = new Uint8Array(Math.min(BLOCK_BYTES, tensor.end - tensor.start));
    for (let done = 0; done < length; ) {
      const count = Math.min(block.length / elementBytes, length - done);
      const bytes = block.subarray(0, count * elementBytes);
      await readFully(handle, bytes, tensor.start + done * elementBytes, path);
      widen(tensor, bytes, result.subarray(done, done + count), path);
      done += count;
    }
    return result;
  });
}

function widen(tensor: StoredTensor, bytes: Uint8Array, target: Float32Array, path: string): void {
  const { buffer } = bytes;
  const n = target.length;
  if (tensor.dtype === 'F16') widenHalf(new Uint16Array(buffer, 0, n), target);
  else if (tensor.dtype === 'BF16') widenBrain(new Uint16Array(buffer, 0, n), target);
  else if (tensor.dtype === 'F64') target.set(new Float64Array(buffer, 0, n));
  else {
    const numbers = integers(tensor.dtype, buffer, n);
    for (let i = 0; i < n; i++) {
      const number = Number(numbers[i]);
      target[i] = number;
      if (target[i] !== number) {
        throw modelError(
          'models/value-out-of-range',
          `Tensor ${JSON.stringify(tensor.name)} of ${path} holds ${numbers[i]}, which float32 cannot hold exactly.`,
        );
      }
    }
  }
}

function integers(dtype: StoredDtype, buffer: ArrayBufferLike, n: number): ArrayLike<number | bigint> {
  switch (dtype) {
    case 'I64':
      return new BigInt64Array(buffer, 0, n);
    case 'U64':
      return new BigUint64Array(buffer, 0, n);
    case 'I32':
      return new Int32Array(buffer, 0, n);
    case 'U32':
      return new Uint32Array(buffer, 0, n);
    case 'I16':
      return new Int16Array(buffer, 0, n);
    case 'U16':
      return new Uint16Array(buffer, 0, n);
    case 'I8':
      return new Int8Array(buffer, 0, n);
    default:
      return new Uint8Array(buffer, 0, n);
  }
}

async function writeTensor(
  handle: FileHandle,
  tensor: TensorSource & { readonly dtype: WeightDtype },
  data: Float32Array,
  path: string,
): Promise<void> {
  const { name, shape, dtype } = tensor;
  const length = shape.reduce((product, size) => product * size, 1);
  if (data.length !== length) {
    throw modelError(
      'models/tensor-shape',
      `Tensor ${JSON.stringify(name)} for ${path} has ${data.length} numbers, expected ${length} for [${shape.join(', ')}].`,
    );
  }
  const blockLength = BLOCK_BYTES / 4;
  for (let done = 0; done < length; done += blockLength) {
    const block = data.subarray(done, Math.min(length, done + blockLength));
    await writeFully(handle, dtype === 'F32' ? block : narrow(block, dtype, name, done, path));
  }
}

function narrow(
  block: Float32Array,
  dtype: 'F16' | 'BF16',
  name: string,
  done: number,
  path: string,
): Uint16Array {
  const target = new Uint16Array(block.length);
  const misfit = dtype === 'F16' ? narrowToHalf(block, target) : narrowToBrain(block, target);
  if (misfit >= 0) {
    throw modelError(
      'models/value-out-of-range',
      `Tensor ${JSON.stringify(name)} for ${path} holds ${block[misfit]} at position ${done + misfit}, which does not fit ${dtype}.`,
      { hint: dtype === 'F16' ? 'Write it as BF16 or F32.' : 'Write it as F32.' },
    );
  }
  return target;
}

async function writeFully(handle: FileHandle, view: ArrayBufferView): Promise<void> {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

/** Fills `target` from a place in the file; a single call to the system reads at most 2 GB. */
async function readFully(
  handle: FileHandle,
  target: Uint8Array,
  position: number,
  path: string,
): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(target.length - done, 1 << 30);
    const { bytesRead } = await handle.read(target, done, length, position + done);
    if (bytesRead === 0) {
      throw modelError(
        'models/safetensors-invalid',
        `${path} ended while it was read, at byte ${position + done}.`,
      );
    }
    done += bytesRead;
  }
}

async function withFile<T>(path: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw modelError(
      missing ? 'models/checkpoint-missing' : 'models/checkpoint-unreadable',
      `${path} cannot be opened: ${(cause as Error).message}.`,
      { cause },
    );
  }
  try {
    return await use(handle);
  } catch (cause) {
    if (typeof (cause as NodeJS.ErrnoException).syscall === 'string') {
      throw modelError(
        'models/checkpoint-unreadable',
        `${path} cannot be read: ${(cause as Error).message}.`,
        { cause },
      );
    }
    throw cause;
  } finally {
    await handle.close();
  }
}
