import type { ColumnChunk, ColumnIndex, KeyValue, OffsetIndex, SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { ColumnDefinition } from "../rows/schema.ts";
import { physicalType } from "../rows/typed-value.ts";
import type { ColumnChunkMetadata, RowGroupMetadata, SerializedRowGroup } from "./row-group.ts";

const CREATED_BY = "sluice";

interface ParquetFileOptions {
  /** Columns of the table in file order, the same that the row groups were made with. */
  readonly schema: readonly ColumnDefinition[];
  readonly rowGroups: AsyncIterable<SerializedRowGroup> | Iterable<SerializedRowGroup>;
  readonly keyValueMetadata?: Readonly<Record<string, string>>;
}

/**
 * Joins finished row groups into one Parquet file. Row groups are passed on as they come, and the next one is asked for
 * when the bytes of the one before were taken; only the footer is held. The same input gives the same bytes.
 *
 * @throws {Error} When a row group was made for other columns.
 * @see https://parquet.apache.org/docs/file-format/
 */
export async function* writeParquetFile({
  schema,
  rowGroups,
  keyValueMetadata = {},
}: ParquetFileOptions): AsyncGenerator<Uint8Array, void, undefined> {
  const kvMetadata: KeyValue[] = Object.entries(keyValueMetadata).map(([key, value]) => ({ key, value }));
  const writer = new ByteWriter();
  // The writer begins the file, and ends it with indexes and footer; the row groups in between are ours.
  const file = new ParquetWriter({ writer, schema: schemaElements(schema), kvMetadata, createdBy: CREATED_BY });
  yield takeBytes(writer);
  const iterator = Symbol.asyncIterator in rowGroups ? rowGroups[Symbol.asyncIterator]() : rowGroups[Symbol.iterator]();
  for (;;) {
    // A loop variable would hold on to a row group while the next one is made.
    let rowGroup: SerializedRowGroup | undefined = await nextOf(iterator);
    if (!rowGroup) break;
    checkColumns(schema, rowGroup.metadata);
    addRowGroup(file, rowGroup.metadata, writer.offset);
    writer.offset += rowGroup.metadata.byteLength;
    yield* rowGroup.parts;
    rowGroup = undefined;
  }
  file.finish();
  yield takeBytes(writer);
}

async function nextOf<T>(iterator: AsyncIterator<T> | Iterator<T>): Promise<T | undefined> {
  const { value, done } = await iterator.next();
  return done ? undefined : value;
}

/** Takes what was written so far; the writer's offset goes on counting from the file's start. */
function takeBytes(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

function checkColumns(schema: readonly ColumnDefinition[], { columns }: RowGroupMetadata): void {
  const isSame =
    schema.length === columns.length &&
    schema.every(({ name, type }, i) => name === columns[i]!.name && physicalType(type) === columns[i]!.physicalType);
  if (!isSame) {
    const names = columns.map(({ name, physicalType }) => `${name} ${physicalType}`).join(", ");
    throw new Error(`A row group has other columns than its file: ${names}`);
  }
}

function addRowGroup(file: ParquetWriter, { rowCount, byteLength, columns }: RowGroupMetadata, startByte: number) {
  let total = 0n;
  const chunks = columns.map((column) => {
    const chunk = columnChunk(column, rowCount, startByte);
    total += BigInt(column.uncompressedByteLength);
    const offsetIndex = offsetIndexOf(column, startByte);
    file.pendingIndexes.push({ chunk, offsetIndex, columnIndex: columnIndexOf(column) });
    return chunk;
  });
  file.num_rows += BigInt(rowCount);
  file.row_groups.push({
    columns: chunks,
    total_byte_size: total,
    num_rows: BigInt(rowCount),
    total_compressed_size: BigInt(byteLength),
  });
}

function columnChunk(column: ColumnChunkMetadata, rowCount: number, startByte: number): ColumnChunk {
  const start = startByte + column.offset;
  const { pageEncodings, hasDictionary } = column;
  const encodings = new Set([...(hasDictionary ? ["PLAIN"] : []), ...pageEncodings.map((p) => p.encoding), "RLE"]);
  const firstPageAt = start + column.pages[0]!.offset;
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: column.physicalType,
      encodings: [...encodings] as ["PLAIN"],
      path_in_schema: [column.name],
      codec: column.codec,
      num_values: BigInt(rowCount),
      total_uncompressed_size: BigInt(column.uncompressedByteLength),
      total_compressed_size: BigInt(column.byteLength),
      data_page_offset: BigInt(firstPageAt),
      ...(hasDictionary && { dictionary_page_offset: BigInt(start) }),
      statistics: {
        null_count: BigInt(column.nullCount),
        ...(column.min !== undefined && { min_value: statisticsValue(column, column.min) }),
        ...(column.max !== undefined && { max_value: statisticsValue(column, column.max) }),
      },
      encoding_stats: [
        ...(hasDictionary ? [{ page_type: "DICTIONARY_PAGE", encoding: "PLAIN", count: 1 } as const] : []),
        ...pageEncodings.map(({ encoding, pageCount }) => ({
          page_type: "DATA_PAGE_V2" as const,
          encoding,
          count: pageCount,
        })),
      ],
    },
  };
}

