import { PAGE_ROWS } from "../kernel/shared-numbers.ts";
import type { GrowingBytes } from "../rows/growing-bytes.ts";
import type { RowBlock } from "../rows/row-block.ts";
import type { RowTransform } from "../rows/row-transform.ts";
import type { ColumnDefinition, metadataColumns } from "../rows/schema.ts";
import { physicalType } from "../rows/typed-value.ts";
import { ColumnChunk } from "./column-chunk.ts";
import type { ColumnEncoder, InvalidField } from "./column-encoder.ts";
import type { ColumnEngine } from "./column-engine.ts";
import { ConstantColumn, NumberColumn, RunColumn } from "./metadata-columns.ts";
import type { Encodings } from "./parquet-options.ts";
import type { Codec, ColumnChunkMetadata, SerializedRowGroup } from "./row-group.ts";

/** Rows of a row group. */
export const ROW_GROUP_ROWS = 128 << 10;

export interface PartitionOptions {
  readonly engine: ColumnEngine;
  /** Columns that the scanner fills, in its order. */
  readonly scannedColumns: readonly ColumnDefinition[];
  /** Columns of the table in file order: scanned columns and the lake's own. */
  readonly tableColumns: readonly ColumnDefinition[];
  readonly codec: Codec;
  readonly encodings: Encodings;
  readonly rowGroupRows: number;
  readonly processedAtMs: number;
  /** Where the dictionary pages of a row group are gathered. */
  readonly dictionaries: GrowingBytes;
  /** Their `keptMisfit` says which text to keep where a column cannot hold it. */
  readonly transforms?: readonly RowTransform[];
}

/** A column of the table on its way into a row group. */
type TableColumn = { readonly chunk: ColumnChunk } & (
  | { readonly kind: "field"; readonly column: number; readonly encoder: ColumnEncoder }
  | { readonly kind: "source-file"; readonly encoder: RunColumn }
  | { readonly kind: "line"; readonly encoder: NumberColumn }
  | { readonly kind: "processed-at"; readonly encoder: ConstantColumn }
);

/** Collects the rows of one partition and hands over row groups. */
export class PartitionWriter {
  readonly #options: PartitionOptions;
  readonly #columns: TableColumn[];
  /** Typed fields first: what they cannot hold goes to `_extra`, which is a text. */
  readonly #appendOrder: TableColumn[];
  readonly #invalid: InvalidField[] = [];
  #pageRows = 0;
  #rowGroupRows = 0;
  #invalidCount = 0;

  constructor(options: PartitionOptions) {
    this.#options = options;
    this.#columns = options.tableColumns.map((definition) => openTableColumn(definition, options));
    const isTyped = (_: TableColumn, i: number) => options.tableColumns[i]!.type !== "string";
    this.#appendOrder = [...this.#columns.filter(isTyped), ...this.#columns.filter((column, i) => !isTyped(column, i))];
  }

  /** Rows not yet handed over. */
  get rowCount(): number {
    return this.#rowGroupRows;
  }

  /** Fields whose text did not fit their type since the start. */
  get invalidCount(): number {
    return this.#invalidCount;
  }

  /** Memory that an early end of the row group would free. */
  get heldBytes(): number {
    let sum = 0;
    for (const column of this.#columns) {
      sum += column.chunk.heldBytes;
      if (column.kind === "field") sum += column.encoder.heldBytes;
    }
    return sum;
  }

