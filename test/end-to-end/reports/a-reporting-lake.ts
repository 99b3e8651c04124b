/** A lake with two days of load balancer and CloudFront logs, and the reports over them. */
import { gzipSync } from "node:zlib";
import { extractText, getDocumentProxy } from "unpdf";
import { expect } from "vitest";
import { samples } from "../../../lake/generate/index.ts";
import type { ObjectRef } from "../../../lake/object-ref.ts";
import type { FaultPlanInput } from "../../../local/faults.ts";
import { readResultCsv } from "../../../reports/query/result-csv.ts";
import { aLake, type Lake } from "../a-lake.ts";

export const DATE = "2026-01-17";
export const ROWS = 4000;

export interface Published {
  status: string;
  version: number;
  pdf: ObjectRef;
  json: ObjectRef;
  link: string;
  mailSubject: string;
  mailSentBefore?: string;
  error?: string;
  cause?: string;
}

export async function aReportingLake(sources: readonly ("alb" | "cloudfront")[], faults?: FaultPlanInput) {
  const lake = await aLake(faults && { faults });
  await Promise.all(sources.map((source) => ingestSample(lake, source)));
  const bytesOf = ({ bucket, key }: ObjectRef) => lake.read(bucket.split("-")[2]!, key);
  return {
    lake,
    bytesOf,
    jsonOf: async (object: ObjectRef) => JSON.parse(new TextDecoder().decode(await bytesOf(object))),

    /** Asks Athena itself: the query machine looks once a second, which the reports have waited for already. */
    async query(sql: string): Promise<Readonly<Record<string, string | null>>[]> {
      const { QueryExecutionId } = await lake.cloud.call("athena", "StartQueryExecution", {
        QueryString: sql,
        WorkGroup: "sluice-local-Workgroup",
        QueryExecutionContext: { Database: "sluice_local" },
      });
      for (;;) {
        const { QueryExecution } = (await lake.cloud.call("athena", "GetQueryExecution", { QueryExecutionId })) as {
          QueryExecution: {
            Status: { State: string; StateChangeReason?: string };
            ResultConfiguration: { OutputLocation: string };
          };
        };
        const { State, StateChangeReason } = QueryExecution.Status;
        if (State === "FAILED") throw new Error(StateChangeReason);
        if (State === "SUCCEEDED") {
          const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(QueryExecution.ResultConfiguration.OutputLocation)!;
          return readResultCsv(new TextDecoder().decode(await bytesOf({ bucket: bucket!, key: key! })));
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },

    mailsTo: (recipient: string) => lake.cloud.mail().filter(({ to }) => to === recipient),

    async report(name: string, date = DATE, more: object = {}): Promise<Published> {
      const { status, output, cause } = await lake.run("Report", { report: name, date, ...more });
      expect(status, cause).toBe("SUCCEEDED");
      return output as unknown as Published;
    },
  };
}

export type ReportingLake = Awaited<ReturnType<typeof aReportingLake>>;

async function ingestSample(lake: Lake, source: "alb" | "cloudfront"): Promise<void> {
  const files = samples[source]!({ rows: ROWS, seed: 7, firstDay: "2026-01-16", days: 2, files: 4, oddLines: 3 });
  const objects = files.map(({ name }) => ({ bucket: lake.raw, key: `${source}/${name}` }));
  for (const [i, file] of files.entries())
    await lake.put(objects[i]!.key, gzipSync([...file.lines()].join("\n") + "\n"));
  const { status, output } = await lake.run("Ingest", { source, objects });
  expect({ status, output }).toMatchObject({ status: "SUCCEEDED", output: { counts: { rows: ROWS } } });
}

export async function pdfText(pdf: Uint8Array): Promise<string> {
  return (await extractText(await getDocumentProxy(Uint8Array.from(pdf)), { mergePages: true })).text;
}