/** A PLAIN-encoded bound as hyparquet-writer takes it. */
function statisticsValue(column: ColumnChunkMetadata, base64: string): bigint | number | boolean | Uint8Array {
  const bytes = Buffer.from(base64, "base64");
  switch (column.physicalType) {
    case "INT32":
      return bytes.readInt32LE();
    case "INT64":
      return bytes.readBigInt64LE();
    case "DOUBLE":
      return bytes.readDoubleLE();
    case "BOOLEAN":
      return bytes[0] === 1;
    default:
      return new Uint8Array(bytes);
  }
}

function offsetIndexOf({ offset, pages }: ColumnChunkMetadata, startByte: number): OffsetIndex {
  let firstRow = 0;
  return {
    page_locations: pages.map((page) => {
      const location = {
        offset: BigInt(startByte + offset + page.offset),
        compressed_page_size: page.byteLength,
        first_row_index: BigInt(firstRow),
      };
      firstRow += page.rowCount;
      return location;
    }),
  };
}

/** The values are PLAIN-encoded bytes: that is what the file holds, and hyparquet-writer passes bytes through. */
function columnIndexOf(column: ColumnChunkMetadata): ColumnIndex {
  const none = new Uint8Array();
  const bound = (base64: string | undefined) =>
    base64 === undefined ? none : new Uint8Array(Buffer.from(base64, "base64"));
  return {
    null_pages: column.pages.map(({ min }) => min === undefined),
    min_values: column.pages.map(({ min }) => bound(min)),
    max_values: column.pages.map(({ max }) => bound(max)),
    boundary_order: "UNORDERED",
    null_counts: column.pages.map(({ nullCount }) => BigInt(nullCount)),
  };
}

function schemaElements(schema: readonly ColumnDefinition[]): SchemaElement[] {
  return [{ name: "root", num_children: schema.length }, ...schema.map(schemaElement)];
}

function schemaElement({ name, type }: ColumnDefinition): SchemaElement {
  const element: SchemaElement = { name, type: physicalType(type), repetition_type: "OPTIONAL" };
  switch (type) {
    case "string":
      return { ...element, converted_type: "UTF8", logical_type: { type: "STRING" } };
    // The converted type alone says UTC, and every reader takes it for a timestamp without a zone beside it: that is
    // what the catalog declares.
    case "timestamp_millis":
      return { ...element, converted_type: "TIMESTAMP_MILLIS" };
    case "timestamp_micros":
      return { ...element, converted_type: "TIMESTAMP_MICROS" };
    case "date":
      return { ...element, converted_type: "DATE", logical_type: { type: "DATE" } };
    default:
      return element;
  }
}
