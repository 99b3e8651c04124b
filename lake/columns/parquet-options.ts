import { z } from "zod";
import type { Codec } from "./row-group.ts";

/** The options of a source for its Parquet files. Without them every reader can read the files. */
export const parquetOptions = z.strictObject({
  /** `zstd` makes files about a quarter smaller; Athena, Spark and DuckDB read it, some older readers do not. */
  compression: z.enum(["snappy", "zstd"]).default("snappy"),
  /**
   * `delta` writes numbers, times and texts that hardly repeat as differences: smaller, but older versions of Iceberg and
   * Spark cannot read such texts.
   */
  encodings: z.enum(["standard", "delta"]).default("standard"),
});

export type ParquetOptions = z.output<typeof parquetOptions>;

/** How values are written where a dictionary is not worth it. */
export type Encodings = ParquetOptions["encodings"];

/** The options in the words of `parsePieces`. */
export function parquetSettings(options: ParquetOptions | undefined): { codec: Codec; encodings: Encodings } {
  const { compression = "snappy", encodings = "standard" } = options ?? {};
  return { codec: compression === "zstd" ? "ZSTD" : "SNAPPY", encodings };
}
