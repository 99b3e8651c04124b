/** Runs of distributed Maps. */
import { type Engine, EngineError } from "../../../../engine/index.ts";
import type { Operations } from "../../../wire/service.ts";
import { existingExecution } from "./existing.ts";
import { type PageRequest, pageOf } from "./page.ts";

export function mapRunOperations(engine: Engine): Operations {
  const existing = (arn: string) => {
    const run = engine.mapRuns.get(arn);
    if (!run) throw new EngineError("ResourceNotFound", `Resource not found: '${arn}'`);
    return run;
  };
  return {
    ListMapRuns(request: PageRequest & { executionArn: string }) {
      existingExecution(engine, request.executionArn);
      const { page, nextToken } = pageOf(engine.mapRuns.list(request.executionArn), request);
      return {
        mapRuns: page.map((run) => ({
          executionArn: run.executionArn,
          mapRunArn: run.arn,
          stateMachineArn: run.stateMachineArn,
          startDate: new Date(run.startMs),
          ...(run.stopMs === undefined ? {} : { stopDate: new Date(run.stopMs) }),
        })),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },

    DescribeMapRun({ mapRunArn }: { mapRunArn: string }) {
      const run = existing(mapRunArn);
      return {
        mapRunArn: run.arn,
        executionArn: run.executionArn,
        status: run.status,
        startDate: new Date(run.startMs),
        ...(run.stopMs === undefined ? {} : { stopDate: new Date(run.stopMs) }),
        maxConcurrency: run.maxConcurrency,
        toleratedFailurePercentage: run.toleratedFailurePercentage,
        toleratedFailureCount: run.toleratedFailureCount,
        itemCounts: run.items,
        executionCounts: run.executions,
        ...(run.redriveCount === 0 ? {} : { redriveCount: run.redriveCount, redriveDate: new Date(run.redriveMs!) }),
      };
    },

    UpdateMapRun(request: {
      mapRunArn: string;
      maxConcurrency?: number;
      toleratedFailurePercentage?: number;
      toleratedFailureCount?: number;
    }) {
      const { mapRunArn, ...given } = request;
      existing(mapRunArn);
      engine.mapRuns.update(
        mapRunArn,
        Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      );
      return {};
    },
  };
}
