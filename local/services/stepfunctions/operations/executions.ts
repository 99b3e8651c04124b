/** Executions: starting, stopping, describing and redriving them. */

import { type Engine, EngineError, type ExecutionRecord, type ExecutionStatus } from "../../../../engine/index.ts";
import { unqualified } from "../../../../engine/values/arn.ts";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import { unlessStopping } from "../../../wire/stopping.ts";
import { checkArn, refuseExpress } from "./arn.ts";
import { existingExecution } from "./existing.ts";
import { decodeToken, encodeToken, type PageRequest, pageSize } from "./page.ts";

/** Nothing of the data was cut off. */
const WHOLE = { included: true };

interface StartInput {
  stateMachineArn: string;
  name?: string;
  input?: string;
  traceHeader?: string;
}

interface ListInput extends PageRequest {
  stateMachineArn?: string;
  mapRunArn?: string;
  statusFilter?: ExecutionStatus;
  redriveFilter?: string;
}

interface HistoryInput extends PageRequest {
  executionArn: string;
  reverseOrder?: boolean;
  includeExecutionData?: boolean;
}

/** METADATA_ONLY leaves inputs and outputs out. */
type IncludedData = "ALL_DATA" | "METADATA_ONLY";

export function executionOperations(engine: Engine): Operations {
  return {
    StartExecution(request: StartInput) {
      checkArn(request.stateMachineArn);
      const record = engine.startExecution(request);
      return { executionArn: record.arn, startDate: new Date(record.startMs) };
    },

    async StartSyncExecution(request: StartInput & { includedData?: IncludedData }, { stopping }) {
      checkArn(request.stateMachineArn);
      const resolved = engine.stateMachines.resolve(request.stateMachineArn, 0);
      if (resolved && resolved.machine.type !== "EXPRESS") throw typeNotSupported();
      const started = engine.startExecution(request);
      return describeSync(await unlessStopping(engine.ended(started.arn), stopping), request.includedData);
    },

    async StopExecution(request: { executionArn: string; error?: string; cause?: string }, { stopping }) {
      refuseExpress(request.executionArn);
      const { executionArn, error, cause } = request;
      const record = await unlessStopping(engine.stopExecution(executionArn, { error, cause }), stopping);
      return { stopDate: new Date(record.stopMs ?? record.startMs) };
    },

    DescribeExecution({ executionArn, includedData }: { executionArn: string; includedData?: IncludedData }) {
      refuseExpress(executionArn);
      return describe(existingExecution(engine, executionArn), includedData);
    },

    ListExecutions: (request: ListInput) => listExecutions(engine, request),

    GetExecutionHistory(request: HistoryInput) {
      refuseExpress(request.executionArn);
      existingExecution(engine, request.executionArn);
      return historyPage(engine, request);
    },

    RedriveExecution({ executionArn }: { executionArn: string }) {
      refuseExpress(executionArn);
      existingExecution(engine, executionArn);
      return { redriveDate: new Date(engine.redrive(executionArn).redriveMs!) };
    },
  };
}

function describeSync(record: ExecutionRecord, includedData: IncludedData | undefined) {
  const durationMs = record.stopMs! - record.startMs;
  return {
    executionArn: record.arn,
    stateMachineArn: record.stateMachineArn,
    name: record.name,
    startDate: new Date(record.startMs),
    stopDate: new Date(record.stopMs!),
    status: record.status,
    ...failureOf(record),
    ...dataOf(record, includedData),
    outputDetails: WHOLE,
    ...(record.traceHeader === undefined ? {} : { traceHeader: record.traceHeader }),
    billingDetails: {
      billedMemoryUsedInMB: 64,
      billedDurationInMilliseconds: Math.max(100, Math.ceil(durationMs / 100) * 100),
    },
  };
}