  /**
   * Takes the rows `[startRow, endRow)` of the block, which must all be of this partition.
   *
   * @returns The row groups that are full, one at a time: each is valid until the next is asked for.
   */
  *append(block: RowBlock, sourceFile: string, startRow: number, endRow: number): Generator<SerializedRowGroup> {
    for (let start = startRow; start < endRow; ) {
      const room = Math.min(PAGE_ROWS - this.#pageRows, this.#options.rowGroupRows - this.#rowGroupRows);
      const end = Math.min(endRow, start + room);
      this.#appendToPage(block, sourceFile, start, end);
      this.#pageRows += end - start;
      this.#rowGroupRows += end - start;
      if (this.#rowGroupRows === this.#options.rowGroupRows) yield* this.finishRowGroup();
      else if (this.#pageRows === PAGE_ROWS) this.#finishPage();
      start = end;
    }
  }

  #appendToPage(block: RowBlock, sourceFile: string, start: number, end: number): void {
    // A page that was finished may have moved the engine's memory.
    block.renewViews();
    let checked = false;
    for (const column of this.#appendOrder) {
      switch (column.kind) {
        case "field": {
          if (column.encoder.isText && !checked) {
            this.#keepInvalid(block);
            checked = true;
          }
          column.encoder.append(block, column.column, start, end, this.#invalid);
          break;
        }
        case "source-file":
          column.encoder.append(sourceFile, end - start);
          break;
        case "line":
          column.encoder.append(block.lines, start, end);
          break;
        case "processed-at":
          column.encoder.append(end - start);
          break;
      }
    }
    this.#invalid.length = 0;
  }

  /** Puts the texts that their columns could not hold into `_extra`. */
  #keepInvalid(block: RowBlock): void {
    const invalid = this.#invalid;
    if (invalid.length === 0) return;
    this.#invalidCount += invalid.length;
    // By row, and within a row by column, so that the text does not depend on the order of the table's columns.
    invalid.sort((a, b) => a.row - b.row || a.column - b.column);
    const { scannedColumns, transforms = [] } = this.#options;
    for (const { row, column } of invalid) {
      let text: string | null = block.fieldText(row, column);
      for (const transform of transforms)
        if (text !== null && transform.keptMisfit) text = transform.keptMisfit(column, text);
      if (text !== null) block.keepInExtra(row, scannedColumns[column]!.upstreamName, text);
    }
    invalid.length = 0;
  }

  #finishPage(): void {
    for (const { chunk, encoder } of this.#columns) chunk.addPage(encoder.takePage());
    this.#pageRows = 0;
  }

  /** Hands over the rows so far, if there are any, as views of memory that is reused for the next rows. */
  *finishRowGroup(): Generator<SerializedRowGroup> {
    if (this.#rowGroupRows === 0) return;
    if (this.#pageRows > 0) this.#finishPage();
    const { dictionaries } = this.#options;
    dictionaries.length = 0;
    const dictionaryEnds = this.#columns.map(({ chunk, encoder }) => {
      const dictionary = "takeDictionary" in encoder ? encoder.takeDictionary() : undefined;
      if (dictionary) chunk.writeDictionary(dictionary, dictionaries);
      return dictionaries.length;
    });
    let byteLength = 0;
    const parts: Uint8Array[] = [];
    const columns: ColumnChunkMetadata[] = this.#columns.map(({ chunk, encoder }, i) => {
      const dictionaryPage = dictionaries.bytes.subarray(dictionaryEnds[i - 1] ?? 0, dictionaryEnds[i]);
      const { metadata, pages } = chunk.finish(byteLength, dictionaryPage.length, encoder.bounds());
      encoder.reset();
      byteLength += metadata.byteLength;
      if (dictionaryPage.length > 0) parts.push(dictionaryPage);
      parts.push(pages);
      return metadata;
    });
    const metadata = { rowCount: this.#rowGroupRows, byteLength, columns };
    this.#rowGroupRows = 0;
    yield { metadata, parts };
  }

  /** Hands over what is left and gives the memory back. */
  *close(): Generator<SerializedRowGroup> {
    yield* this.finishRowGroup();
    for (const column of this.#columns) {
      if (column.kind === "field") column.encoder.close();
      column.chunk.close();
    }
  }
}

function openTableColumn(definition: ColumnDefinition, options: PartitionOptions): TableColumn {
  const { engine, codec, encodings } = options;
  const openChunk = (chunkCodec: Codec) =>
    new ColumnChunk(definition.name, physicalType(definition.type), chunkCodec, engine);
  switch (definition.name as (typeof metadataColumns)[number]["name"]) {
    case "_source_file":
      return { kind: "source-file", encoder: new RunColumn(), chunk: openChunk(codec) };
    case "_line":
      return { kind: "line", encoder: new NumberColumn(encodings), chunk: openChunk(codec) };
    case "_processed_at":
      return {
        kind: "processed-at",
        encoder: new ConstantColumn(options.processedAtMs),
        chunk: openChunk("UNCOMPRESSED"),
      };
    case "_extra":
      return {
        kind: "field",
        column: options.scannedColumns.length,
        encoder: engine.openColumn(definition, encodings),
        chunk: openChunk(codec),
      };
    default: {
      const column = options.scannedColumns.findIndex(({ name }) => name === definition.name);
      if (column < 0) throw new Error(`The format has no column "${definition.name}"`);
      return { kind: "field", column, encoder: engine.openColumn(definition, encodings), chunk: openChunk(codec) };
    }
  }
}
