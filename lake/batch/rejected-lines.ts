/** Rejected lines as a Parquet file that SQL can read. */
import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import type { KeptRejection } from "../pii/kept-rejection.ts";

/** Rows of a row group: the most lines that are held at a time. */
const ROW_GROUP_ROWS = 5_000;
/** Text of a row group: while the group is made, its text is in memory several times. */
const ROW_GROUP_BYTES = 4 << 20;

type Column = { name: string; type: "STRING" | "INT64"; nullable: boolean; data: (string | bigint | null)[] };

/** Collects rejected lines. Lines before the last few thousand are held as compressed bytes only. */
export class RejectedLines {
  readonly #writer = new ByteWriter();
  #file: ParquetWriter | undefined;
  #entries: KeptRejection[] = [];
  #textBytes = 0;
  /** Rejected entries. One that is very long takes several rows, one after the other. */
  count = 0;

  add(entry: KeptRejection): void {
    if (!entry.isContinued) this.count++;
    this.#entries.push(entry);
    this.#textBytes += entry.text?.length ?? 0;
    if (this.#entries.length === ROW_GROUP_ROWS || this.#textBytes >= ROW_GROUP_BYTES) this.#writeRowGroup();
  }

  /** The file; `undefined` when nothing was rejected. */
  finish(): Uint8Array | undefined {
    if (this.count === 0) return undefined;
    if (this.#entries.length > 0) this.#writeRowGroup();
    this.#file!.finish();
    return this.#writer.getBytes();
  }

  #writeRowGroup(): void {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const entries = this.#entries;
    const columnData: Column[] = [
      column(
        "source_file",
        "STRING",
        entries.map(({ sourceFile }) => sourceFile),
      ),
      column(
        "line",
        "INT64",
        entries.map(({ line }) => BigInt(line)),
      ),
      column(
        "byte_offset",
        "INT64",
        entries.map(({ byteOffset }) => BigInt(byteOffset)),
      ),
      column(
        "reason",
        "STRING",
        entries.map(({ reason }) => reason),
      ),
      {
        ...column(
          "text",
          "STRING",
          entries.map(({ text }) => text && decoder.decode(text)),
        ),
        // Withheld by the source's policy.
        nullable: true,
      },
    ];
    this.#file ??= new ParquetWriter({ writer: this.#writer, schema: schemaFromColumnData({ columnData }) });
    this.#file.write({ columnData, rowGroupSize: ROW_GROUP_ROWS });
    this.#entries = [];
    this.#textBytes = 0;
  }
}

function column(name: string, type: Column["type"], data: Column["data"]): Column {
  return { name, type, nullable: false, data };
}
