/** Memory in classes of powers of two: what is given back is used again, and what was touched once stays. */

/** Bytes after each block that may be read and written: whole vectors may run over the end. */
const PADDING: usize = 64;
const SMALLEST_CLASS: u32 = 6;

/** The first free block of each class; a free block begins with the address of the next. */
const freeBlocks: usize = memory.data(33 * 4);

// @ts-ignore: decorator
@inline
function classOf(bytes: u32): u32 {
  return max<u32>(SMALLEST_CLASS, 32 - clz<u32>(bytes - 1));
}

export function take(bytes: u32): usize {
  const list = freeBlocks + (classOf(bytes) << 2);
  const free = load<u32>(list);
  if (free) {
    store<u32>(list, load<u32>(free));
    return free;
  }
  return heap.alloc((<usize>1 << classOf(bytes)) + PADDING);
}

export function give(block: usize, bytes: u32): void {
  const list = freeBlocks + (classOf(bytes) << 2);
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
}

/** A block of `bytes` with the first `used` bytes of an old one, which is given back. */
export function grow(block: usize, oldBytes: u32, used: u32, bytes: u32): usize {
  const grown = take(bytes);
  if (oldBytes) {
    memory.copy(grown, block, used);
    give(block, oldBytes);
  }
  return grown;
}

/** Twice a capacity, until `needed` fits. */
export function capacityFor(capacity: u32, needed: u32): u32 {
  let grown = max<u32>(capacity, 64);
  while (grown < needed) grown <<= 1;
  return grown;
}
