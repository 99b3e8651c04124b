/**
 * The `.csv.metadata` file beside a result, in the protobuf that Athena writes: the query's id as field 1, then a
 * message per column as field 4. The format is not documented; these fields are those of a hex dump of a real file,
 * and clients look for the file, not into it.
 *
 * @see https://manongdao.com/q-1005765.html
 */
import type { ColumnInfo } from "@aws-sdk/client-athena";

export function resultMetadata(queryId: string, columns: readonly ColumnInfo[]): Uint8Array {
  return Buffer.concat([
    text(1, queryId),
    ...columns.map((column) =>
      bytes(
        4,
        Buffer.concat([
          text(1, column.CatalogName ?? "hive"),
          text(4, column.Name!),
          text(5, column.Label ?? column.Name!),
          text(6, column.Type!),
          number(9, 3),
        ]),
      ),
    ),
  ]);
}

const VARINT = 0;
const LENGTH_DELIMITED = 2;

function text(field: number, value: string): Buffer {
  return bytes(field, Buffer.from(value));
}

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([varint((field << 3) | LENGTH_DELIMITED), varint(value.length), value]);
}

function number(field: number, value: number): Buffer {
  return Buffer.concat([varint((field << 3) | VARINT), varint(value)]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = value;
  while (rest > 127) {
    out.push((rest & 127) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...out, rest]);
}
