/**
 * Plants personal data in every place of a log of each format and looks for it in every byte that comes out: row groups,
 * which are not compressed here, Parquet files and their statistics, rejected lines. What Lambda, Step Functions and the ledger
 * make of it is in `test/end-to-end/pii.thorough.test.ts`.
 *
 * Each canary is found without the policy, so that the search is known to find it and the log to hold it; and each hook of
 * the policy is taken away once, so that it is known that the search would tell.
 */
import { parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import { RejectedLines } from "../../../lake/batch/rejected-lines.ts";
import { writeParquetFile } from "../../../lake/columns/parquet-file.ts";
import { type ParseOptions, parsePieces } from "../../../lake/columns/parse.ts";
import { packRowGroup, type SerializedRowGroup } from "../../../lake/columns/row-group.ts";
import { formatNamed, formatNames } from "../../../lake/formats/index.ts";
import { keptRejection } from "../../../lake/pii/kept-rejection.ts";
import { KeyedHash } from "../../../lake/pii/keyed-hash.ts";
import { type PiiPolicy, piiPolicy } from "../../../lake/pii/policy.ts";
import { piiTransform } from "../../../lake/pii/transform.ts";
import type { RowTransform } from "../../../lake/rows/row-transform.ts";
import { tableColumns } from "../../../lake/rows/schema.ts";
import { asyncBuffer, collect, pieceOf } from "../columns/parse-text.ts";
import { Canaries } from "./canaries.ts";
import { type PlantedLog, plantedLog } from "./planted-logs.ts";

const key = new KeyedHash(Buffer.alloc(32, 9));

interface Hooks {
  /** Changes the transforms that the policy makes. */
  transforms?: (transforms: RowTransform[]) => RowTransform[];
  rejected?: (policy: PiiPolicy) => PiiPolicy | undefined;
  policy?: (policy: PiiPolicy) => PiiPolicy | undefined;
}

/** All that a log leaves behind, as `functions/parse.ts` puts it together. */
async function written(log: PlantedLog, hooks: Hooks = {}) {
  const format = formatNamed(log.format);
  const { formatOptions } = log;
  const fullPolicy = piiPolicy.parse(log.policy);
  const policy = hooks.policy ? hooks.policy(fullPolicy) : fullPolicy;
  const rejectedPolicy = hooks.rejected ? hooks.rejected(fullPolicy) : policy;
  const transforms = policy ? [piiTransform(policy, format.columns(formatOptions), key)] : [];
  const rowGroups = new Map<string, SerializedRowGroup[]>();
  const rejectedLines = new RejectedLines();
  const parsing: ParseOptions = {
    format,
    ...(formatOptions && { formatOptions }),
    pieces: [pieceOf(log.text)],
    processedAtMs: 0,
    // What is not compressed can be searched as it is.
    codec: "UNCOMPRESSED",
    transforms: hooks.transforms ? hooks.transforms(transforms) : transforms,
    onRowGroup: (date, rowGroup) => void rowGroups.set(date, [...(rowGroups.get(date) ?? []), rowGroup]),
    onRejected: (entry) => rejectedLines.add(keptRejection(entry, rejectedPolicy)),
  };
  const result = await parsePieces(parsing);
  const blocks: Uint8Array[] = [];
  const rows: Record<string, unknown>[] = [];
  for (const [, groups] of rowGroups) {
    blocks.push(...groups.map((rowGroup) => packRowGroup(rowGroup)));
    const file = await collect(writeParquetFile({ schema: tableColumns(log.columns), rowGroups: groups }));
    blocks.push(file);
    rows.push(...(await parquetReadObjects({ file: asyncBuffer(file) })));
  }
  const rejectedFile = rejectedLines.finish();
  const rejected = rejectedFile ? await parquetReadObjects({ file: asyncBuffer(rejectedFile) }) : [];
  if (rejectedFile) blocks.push(rejectedFile);
  // Parquet splits nothing, but the reader's view is searched as well: it undoes whatever the file did to the text.
  blocks.push(Buffer.from(json(rows)), Buffer.from(json(rejected)), Buffer.from(json(result)));
  return { bytes: Buffer.concat(blocks), rows, rejected, result };
}

const json = (value: unknown) =>
  JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? String(inner) : inner));

