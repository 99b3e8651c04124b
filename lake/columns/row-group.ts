/**
 * A finished row group on its way from the task that parsed it to the task that writes the file: the bytes of its column
 * chunks, one after the other, and what the footer has to say about them. Positions count from the row group's first
 * byte, so joining row groups is adding an offset.
 */
import { GrowingBytes } from "../rows/growing-bytes.ts";
import type { PhysicalType } from "../rows/typed-value.ts";

export type PageEncoding = "PLAIN" | "RLE_DICTIONARY" | "DELTA_BINARY_PACKED" | "DELTA_LENGTH_BYTE_ARRAY";

export type Codec = "UNCOMPRESSED" | "SNAPPY" | "ZSTD";

export interface PageMetadata {
  /** Where the page's header is, from the start of the column chunk. */
  readonly offset: number;
  /** Length of header and body. */
  readonly byteLength: number;
  readonly rowCount: number;
  readonly nullCount: number;
  /** PLAIN-encoded in base64; long texts are shortened to a text beyond the bound. Absent where the page has only nulls. */
  readonly min?: string;
  readonly max?: string;
}

export interface ColumnChunkMetadata {
  readonly name: string;
  readonly physicalType: PhysicalType;
  readonly codec: Codec;
  /** From the start of the row group. */
  readonly offset: number;
  readonly byteLength: number;
  readonly uncompressedByteLength: number;
  readonly nullCount: number;
  /** The dictionary page is at the chunk's start and ends where the first data page begins. */
  readonly hasDictionary: boolean;
  /** Encodings of the data pages with the number of pages of each. */
  readonly pageEncodings: readonly { readonly encoding: PageEncoding; readonly pageCount: number }[];
  /** Encoded as those of a page; absent where all values are null. */
  readonly min?: string;
  readonly max?: string;
  readonly pages: readonly PageMetadata[];
}

/** Plain data: it survives JSON. */
export interface RowGroupMetadata {
  readonly rowCount: number;
  readonly byteLength: number;
  readonly columns: readonly ColumnChunkMetadata[];
}

export interface SerializedRowGroup {
  readonly metadata: RowGroupMetadata;
  /** `metadata.byteLength` bytes in order. The function that returns them says how long they are valid. */
  readonly parts: readonly Uint8Array[];
}

/** Copies a row group, so that its bytes stay valid. */
export function copyRowGroup({ metadata, parts }: SerializedRowGroup): SerializedRowGroup {
  return { metadata, parts: [new Uint8Array(Buffer.concat(parts))] };
}

const TRAILER_BYTES = 8;
/** "SLRG": the end of a packed row group. */
const MAGIC = 0x4752_4c53;

/**
 * Packs a row group into one staged object: its bytes, its metadata as JSON, the length of that, a magic number.
 *
 * @param memory - Gets the object, which is valid until the memory is reused. New memory would cost as much as all the rest.
 */
export function packRowGroup(
  { metadata, parts }: SerializedRowGroup,
  memory: GrowingBytes = new GrowingBytes(0),
): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(metadata));
  memory.length = 0;
  memory.reserve(metadata.byteLength + json.length + TRAILER_BYTES);
  for (const part of parts) memory.append(part);
  memory.append(json);
  memory.view.setUint32(memory.length, json.length, true);
  memory.view.setUint32(memory.length + 4, MAGIC, true);
  memory.length += TRAILER_BYTES;
  return memory.written();
}

/**
 * @returns The row group; its bytes are a view of `packed`.
 * @throws {Error} When `packed` is not a packed row group, or was cut.
 */
export function unpackRowGroup(packed: Uint8Array): SerializedRowGroup {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const trailerAt = packed.length - TRAILER_BYTES;
  if (trailerAt < 0 || view.getUint32(trailerAt + 4, true) !== MAGIC) {
    throw new Error(`Cannot unpack a row group from ${packed.length} bytes: they do not end in its magic number`);
  }
  const jsonLength = view.getUint32(trailerAt, true);
  const json = new TextDecoder().decode(packed.subarray(trailerAt - jsonLength, trailerAt));
  const metadata = JSON.parse(json) as RowGroupMetadata;
  const bytes = packed.subarray(0, trailerAt - jsonLength);
  if (bytes.length !== metadata.byteLength) {
    throw new Error(`Cannot unpack a row group: ${bytes.length} bytes of columns, ${metadata.byteLength} announced`);
  }
  return { metadata, parts: [bytes] };
}
