/** Writes the results of a distributed Map to S3: one file per outcome and a manifest that names them. */
import type { TaskHost } from "../../ports/task-host.ts";
import type { ExecutionRecord } from "../../records/execution-record.ts";
import type { MapRunRecord } from "../../records/map-run-record.ts";
import type { Json, JsonObject } from "../../values/json.ts";
import { StatesError } from "../../values/states-error.ts";

/** The entry of one child in a result file. */
function childResult(record: ExecutionRecord): JsonObject {
  return {
    ExecutionArn: record.arn,
    Input: record.input,
    InputDetails: { Included: true },
    Name: record.name,
    ...(record.output === undefined ? {} : { Output: record.output, OutputDetails: { Included: true } }),
    ...(record.error === undefined ? {} : { Error: record.error }),
    ...(record.cause === undefined ? {} : { Cause: record.cause }),
    RedriveCount: record.redriveCount,
    RedriveStatus: record.status === "SUCCEEDED" ? "NOT_REDRIVABLE" : "REDRIVABLE",
    StartDate: new Date(record.startMs).toISOString(),
    StateMachineArn: record.stateMachineArn,
    Status: record.status,
    ...(record.stopMs === undefined ? {} : { StopDate: new Date(record.stopMs).toISOString() }),
  };
}

/**
 * @returns The state's result, which points to the manifest.
 * @throws {StatesError} States.ResultWriterFailed.
 */
export async function writeResults(
  host: TaskHost,
  run: MapRunRecord,
  target: { bucket: string; prefix: string },
  children: { succeeded: ExecutionRecord[]; failed: ExecutionRecord[]; pending: string[] },
): Promise<Json> {
  if (!host.writeObject) throw new StatesError("States.ResultWriterFailed", "The task host cannot write objects");
  const runId = run.arn.split(":").at(-1)!;
  const base = `${target.prefix === "" ? "" : `${target.prefix.replace(/\/$/, "")}/`}${runId}/`;
  const files: { [outcome: string]: Json[] } = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  const contents: [string, Json[]][] = [
    ["FAILED", children.failed.map(childResult)],
    ["PENDING", children.pending.map((input): JsonObject => ({ Input: input, InputDetails: { Included: true } }))],
    ["SUCCEEDED", children.succeeded.map(childResult)],
  ];
  try {
    for (const [outcome, results] of contents) {
      if (results.length === 0) continue;
      const key = `${base}${outcome}_0.json`;
      const body = JSON.stringify(results);
      await host.writeObject(target.bucket, key, body);
      files[outcome]!.push({ Key: key, Size: Buffer.byteLength(body) });
    }
    const manifestKey = `${base}manifest.json`;
    await host.writeObject(
      target.bucket,
      manifestKey,
      JSON.stringify({ DestinationBucket: target.bucket, MapRunArn: run.arn, ResultFiles: files }),
    );
    return { MapRunArn: run.arn, ResultWriterDetails: { Bucket: target.bucket, Key: manifestKey } };
  } catch (error) {
    throw new StatesError("States.ResultWriterFailed", error instanceof Error ? error.message : String(error));
  }
}
