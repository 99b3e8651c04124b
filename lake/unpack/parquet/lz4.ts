/**
 * Unpacks LZ4 as Parquet has it: bare blocks (`LZ4_RAW`), or blocks in the frames that Hadoop puts around them (`LZ4`, which some
 * writers fill with bare blocks as well).
 *
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 * @see https://github.com/apache/parquet-format/blob/master/Compression.md#lz4
 */

/** The shortest match. */
const MIN_MATCH = 4;
/** A length of 15 goes on in the bytes that follow. */
const LONG_LENGTH = 15;
/** Two lengths of 32 bits, big-endian: of the text, and of its block. */
const FRAME_HEADER_BYTES = 8;

/** @throws {RangeError} When the block is damaged, or has more text than `textLength`. */
export function unpackLz4Block(input: Uint8Array, textLength: number): Uint8Array {
  const output = new Uint8Array(textLength);
  const length = unpackBlock(input, output, 0);
  if (length !== textLength) throw new RangeError(`an LZ4 block of ${length} bytes, and not of ${textLength}`);
  return output;
}

/** The same, with Hadoop's frames or without. */
export function unpackLz4Frames(input: Uint8Array, textLength: number): Uint8Array {
  const frames = framesOf(input, textLength);
  if (!frames) return unpackLz4Block(input, textLength);
  const output = new Uint8Array(textLength);
  let top = 0;
  try {
    for (const { block, byteLength } of frames) {
      const end = unpackBlock(block, output, top);
      if (end - top !== byteLength)
        throw new RangeError(`an LZ4 block of ${end - top} bytes, and not of ${byteLength}`);
      top = end;
    }
    return output;
  } catch {
    // The first bytes of a bare block can look like the header of a frame.
    return unpackLz4Block(input, textLength);
  }
}

function framesOf(input: Uint8Array, textLength: number): { block: Uint8Array; byteLength: number }[] | undefined {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  const frames: { block: Uint8Array; byteLength: number }[] = [];
  let total = 0;
  for (let at = 0; at < input.length; ) {
    if (at + FRAME_HEADER_BYTES > input.length) return undefined;
    const byteLength = view.getUint32(at);
    const end = at + FRAME_HEADER_BYTES + view.getUint32(at + 4);
    total += byteLength;
    if (end > input.length || total > textLength) return undefined;
    frames.push({ block: input.subarray(at + FRAME_HEADER_BYTES, end), byteLength });
    at = end;
  }
  return total === textLength ? frames : undefined;
}

/** @returns Where the text ends in `output`. */
function unpackBlock(input: Uint8Array, output: Uint8Array, start: number): number {
  let at = 0;
  let top = start;
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    if (nibble < LONG_LENGTH) return length;
    for (let byte = 255; byte === 255; length += byte) {
      const next = input[at++];
      if (next === undefined) throw new RangeError("an LZ4 block that ends within a length");
      byte = next;
    }
    return length;
  };
  while (at < input.length) {
    const token = input[at++]!;
    const literals = lengthFrom(token >> 4);
    if (at + literals > input.length || top + literals > output.length)
      throw new RangeError("an LZ4 block whose text goes beyond its end");
    output.set(input.subarray(at, at + literals), top);
    at += literals;
    top += literals;
    // The last sequence has literals only.
    if (at === input.length) break;
    if (at + 2 > input.length) throw new RangeError("an LZ4 block that ends within an offset");
    const offset = input[at]! | (input[at + 1]! << 8);
    at += 2;
    const match = MIN_MATCH + lengthFrom(token & 15);
    if (offset === 0 || offset > top - start || top + match > output.length)
      throw new RangeError("an LZ4 block that refers to text it does not have");
    // A match may overlap itself.
    for (let i = 0; i < match; i++, top++) output[top] = output[top - offset]!;
  }
  return top;
}
