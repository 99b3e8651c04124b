import type { PreparedObject } from "../../../lake/batch/chunk-plan.ts";

export const manifestObject = (key: string) => ({ bucket: "raw", key, etag: "e", sizeBytes: 1 });
export const prepared = (key: string, ...sizes: number[]): PreparedObject => ({
  status: "prepared",
  object: manifestObject(key),
  format: "alb",
  pieces: sizes.map((byteLength, piece) => ({
    stagedKey: `${key}-${piece}`,
    byteLength,
    lineCount: 10,
    firstLine: 1,
    firstByte: 0,
  })),
});
export const quarantined: PreparedObject = {
  status: "quarantined",
  object: manifestObject("x"),
  reason: "CorruptArchive",
  detail: "",
};
