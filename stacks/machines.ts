/** The workflows. Each is told which tasks and machines it may call; its file must call exactly those. */
import catalogDefinition from "../statemachines/catalog.asl.json";
import ingestDefinition from "../statemachines/ingest.asl.json";
import queryDefinition from "../statemachines/query.asl.json";
import reportDefinition from "../statemachines/report.asl.json";
import { type TaskName, tasks } from "./functions.ts";
import { stateMachine } from "./state-machine/state-machine.ts";

function arnsOf(...names: TaskName[]): Record<string, $util.Output<string>> {
  return Object.fromEntries(names.map((name) => [name, tasks[name].arn]));
}

/** Makes days known to Athena. */
export const catalog = stateMachine("Catalog", {
  definition: catalogDefinition,
  arns: arnsOf("register-partitions", "start-crawler", "poll-crawler"),
});

/** Turns raw objects into rows of the lake. */
export const ingest = stateMachine("Ingest", {
  definition: ingestDefinition,
  arns: {
    ...arnsOf(
      "claim-batch",
      "detect-format",
      "decompress",
      "quarantine",
      "plan-chunks",
      "parse",
      "single-out",
      "check-quality",
      "refuse-batch",
      "write-parquet",
      "record",
    ),
    catalog: catalog.arn,
  },
});

/** Runs one Athena query to its end. */
const query = stateMachine("Query", {
  definition: queryDefinition,
  arns: arnsOf("run-athena-query", "poll-query"),
});

/** Draws a day's report and sends it. */
export const report = stateMachine("Report", {
  definition: reportDefinition,
  arns: {
    ...arnsOf("plan-report", "render-pdf", "publish", "notify", "notify-of-no-data", "notify-of-failure"),
    query: query.arn,
  },
});

export const machines = { Ingest: ingest, Catalog: catalog, Query: query, Report: report };
