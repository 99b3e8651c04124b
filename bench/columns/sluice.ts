/**
 * One file to partitioned Parquet through the lake's own path. Prints a line of JSON.
 *
 *     npx node bench/columns/sluice.ts cloudfront|alb|json FILE FOLDER [typescript|kernel]
 */
import { closeSync, createReadStream, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { writeParquetFile } from "../../lake/columns/parquet-file.ts";
import { parsePieces } from "../../lake/columns/parse.ts";
import type { SerializedRowGroup } from "../../lake/columns/row-group.ts";
import { formatNamed } from "../../lake/formats/index.ts";
import { compressionOf, unpack } from "../../lake/unpack/compression.ts";
import { measure } from "../measured.ts";
import { readHead } from "../stages/staging.ts";
import { type BenchKind, benchColumns, benchFormatOptions, engines, PROCESSED_AT_MS } from "./subject.ts";

const READ_BYTES = 1 << 20;

const [kind, path, folder, engine = "kernel"] = process.argv.slice(2) as [BenchKind, string, string, string];
rmSync(folder, { recursive: true, force: true });

/** A partition's file that takes row groups one at a time: the writer pulls, the parser pushes. */
class FileSink {
  readonly #writing: Promise<void>;
  #give: ((rowGroup: SerializedRowGroup | undefined) => void) | undefined;
  #wanted: Promise<SerializedRowGroup | undefined>;

  constructor(file: string, schema: ReturnType<typeof benchColumns>) {
    this.#wanted = this.#want();
    this.#writing = this.#write(openSync(file, "w"), schema);
  }

  #want(): Promise<SerializedRowGroup | undefined> {
    return new Promise((resolve) => {
      this.#give = resolve;
    });
  }

  async *#rowGroups(): AsyncGenerator<SerializedRowGroup> {
    for (;;) {
      // A variable of the loop would hold on to a row group until the next one is there.
      let rowGroup = await this.#wanted;
      if (!rowGroup) return;
      this.#wanted = this.#want();
      yield rowGroup;
      rowGroup = undefined;
    }
  }

  async #write(fd: number, schema: ReturnType<typeof benchColumns>): Promise<void> {
    for await (const bytes of writeParquetFile({ schema, rowGroups: this.#rowGroups() })) {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    }
    closeSync(fd);
  }

  add(rowGroup: SerializedRowGroup): void {
    this.#give!(rowGroup);
  }

  async end(): Promise<void> {
    this.#give!(undefined);
    await this.#writing;
  }
}

await measure(async () => {
  const object = { bucket: "raw", key: basename(path) };
  const schema = benchColumns(kind);
  const formatOptions = benchFormatOptions(kind);
  const sinks = new Map<string, FileSink>();
  const { pieces } = await parsePieces({
    format: formatNamed(kind),
    ...(formatOptions && { formatOptions }),
    columns: schema,
    processedAtMs: PROCESSED_AT_MS,
    pieces: [
      {
        sourceFile: object.key,
        firstLine: 1,
        firstByte: 0,
        bytes: unpack(createReadStream(path, { highWaterMark: READ_BYTES }), compressionOf(readHead(path, 16)), {
          object,
        }),
      },
    ],
    onRowGroup: async (date, rowGroup) => {
      let sink = sinks.get(date);
      if (!sink) {
        mkdirSync(`${folder}/date=${date}`, { recursive: true });
        sink = new FileSink(`${folder}/date=${date}/data_0.parquet`, schema);
        sinks.set(date, sink);
      }
      sink.add(rowGroup);
      // The file takes the row group before the next may come.
      await new Promise((resolve) => setImmediate(resolve));
    },
    onRejected: ({ reason, line }) => {
      throw new Error(`Line ${line} was rejected: ${reason}`);
    },
    openEngine: engines[engine as keyof typeof engines],
  });
  for (const sink of sinks.values()) await sink.end();
  return { rows: pieces[0]!.rows };
});
