/** Arrays in memory that loops and the runtime can both reach. */
import { VECTOR } from './wasm-module.ts';

const FLOAT = 4;
const PAGE = 65536;
/** What 32 bits can address. */
const LARGEST = 65536 * PAGE;

const memories = new WeakMap<ArrayBufferLike, WebAssembly.Memory>();

/** The memory that an array lies in; undefined for one that a heap has not made. */
export const memoryOf = (array: Float32Array): WebAssembly.Memory | undefined => memories.get(array.buffer);

/**
 * Arrays of zeros, those of one group in one memory. They begin at whole vectors, with room for whole vectors.
 * @param groups - the lengths of each group's arrays
 * @returns the arrays of each group; ordinary ones where the group is more than 4 GB, which no memory holds, or where the
 *   system gives no memory of that kind (each takes some GB of addresses, which a process may be denied)
 */
export function allocateGroups(groups: readonly (readonly number[])[]): Float32Array[][] {
  const made: Float32Array[][] = [];
  for (let first = 0; first < groups.length; ) {
    let bytes = 0;
    let end = first;
    while (end < groups.length && bytes + bytesOf(groups[end]!) <= LARGEST) bytes += bytesOf(groups[end++]!);
    const memory = end === first ? undefined : memoryOfSize(bytes);
    if (end === first) end++;
    let at = 0;
    for (const lengths of groups.slice(first, end)) {
      made.push(
        lengths.map((length) => {
          if (memory === undefined) return new Float32Array(length);
          const array = new Float32Array(memory.buffer, at, length);
          at += roundUp(length);
          return array;
        }),
      );
    }
    first = end;
  }
  return made;
}

function memoryOfSize(bytes: number): WebAssembly.Memory | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE)) });
    memories.set(memory.buffer, memory);
    return memory;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const roundUp = (length: number) => Math.ceil((length * FLOAT) / VECTOR) * VECTOR;
const bytesOf = (lengths: readonly number[]) => lengths.reduce((sum, length) => sum + roundUp(length), 0);
