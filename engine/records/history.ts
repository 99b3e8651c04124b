/** History events, in the shapes of GetExecutionHistory. No other file knows these shapes. */
import type { StateType } from "../definition/machine.ts";
import type { TaskResource } from "../integrations/resource.ts";
import { type JsonObject, toText } from "../values/json.ts";
import type { Failure } from "../values/states-error.ts";

/** An event as it is stored. `timestamp` is in milliseconds since the epoch. */
export interface HistoryEvent {
  id: number;
  previousEventId: number;
  timestamp: number;
  type: string;
  [details: string]: unknown;
}

/** An event that has no place in a history yet. */
export interface NewEvent {
  type: string;
  [details: string]: unknown;
}

/** Id of the last event that an execution may have. AWS ends the execution with it. */
export const LAST_EVENT_ID = 25_000;

const WHOLE = { truncated: false };

/** Absent parts stay absent; AWS does not write null. */
function failureDetails({ error, cause }: Failure): object {
  return { ...(cause === undefined ? {} : { cause }), ...(error === undefined ? {} : { error }) };
}

export const executionStarted = (
  input: string,
  roleArn: string,
  via?: { aliasArn?: string | undefined; versionArn?: string | undefined },
): NewEvent => ({
  type: "ExecutionStarted",
  executionStartedEventDetails: {
    input,
    inputDetails: WHOLE,
    roleArn,
    ...(via?.aliasArn ? { stateMachineAliasArn: via.aliasArn } : {}),
    ...(via?.versionArn ? { stateMachineVersionArn: via.versionArn } : {}),
  },
});

export const executionSucceeded = (output: string): NewEvent => ({
  type: "ExecutionSucceeded",
  executionSucceededEventDetails: { output, outputDetails: WHOLE },
});

export const executionFailed = (failure: Failure): NewEvent => ({
  type: "ExecutionFailed",
  executionFailedEventDetails: failureDetails(failure),
});

export const executionAborted = (failure: Failure): NewEvent => ({
  type: "ExecutionAborted",
  executionAbortedEventDetails: failureDetails(failure),
});

export const executionTimedOut = (): NewEvent => ({
  type: "ExecutionTimedOut",
  executionTimedOutEventDetails: {},
});

export const executionRedriven = (redriveCount: number): NewEvent => ({
  type: "ExecutionRedriven",
  executionRedrivenEventDetails: { redriveCount },
});

export const stateEntered = (type: StateType, name: string, input: string): NewEvent => ({
  type: `${type}StateEntered`,
  stateEnteredEventDetails: { input, inputDetails: WHOLE, name },
});

/** @param assigned - Values of the variables that the state wrote. */
export const stateExited = (type: StateType, name: string, output: string, assigned?: JsonObject): NewEvent => ({
  type: `${type}StateExited`,
  stateExitedEventDetails: {
    ...(assigned && Object.keys(assigned).length > 0
      ? {
          assignedVariables: Object.fromEntries(
            Object.entries(assigned)
              .map(([variable, value]) => [variable, toText(value)] as const)
              .sort(([a], [b]) => (a < b ? -1 : 1)),
          ),
          assignedVariablesDetails: WHOLE,
        }
      : {}),
    name,
    output,
    outputDetails: WHOLE,
  },
});

export const stateAborted = (type: "Task" | "Wait" | "Map" | "Parallel"): NewEvent => ({ type: `${type}StateAborted` });

export const evaluationFailed = (failure: Failure, state: string, location?: string): NewEvent => ({
  type: "EvaluationFailed",
  evaluationFailedEventDetails: {
    ...failureDetails(failure),
    ...(location === undefined ? {} : { location }),
    state,
  },
});

export const mapStateStarted = (length: number): NewEvent => ({
  type: "MapStateStarted",
  mapStateStartedEventDetails: { length },
});
export const mapStateSucceeded = (): NewEvent => ({ type: "MapStateSucceeded" });
export const mapStateFailed = (): NewEvent => ({ type: "MapStateFailed" });
export const parallelStateStarted = (): NewEvent => ({ type: "ParallelStateStarted" });
export const parallelStateSucceeded = (): NewEvent => ({ type: "ParallelStateSucceeded" });
export const parallelStateFailed = (): NewEvent => ({ type: "ParallelStateFailed" });

export const mapIteration = (
  what: "Started" | "Succeeded" | "Failed" | "Aborted",
  name: string,
  index: number,
): NewEvent => ({
  type: `MapIteration${what}`,
  [`mapIteration${what}EventDetails`]: { index, name },
});

export const mapRunStarted = (mapRunArn: string): NewEvent => ({
  type: "MapRunStarted",
  mapRunStartedEventDetails: { mapRunArn },
});
export const mapRunRedriven = (mapRunArn: string, redriveCount: number): NewEvent => ({
  type: "MapRunRedriven",
  mapRunRedrivenEventDetails: { mapRunArn, redriveCount },
});
export const mapRunSucceeded = (): NewEvent => ({ type: "MapRunSucceeded" });
export const mapRunFailed = (failure: Failure): NewEvent => ({
  type: "MapRunFailed",
  mapRunFailedEventDetails: failureDetails(failure),
});