function describe(record: ExecutionRecord, includedData: IncludedData | undefined) {
  return {
    executionArn: record.arn,
    stateMachineArn: record.stateMachineArn,
    name: record.name,
    status: record.status,
    startDate: new Date(record.startMs),
    ...(record.stopMs === undefined ? {} : { stopDate: new Date(record.stopMs) }),
    ...dataOf(record, includedData),
    ...(record.output === undefined ? {} : { outputDetails: WHOLE }),
    ...failureOf(record),
    ...(record.traceHeader === undefined ? {} : { traceHeader: record.traceHeader }),
    ...(record.mapRunArn === undefined ? {} : { mapRunArn: record.mapRunArn }),
    ...startedThrough(record),
    ...redriveOf(record),
    ...redriveStatus(record),
  };
}

function listExecutions(engine: Engine, request: ListInput) {
  const owner = request.mapRunArn ?? request.stateMachineArn;
  if (owner === undefined)
    throw new ServiceError("ValidationException", "Must provide a StateMachine ARN or MapRun ARN");
  if (request.stateMachineArn !== undefined) checkListable(engine, request.stateMachineArn);
  const { arn, qualifier } =
    request.mapRunArn === undefined ? unqualified(owner) : { arn: owner, qualifier: undefined };
  const { records, next } = engine.listExecutions(arn, {
    status: request.statusFilter,
    after: decodeToken(request.nextToken),
    limit: pageSize(request.maxResults),
  });
  const wanted = records
    .filter(({ versionArn, aliasArn }) => qualifier === undefined || versionArn === owner || aliasArn === owner)
    .filter(({ redriveCount }) => {
      if (request.redriveFilter === "REDRIVEN") return redriveCount > 0;
      return request.redriveFilter !== "NOT_REDRIVEN" || redriveCount === 0;
    });
  return {
    executions: wanted.map((record) => ({
      executionArn: record.arn,
      stateMachineArn: record.stateMachineArn,
      name: record.name,
      status: record.status,
      startDate: new Date(record.startMs),
      ...(record.stopMs === undefined ? {} : { stopDate: new Date(record.stopMs) }),
      ...(record.mapRunArn === undefined ? {} : { mapRunArn: record.mapRunArn, itemCount: record.parent?.itemCount }),
      ...startedThrough(record),
      ...redriveOf(record),
    })),
    ...(next === undefined ? {} : { nextToken: encodeToken(next) }),
  };
}

/** @throws {ServiceError | EngineError} StateMachineDoesNotExist, StateMachineTypeNotSupported. */
function checkListable(engine: Engine, stateMachineArn: string): void {
  const resolved = engine.stateMachines.resolve(stateMachineArn, 0);
  if (!resolved)
    throw new EngineError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${stateMachineArn}'`);
  if (resolved.machine.type === "EXPRESS") throw typeNotSupported();
}

function historyPage(engine: Engine, request: HistoryInput) {
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
}

function dataOf({ input, output }: ExecutionRecord, includedData: IncludedData | undefined) {
  const withData = includedData !== "METADATA_ONLY";
  return {
    ...(withData ? { input } : {}),
    inputDetails: WHOLE,
    ...(withData && output !== undefined ? { output } : {}),
  };
}

function failureOf({ error, cause }: ExecutionRecord): object {
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

/** The version and the alias through which it was started, if any. */
function startedThrough({ versionArn, aliasArn }: ExecutionRecord) {
  return {
    ...(versionArn === undefined ? {} : { stateMachineVersionArn: versionArn }),
    ...(aliasArn === undefined ? {} : { stateMachineAliasArn: aliasArn }),
  };
}

function redriveOf({ redriveCount, redriveMs }: ExecutionRecord) {
  return { redriveCount, ...(redriveMs === undefined ? {} : { redriveDate: new Date(redriveMs) }) };
}

function redriveStatus({ status }: ExecutionRecord): { redriveStatus: string; redriveStatusReason?: string } {
  if (status !== "RUNNING" && status !== "SUCCEEDED") return { redriveStatus: "REDRIVABLE" };
  const redriveStatusReason = `Execution is ${status} and cannot be redriven`;
  return { redriveStatus: "NOT_REDRIVABLE", redriveStatusReason };
}

/** An event without inputs and outputs, which AWS leaves out when asked. */
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

const typeNotSupported = () =>
  new ServiceError("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine");
