/** Runs a folder of conformance cases and says what passed and what differs. */
import type { Json, JsonObject } from "../../engine/index.ts";
import { isObject } from "../../engine/values/json.ts";
import { type Case, readCases } from "./case.ts";
import { asSorted, difference, differenceOfBags, differenceOfLists, differenceOfTrees } from "./match.ts";
import { mask, normaliseAnswer, normaliseEvents } from "./normalise.ts";
import { type CaseOutcome, inputText, laboratory, refusal, runExecution } from "./run-case.ts";

export type Level = "result" | "events" | "history";

export interface CaseReport {
  id: string;
  group: string;
  kind: Case["kind"];
  passed: boolean;
  /** The first difference, when it failed. */
  difference?: string;
}

/** @param onCase - Told of each case as it is done. */
export async function conform(
  directory: string,
  {
    level = "history",
    only,
    onCase,
  }: { level?: Level; only?: string | undefined; onCase?: (report: CaseReport) => void } = {},
): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for (const given of readCases(directory)) {
    if (only !== undefined && given.group !== only && !given.id.includes(only)) continue;
    let found: string | undefined;
    try {
      found = await checkCase(given, level);
    } catch (error) {
      found = `the engine threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
    const report: CaseReport = {
      id: given.id,
      group: given.group,
      kind: given.kind,
      passed: found === undefined,
      ...(found === undefined ? {} : { difference: found }),
    };
    reports.push(report);
    onCase?.(report);
  }
  return reports;
}

/** @returns The first difference between a case and what the engine does, undefined when there is none. */
async function checkCase(given: Case, level: Level): Promise<string | undefined> {
  switch (given.kind) {
    case "execution":
      return checkExecution(given, level, await runExecution(given));
    case "create_error":
      return checkCreateError(given);
    case "validate":
      return checkValidate(given);
    case "variable_references":
      return checkVariableReferences(given);
    case "map_run":
      return checkMapRun(given);
    case "test_state":
      return checkTestState(given);
  }
}

function checkExecution(given: Case, level: Level, outcome: CaseOutcome): string | undefined {
  const { expect, placeholders } = given;
  for (const name of ["status", "output", "error", "cause"] as const) {
    const expected = expect[name];
    const actual = outcome[name];
    if (expected === undefined) {
      if (actual !== undefined && name !== "output")
        return `${name}: expected nothing, got ${JSON.stringify(actual).slice(0, 200)}`;
      continue;
    }
    const comparable = isObject(expected) && typeof actual === "string" ? parsed(actual) : (actual as Json | undefined);
    const found = difference(mask(expected), comparable === undefined ? undefined : mask(comparable), placeholders);
    if (found) return `${name}${found}`;
  }
  if (expect["response"] !== undefined) {
    const found = compareAnswer(expect["response"] as JsonObject, outcome.response, given, [
      "startDate",
      "stopDate",
      "billingDetails",
      "traceHeader",
    ]);
    if (found) return `response${found}`;
  }
  if (expect["end_event"] !== undefined) {
    const found = difference(
      mask(expect["end_event"]),
      outcome.end_event && normaliseAnswer(outcome.end_event),
      placeholders,
    );
    if (found) return `end_event${found}`;
  }
  if (level === "result") return undefined;
  const found = checkHistory(given, level, outcome);
  if (found) return `history: ${found}`;
  if (expect["describe_execution"] !== undefined) {
    const described = compareAnswer(expect["describe_execution"] as JsonObject, outcome.describe_execution, given, [
      "startDate",
      "stopDate",
      "redriveDate",
    ]);
    if (described) return `describe_execution${described}`;
  }
  if (Array.isArray(expect["logged_events"])) {
    const actual = (outcome.logged_events ?? []).map((entry) => {
      const { execution_arn: _arn, ...rest } = normaliseAnswer(entry);
      return rest;
    });
    const logged = difference(mask(expect["logged_events"]), actual, placeholders);
    if (logged) return `logged_events${logged}`;
  }
  return undefined;
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function compareAnswer(
  expected: JsonObject,
  actual: JsonObject | undefined,
  given: Case,
  without: string[],
): string | undefined {
  if (!actual) return ": there is none";
  const trim = (value: JsonObject) =>
    Object.fromEntries(Object.entries(value).filter(([name]) => !without.includes(name)));
  return difference(mask(trim(expected)), trim(normaliseAnswer(actual)), given.placeholders);
}

function checkHistory(given: Case, level: Level, outcome: CaseOutcome): string | undefined {
  const expected = given.expect["history"] as JsonObject[] | undefined;
  if (!expected) return undefined;
  let actual = normaliseEvents(outcome.history ?? []);
  if (given.expect["status"] === "RUNNING") actual = actual.slice(0, expected.length);
  const { ordering = "total" } = given.expect;
  const { placeholders } = given;
  const wanted = expected.map((event) => mask(event) as JsonObject);
  if (ordering === "parallel-sorted") return differenceOfBags(wanted, asSorted(actual), placeholders);
  if (level === "events") {
    const strip = (events: JsonObject[]) => events.map(({ id: _id, previousEventId: _previous, ...rest }) => rest);
    return ordering === "total"
      ? differenceOfLists(strip(wanted), strip(actual), placeholders)
      : differenceOfBags(wanted, actual, placeholders);
  }
  if (ordering === "total") return differenceOfLists(wanted, actual, placeholders);
  return differenceOfTrees(forgiven(wanted, given), forgiven(actual, given), placeholders);
}

/** Since when `MapStateExited` follows `MapRunStarted`; before, it followed `MapRunSucceeded`. */
const MAP_RUN_CHANGE_MS = Date.UTC(2024, 6, 1);

/** In the older recordings the exit of a distributed Map follows another event: there it counts as following the start. */
function forgiven(events: JsonObject[], given: Case): JsonObject[] {
  const [day, month, year] = (given.recorded ?? "").split(",")[0]!.split("-").map(Number);
  if (!year || Date.UTC(year, month! - 1, day) >= MAP_RUN_CHANGE_MS) return events;
  const byId = new Map(events.map((event) => [event["id"]!, event]));
  return events.map((event) => {
    const before = byId.get(event["previousEventId"]!);
    return event["type"] === "MapStateExited" && before?.["type"] === "MapRunSucceeded"
      ? { ...event, previousEventId: before["previousEventId"]! }
      : event;
  });
}

async function checkCreateError(given: Case): Promise<string | undefined> {
  const { call } = laboratory(given);
  const base = {
    name: given.name ?? "machine",
    roleArn: given.roleArn ?? "arn:aws:iam::111111111111:role/sfn-role",
    type: given.type ?? "STANDARD",
  };
  const definition = given.definition_text ?? JSON.stringify(given.definition);
  const actual = await refusal(async () => {
    if (given.api === "UpdateStateMachine") {
      const { stateMachineArn } = await call("CreateStateMachine", {
        ...base,
        definition: JSON.stringify({ StartAt: "S", States: { S: { Type: "Succeed" } } }),
      });
      await call("UpdateStateMachine", { stateMachineArn, definition });
    } else {
      await call("CreateStateMachine", { ...base, definition, ...describedVersion(given) });
    }
  });
  return difference(given.expect as JsonObject, actual, given.placeholders);
}

/** The one parameter beside definition and type that a recorded refusal can hang on. */
function describedVersion(given: Case): object {
  return /version description/i.test(String(given.expect["message"])) ? { versionDescription: "a description" } : {};
}

async function checkValidate(given: Case): Promise<string | undefined> {
  const { call } = laboratory(given);
  const actual = await call("ValidateStateMachineDefinition", {
    definition: given.definition_text ?? JSON.stringify(given.definition),
    type: given.type,
  });
  return difference(given.expect as JsonObject, actual, given.placeholders);
}

async function checkVariableReferences(given: Case): Promise<string | undefined> {
  const { call } = laboratory(given);
  const { stateMachineArn } = await call("CreateStateMachine", {
    name: given.name ?? "machine",
    definition: JSON.stringify(given.definition),
    roleArn: given.roleArn ?? "arn:aws:iam::111111111111:role/sfn-role",
    type: given.type ?? "STANDARD",
  });
  const described = await call("DescribeStateMachine", { stateMachineArn });
  const expected =
    isObject(given.expect) && "variableReferences" in given.expect
      ? given.expect["variableReferences"]!
      : (given.expect as unknown as Json);
  return difference(expected, described["variableReferences"] ?? null, given.placeholders);
}

async function checkMapRun(given: Case): Promise<string | undefined> {
  const { call, clock, engine } = laboratory(given);
  const { stateMachineArn } = await call("CreateStateMachine", {
    name: given.name ?? "machine",
    definition: JSON.stringify(given.definition),
    roleArn: given.roleArn ?? "arn:aws:iam::111111111111:role/sfn-role",
    type: given.type ?? "STANDARD",
  });
  const { executionArn } = await call("StartExecution", { stateMachineArn, input: inputText(given.input) });
  await clock.run(() => engine.describe(executionArn as string)!.status !== "RUNNING");
  const list = await call("ListMapRuns", { executionArn });
  const found = difference(
    given.expect["list_map_runs"] as Json,
    JSON.parse(JSON.stringify(list)) as Json,
    given.placeholders,
  );
  if (found) return `list_map_runs${found}`;
  const [run] = list["mapRuns"] as JsonObject[];
  const described = await call("DescribeMapRun", { mapRunArn: run!["mapRunArn"] });
  const differs = difference(
    given.expect["describe_map_run"] as Json,
    JSON.parse(JSON.stringify(described)) as Json,
    given.placeholders,
  );
  return differs && `describe_map_run${differs}`;
}

/** Parameters of TestState that are JSON text on the wire. */
const TEXT_PARAMETERS = ["definition", "input", "context", "variables"];

async function checkTestState(given: Case): Promise<string | undefined> {
  const { call } = laboratory(given);
  const request = Object.fromEntries(
    Object.entries(given.request ?? {}).map(([name, value]) => [
      name,
      TEXT_PARAMETERS.includes(name) ? inputText(value) : value,
    ]),
  );
  let response: JsonObject | undefined;
  const exception = await refusal(async () => {
    response = await call("TestState", request);
  });
  if (given.expect["exception"] !== undefined) {
    return exception
      ? difference(given.expect["exception"], exception, given.placeholders)
      : `expected ${JSON.stringify(given.expect["exception"])}, got ${JSON.stringify(response)}`.slice(0, 400);
  }
  if (exception) return `refused: ${JSON.stringify(exception)}`;
  return difference(mask(given.expect["response"]!), normaliseAnswer(response!), given.placeholders);
}