interface ScheduledTask {
  parameters: string;
  region: string;
  timeoutInSeconds?: number | undefined;
  heartbeatInSeconds?: number | undefined;
  roleArn?: string | undefined;
}

/** A call was handed out. Lambda functions named by ARN and activities have events of their own kind. */
export function taskScheduled(resource: TaskResource, task: ScheduledTask): NewEvent {
  const limits = {
    ...(task.timeoutInSeconds === undefined ? {} : { timeoutInSeconds: task.timeoutInSeconds }),
    ...(task.heartbeatInSeconds === undefined ? {} : { heartbeatInSeconds: task.heartbeatInSeconds }),
  };
  const credentials = task.roleArn === undefined ? {} : { taskCredentials: { roleArn: task.roleArn } };
  switch (resource.events) {
    case "task":
      return {
        type: "TaskScheduled",
        taskScheduledEventDetails: {
          parameters: task.parameters,
          region: task.region,
          resource: resource.resource,
          resourceType: resource.resourceType,
          ...limits,
          ...credentials,
        },
      };
    case "lambda":
      return {
        type: "LambdaFunctionScheduled",
        lambdaFunctionScheduledEventDetails: {
          input: task.parameters,
          inputDetails: WHOLE,
          resource: resource.resource,
          ...(task.timeoutInSeconds === undefined ? {} : { timeoutInSeconds: task.timeoutInSeconds }),
          ...credentials,
        },
      };
    case "activity":
      return {
        type: "ActivityScheduled",
        activityScheduledEventDetails: {
          input: task.parameters,
          inputDetails: WHOLE,
          resource: resource.resource,
          ...limits,
        },
      };
  }
}

function named(resource: TaskResource): object {
  return { resource: resource.resource, resourceType: resource.resourceType };
}

/** @param workerName - Of the activity worker that took the task. */
export function taskStarted(resource: TaskResource, workerName?: string): NewEvent {
  switch (resource.events) {
    case "task":
      return { type: "TaskStarted", taskStartedEventDetails: named(resource) };
    case "lambda":
      return { type: "LambdaFunctionStarted" };
    case "activity":
      return { type: "ActivityStarted", activityStartedEventDetails: workerName === undefined ? {} : { workerName } };
  }
}

export const taskSubmitted = (resource: TaskResource, output: string): NewEvent => ({
  type: "TaskSubmitted",
  taskSubmittedEventDetails: { output, outputDetails: WHOLE, ...named(resource) },
});

export function taskSucceeded(resource: TaskResource, output: string): NewEvent {
  const details = { output, outputDetails: WHOLE };
  switch (resource.events) {
    case "task":
      return { type: "TaskSucceeded", taskSucceededEventDetails: { ...details, ...named(resource) } };
    case "lambda":
      return { type: "LambdaFunctionSucceeded", lambdaFunctionSucceededEventDetails: details };
    case "activity":
      return { type: "ActivitySucceeded", activitySucceededEventDetails: details };
  }
}

export function taskFailed(resource: TaskResource, failure: Failure): NewEvent {
  switch (resource.events) {
    case "task":
      return { type: "TaskFailed", taskFailedEventDetails: { ...failureDetails(failure), ...named(resource) } };
    case "lambda":
      return { type: "LambdaFunctionFailed", lambdaFunctionFailedEventDetails: failureDetails(failure) };
    case "activity":
      return { type: "ActivityFailed", activityFailedEventDetails: failureDetails(failure) };
  }
}

/** The call could not be handed out at all. */
export function taskScheduleFailed(resource: TaskResource, failure: Failure): NewEvent {
  switch (resource.events) {
    case "task":
      return {
        type: "TaskStartFailed",
        taskStartFailedEventDetails: { ...failureDetails(failure), ...named(resource) },
      };
    case "lambda":
      return {
        type: "LambdaFunctionScheduleFailed",
        lambdaFunctionScheduleFailedEventDetails: failureDetails(failure),
      };
    case "activity":
      return { type: "ActivityScheduleFailed", activityScheduleFailedEventDetails: failureDetails(failure) };
  }
}

export function taskTimedOut(resource: TaskResource, failure: Failure): NewEvent {
  switch (resource.events) {
    case "task":
      return { type: "TaskTimedOut", taskTimedOutEventDetails: { ...failureDetails(failure), ...named(resource) } };
    case "lambda":
      return { type: "LambdaFunctionTimedOut", lambdaFunctionTimedOutEventDetails: failureDetails(failure) };
    case "activity":
      return { type: "ActivityTimedOut", activityTimedOutEventDetails: failureDetails(failure) };
  }
}
