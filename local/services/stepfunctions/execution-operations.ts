/** Executions, map runs, task tokens and activities. */
import { unqualified } from "../../../engine/arn.ts";
import type { Engine } from "../../../engine/engine.ts";
import { EngineError } from "../../../engine/engine-error.ts";
import type { ExecutionRecord, ExecutionStatus } from "../../../engine/execution-record.ts";
import type { MapRunRecord } from "../../../engine/map-run.ts";
import { checkName } from "../../../engine/request-checks.ts";
import { ServiceError } from "../../service-error.ts";
import type { Operation } from "../../wire/service.ts";
import { decodeToken, encodeToken, pageOf, pageSize } from "./paging.ts";
import { checkArn } from "./state-machine-operations.ts";

/** GetActivityTask holds a worker's request this long. */
const LONG_POLL_MS = 60_000;
const WHOLE = { included: true };

interface Page {
  maxResults?: number;
  nextToken?: string;
}

export function executionOperations(engine: Engine): Record<string, Operation> {
  const existing = (arn: string): ExecutionRecord => {
    checkArn(arn);
    const record = engine.describe(arn);
    if (!record) throw new EngineError("ExecutionDoesNotExist", `Execution Does Not Exist: '${arn}'`);
    return record;
  };
  const mapRun = (arn: string): MapRunRecord => {
    const run = engine.mapRuns.get(arn);
    if (!run) throw new EngineError("ResourceNotFound", `Resource not found: '${arn}'`);
    return run;
  };

  return {
    StartExecution(request: { stateMachineArn: string; name?: string; input?: string; traceHeader?: string }) {
      checkArn(request.stateMachineArn);
      const record = engine.startExecution(request);
      return { executionArn: record.arn, startDate: new Date(record.startMs) };
    },

    async StartSyncExecution(request: {
      stateMachineArn: string;
      name?: string;
      input?: string;
      traceHeader?: string;
      includedData?: "ALL_DATA" | "METADATA_ONLY";
    }) {
      checkArn(request.stateMachineArn);
      const resolved = engine.stateMachines.resolve(request.stateMachineArn, 0);
      if (resolved && resolved.machine.type !== "EXPRESS") {
        throw new ServiceError(
          "StateMachineTypeNotSupported",
          "This operation is not supported by this type of state machine",
        );
      }
      const started = engine.startExecution(request);
      const record = await engine.ended(started.arn);
      const withData = request.includedData !== "METADATA_ONLY";
      const durationMs = record.stopMs! - record.startMs;
      return {
        executionArn: record.arn,
        stateMachineArn: record.stateMachineArn,
        name: record.name,
        startDate: new Date(record.startMs),
        stopDate: new Date(record.stopMs!),
        status: record.status,
        ...failureOf(record),
        ...(withData ? { input: record.input } : {}),
        inputDetails: WHOLE,
        ...(withData && record.output !== undefined ? { output: record.output } : {}),
        outputDetails: WHOLE,
        ...(record.traceHeader === undefined ? {} : { traceHeader: record.traceHeader }),
        billingDetails: {
          billedMemoryUsedInMB: 64,
          billedDurationInMilliseconds: Math.max(100, Math.ceil(durationMs / 100) * 100),
        },
      };
    },

    async StopExecution(request: { executionArn: string; error?: string; cause?: string }) {
      refuseExpress(request.executionArn);
      const record = await engine.stopExecution(request.executionArn, { error: request.error, cause: request.cause });
      return { stopDate: new Date(record.stopMs ?? record.startMs) };
    },

    DescribeExecution({ executionArn, includedData }: { executionArn: string; includedData?: string }) {
      refuseExpress(executionArn);
      const record = existing(executionArn);
      const withData = includedData !== "METADATA_ONLY";
      return {
        executionArn: record.arn,
        stateMachineArn: record.stateMachineArn,
        name: record.name,
        status: record.status,
        startDate: new Date(record.startMs),
        ...(record.stopMs === undefined ? {} : { stopDate: new Date(record.stopMs) }),
        ...(withData ? { input: record.input } : {}),
        inputDetails: WHOLE,
        ...(withData && record.output !== undefined ? { output: record.output } : {}),
        ...(record.output === undefined ? {} : { outputDetails: WHOLE }),
        ...failureOf(record),
        ...(record.traceHeader === undefined ? {} : { traceHeader: record.traceHeader }),
        ...(record.mapRunArn === undefined ? {} : { mapRunArn: record.mapRunArn }),
        ...(record.versionArn === undefined ? {} : { stateMachineVersionArn: record.versionArn }),
        ...(record.aliasArn === undefined ? {} : { stateMachineAliasArn: record.aliasArn }),
        redriveCount: record.redriveCount,
        ...(record.redriveMs === undefined ? {} : { redriveDate: new Date(record.redriveMs) }),
        ...redriveStatus(record),
      };
    },

    ListExecutions(
      request: Page & {
        stateMachineArn?: string;
        mapRunArn?: string;
        statusFilter?: ExecutionStatus;
        redriveFilter?: string;
      },
    ) {
      const owner = request.mapRunArn ?? request.stateMachineArn;
      if (owner === undefined)
        throw new ServiceError("ValidationException", "Must provide a StateMachine ARN or MapRun ARN");
      if (request.stateMachineArn !== undefined) {
        const resolved = engine.stateMachines.resolve(request.stateMachineArn, 0);
        if (!resolved)
          throw new EngineError(
            "StateMachineDoesNotExist",
            `State Machine Does Not Exist: '${request.stateMachineArn}'`,
          );
        if (resolved.machine.type === "EXPRESS") {
          throw new ServiceError(
            "StateMachineTypeNotSupported",
            "This operation is not supported by this type of state machine",
          );
        }
      }
      const { arn, qualifier } =
        request.mapRunArn === undefined ? unqualified(owner) : { arn: owner, qualifier: undefined };
      const { records, next } = engine.listExecutions(arn, {
        status: request.statusFilter,
        after: decodeToken(request.nextToken),
        limit: pageSize(request.maxResults),
      });
      const wanted = records
        .filter(({ versionArn, aliasArn }) => qualifier === undefined || versionArn === owner || aliasArn === owner)
        .filter(({ redriveCount }) =>
          request.redriveFilter === "REDRIVEN"
            ? redriveCount > 0
            : request.redriveFilter === "NOT_REDRIVEN"
              ? redriveCount === 0
              : true,
        );
      return {
        executions: wanted.map((record) => ({
          executionArn: record.arn,
          stateMachineArn: record.stateMachineArn,
          name: record.name,
          status: record.status,
          startDate: new Date(record.startMs),
          ...(record.stopMs === undefined ? {} : { stopDate: new Date(record.stopMs) }),
          ...(record.mapRunArn === undefined
            ? {}
            : { mapRunArn: record.mapRunArn, itemCount: record.parent?.itemCount }),
          ...(record.versionArn === undefined ? {} : { stateMachineVersionArn: record.versionArn }),
          ...(record.aliasArn === undefined ? {} : { stateMachineAliasArn: record.aliasArn }),
          redriveCount: record.redriveCount,
          ...(record.redriveMs === undefined ? {} : { redriveDate: new Date(record.redriveMs) }),
        })),
        ...(next === undefined ? {} : { nextToken: encodeToken(next) }),
      };
    },

    GetExecutionHistory(
      request: Page & { executionArn: string; reverseOrder?: boolean; includeExecutionData?: boolean },
    ) {
      refuseExpress(request.executionArn);
      existing(request.executionArn);
      const size = pageSize(request.maxResults);
      const after = decodeToken(request.nextToken);
      const events = engine.history(request.executionArn, {
        ...(after === undefined ? {} : { after: Number(after) }),
        limit: size + 1,
        reverse: request.reverseOrder ?? false,
      });
      const page = events.slice(0, size);
      return {
        events: page.map((event) => {
          const whole = { ...event, timestamp: new Date(event.timestamp) };
          return request.includeExecutionData === false ? withoutData(whole) : whole;
        }),
        ...(events.length > size ? { nextToken: encodeToken(String(page.at(-1)!.id)) } : {}),
      };
    },

    RedriveExecution({ executionArn }: { executionArn: string }) {
      refuseExpress(executionArn);
      existing(executionArn);
      return { redriveDate: new Date(engine.redrive(executionArn).redriveMs!) };
    },

    SendTaskSuccess({ taskToken, output }: { taskToken: string; output: string }) {
      engine.sendTaskSuccess(taskToken, output);
      return {};
    },
    SendTaskFailure({ taskToken, error, cause }: { taskToken: string; error?: string; cause?: string }) {
      engine.sendTaskFailure(taskToken, { error, cause });
      return {};
    },
    SendTaskHeartbeat({ taskToken }: { taskToken: string }) {
      engine.sendTaskHeartbeat(taskToken);
      return {};
    },

    ListMapRuns(request: Page & { executionArn: string }) {
      existing(request.executionArn);
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
      const run = mapRun(mapRunArn);
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
      mapRun(mapRunArn);
      engine.mapRuns.update(
        mapRunArn,
        Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
      );
      return {};
    },

    CreateActivity({ name, tags }: { name: string; tags?: { key: string; value: string }[] }) {
      checkName(name);
      const record = engine.activities.create(name, tags);
      return { activityArn: record.arn, creationDate: new Date(record.createdMs) };
    },
    DescribeActivity({ activityArn: arn }: { activityArn: string }) {
      const record = engine.activities.get(arn);
      if (!record) throw new EngineError("ActivityDoesNotExist", `Activity Does Not Exist: '${arn}'`);
      return { activityArn: record.arn, name: record.name, creationDate: new Date(record.createdMs) };
    },
    DeleteActivity({ activityArn: arn }: { activityArn: string }) {
      engine.activities.delete(arn);
      return {};
    },
    ListActivities(request: Page) {
      const { page, nextToken } = pageOf(engine.activities.list(), request);
      return {
        activities: page.map(({ arn, name, createdMs }) => ({
          activityArn: arn,
          name,
          creationDate: new Date(createdMs),
        })),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },
    async GetActivityTask({ activityArn: arn, workerName }: { activityArn: string; workerName?: string }) {
      return (await engine.activities.take(arn, workerName, LONG_POLL_MS)) ?? {};
    },

    TagResource({ resourceArn, tags }: { resourceArn: string; tags: { key: string; value: string }[] }) {
      retag(engine, resourceArn, (old) => [...old.filter(({ key }) => !tags.some((tag) => tag.key === key)), ...tags]);
      return {};
    },
    UntagResource({ resourceArn, tagKeys }: { resourceArn: string; tagKeys: string[] }) {
      retag(engine, resourceArn, (old) => old.filter(({ key }) => !tagKeys.includes(key)));
      return {};
    },
    ListTagsForResource({ resourceArn }: { resourceArn: string }) {
      return { tags: retag(engine, resourceArn, (old) => old) };
    },
  };
}

/** Express executions leave no history that could be asked for. */
function refuseExpress(arn: string): void {
  if (arn.split(":")[5] === "express") {
    throw new ServiceError("InvalidArn", `Invalid Arn: 'Resource type not valid in this context: express'`);
  }
}

function failureOf({ error, cause }: ExecutionRecord): object {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

function redriveStatus(record: ExecutionRecord): { redriveStatus: string; redriveStatusReason?: string } {
  switch (record.status) {
    case "RUNNING":
      return { redriveStatus: "NOT_REDRIVABLE", redriveStatusReason: "Execution is RUNNING and cannot be redriven" };
    case "SUCCEEDED":
      return { redriveStatus: "NOT_REDRIVABLE", redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven" };
    default:
      return { redriveStatus: "REDRIVABLE" };
  }
}

/** Without inputs and outputs, which AWS leaves out when asked. */
function withoutData(event: object): object {
  const hidden = new Set(["input", "output", "parameters", "assignedVariables"]);
  return Object.fromEntries(
    Object.entries(event).map(([key, value]) => [
      key,
      key.endsWith("EventDetails")
        ? Object.fromEntries(Object.entries(value as object).filter(([name]) => !hidden.has(name)))
        : value,
    ]),
  );
}

function retag(
  engine: Engine,
  arn: string,
  change: (old: { key: string; value: string }[]) => { key: string; value: string }[],
): { key: string; value: string }[] {
  const machine = engine.stateMachines.get(arn);
  if (machine) {
    machine.tags = change(machine.tags);
    engine.stateMachines.put(machine);
    return machine.tags;
  }
  const activity = engine.activities.get(arn);
  if (activity) {
    activity.tags = change(activity.tags);
    engine.activities.put(activity);
    return activity.tags;
  }
  throw new ServiceError("ResourceNotFound", `Resource not found: '${arn}'`);
}