describe.each(formatNames)("a log in %s with canaries in every place", (name) => {
  const canaries = new Canaries();
  let log: PlantedLog;
  let bare: Awaited<ReturnType<typeof written>>;
  let kept: Awaited<ReturnType<typeof written>>;
  beforeAll(async () => {
    log = plantedLog(name, canaries);
    bare = await written(log, { policy: () => undefined, rejected: () => undefined });
    kept = await written(log);
  });

  it("has one in every column, in _extra and in rejected lines", () => {
    expect(bare.rows.length).toBeGreaterThanOrEqual(3);
    const isPlanted = (value: unknown) => /kanari|203\.0\./.test(String(value));
    for (const { name: column, type, upstreamName } of log.columns) {
      if (column === "time") continue;
      const values = bare.rows.map((row) =>
        type === "string" ? row[column] : JSON.parse(String(row._extra ?? "{}"))[upstreamName],
      );
      if (!log.unplantable.includes(column)) expect(values.some(isPlanted), column).toBe(true);
    }
    expect(bare.rejected.length).toBeGreaterThan(0);
    expect(bare.rejected.every(({ text }) => isPlanted(text))).toBe(true);
  });

  it("leaves none without the policy unfound", () => {
    const found = canaries.foundIn(bare.bytes);
    // Comments are only counted, and of a key that comes twice the last value counts.
    const nowhere = / remark| first of two/;
    expect(canaries.names.filter((canary) => !found.includes(canary) && !nowhere.test(canary))).toEqual([]);
  });

  it("leaves none in anything that is written", () => {
    expect(canaries.foundIn(kept.bytes)).toEqual([]);
  });

  it("has the same rows and rejected lines otherwise", () => {
    expect(kept.result.pieces).toEqual(bare.result.pieces);
    const facts = (rejected: Record<string, unknown>[]) => rejected.map(({ text: _, ...fact }) => fact);
    expect(facts(kept.rejected)).toEqual(facts(bare.rejected));
    expect(kept.rejected.every(({ text }) => text === null)).toBe(true);
    expect(kept.rows.map(({ _line, time }) => [_line, time])).toEqual(
      bare.rows.map(({ _line, time }) => [_line, time]),
    );
  });

  it.each<[string, Hooks]>([
    ["the transform", { transforms: () => [] }],
    [
      "what a text becomes that its column cannot hold",
      { transforms: ([pii]) => [{ apply: (block) => pii!.apply(block) }] },
    ],
    [
      "the rewriting of rows",
      { transforms: ([pii]) => [{ apply() {}, keptMisfit: (...text) => pii!.keptMisfit!(...text) }] },
    ],
    ["the policy for _extra", { policy: (policy) => ({ ...policy, extra: "keep" }) }],
    ["the policy for rejected lines", { rejected: () => undefined }],
  ])("would be told from one without %s", async (_, hooks) => {
    const { bytes } = await written(log, hooks);
    expect(canaries.foundIn(bytes)).not.toEqual([]);
  });

  it("would be told from one without the step of any column", async () => {
    for (const { name: column, type } of log.columns) {
      if (!log.policy.columns[column] || log.unplantable.includes(column)) continue;
      const columns = { ...log.policy.columns, [column]: ["keep" as const] };
      // The texts of a typed column would come to light in `_extra`, beside all others there.
      const extra = type === "string" ? "withhold" : "keep";
      const { bytes } = await written(log, { policy: (policy) => piiPolicy.parse({ ...policy, extra, columns }) });
      const found = canaries
        .foundIn(bytes)
        .filter((canary) => type === "string" || canary.startsWith(`${name} ${column},`));
      expect(found, column).not.toEqual([]);
    }
  });
});
