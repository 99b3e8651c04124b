/** Runs one case on a virtual clock and hands back everything that can be compared. */

import {
  Engine,
  type HistoryEvent,
  type Json,
  type JsonObject,
  seededChance,
  VirtualClock,
} from "../../engine/index.ts";
import type { DrivenClock } from "../../engine/ports/clock.ts";
import { isObject } from "../../engine/values/json.ts";
import { ServiceError } from "../service-error.ts";
import { statesService } from "../services/stepfunctions/service.ts";
import type { Case, Placeholders, Surroundings } from "./case.ts";
import { CaseHost, pythonJson, startActivityWorkers } from "./case-host.ts";
import { type LoggingOptions, logEntry } from "./log-events.ts";

const ACCOUNT = "111111111111";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/sfn-role`;

/** A laboratory for one machine: engine, API, clock and what surrounds them. */
export function laboratory(
  surroundings: Surroundings,
  { clock = new VirtualClock(), seed = 1 }: { clock?: DrivenClock; seed?: number } = {},
) {
  const host = new CaseHost(surroundings, clock);
  const engine = new Engine({ host, clock, chance: seededChance(seed), accountId: ACCOUNT });
  const service = statesService(engine);
  const context = { region: engine.region, accountId: ACCOUNT, now: () => clock.now() };
  const call = async (operation: string, input: object): Promise<JsonObject> =>
    (await service.operations[operation]!(input, context)) as JsonObject;
  return { clock, engine, call };
}

/** The text that was sent for an input. */
export function inputText(value: Json | undefined): string {
  return pythonJson(value ?? {});
}

export interface CaseOutcome {
  status?: string;
  output?: Json;
  error?: string;
  cause?: string;
  history?: HistoryEvent[];
  describe_execution?: JsonObject;
  response?: JsonObject;
  end_event?: JsonObject;
  logged_events?: JsonObject[];
}

/** AWS lets an execution live for a year at most. One that has not ended after a year is described as it stands. */
const LONGEST_EXECUTION_MS = 365 * 24 * 3600 * 1000;
/** A case that was recorded before its execution ended is looked at after this long on the virtual clock. */
const RUNNING_LIMIT_MS = 60_000;

/**
 * The recorder wrote one name for every role; where it says which, the machine gets that one.
 * @param drivenBy - Default: a virtual clock that starts when the case says.
 */
export async function runExecution(
  given: Omit<Case, "expect" | "placeholders" | "id" | "group" | "kind"> & {
    expect?: JsonObject;
    placeholders?: Placeholders;
  },
  drivenBy?: DrivenClock,
): Promise<CaseOutcome> {
  const startMs =
    given.clock === undefined ? undefined : typeof given.clock === "number" ? given.clock : Date.parse(given.clock);
  const clock = drivenBy ?? new VirtualClock(startMs);
  const { engine, call } = laboratory(given, { clock });
  const name = given.name ?? "machine";
  const express = given.type === "EXPRESS";
  const logs: JsonObject[] = [];
  engine.onEvent((record, event) => {
    if (record.stateMachineName !== name) return;
    const entry = logEntry(
      event,
      (given.logging as LoggingOptions | undefined) ?? { level: "ALL", includeExecutionData: true },
      record,
    );
    if (entry) logs.push(entry);
  });

  for (const [arn, other] of otherMachines(given.state_machines)) {
    await call("CreateStateMachine", {
      name: arn.split(":").at(-1)!,
      definition: JSON.stringify(other.definition),
      roleArn: ROLE,
      type: other.type,
    });
  }
  const created = await call("CreateStateMachine", {
    name,
    definition: given.definition_text ?? JSON.stringify(given.definition),
    roleArn: given.placeholders?.substituted?.["snf_role_arn"] ?? given.roleArn ?? ROLE,
    type: given.type ?? "STANDARD",
  });
  const target = await viaAlias(call, created["stateMachineArn"] as string, given.expect);
  startActivityWorkers(engine, given);
  const request = {
    stateMachineArn: target,
    ...(given.executionName === undefined ? {} : { name: given.executionName }),
    ...(given.input_absent ? {} : { input: inputText(given.input) }),
  };
  const sync = given.mode === "express_sync" ? call("StartSyncExecution", request) : undefined;
  const record = sync
    ? [...engine.openRecords()].find((open) => open.stateMachineName === name)!
    : engine.describe((await call("StartExecution", request))["executionArn"] as string)!;

  const meantToRun = given.expect?.["status"] === "RUNNING";
  const beginMs = clock.now();
  const ended = () => engine.describe(record.arn)!.status !== "RUNNING";
  if (given.stop) {
    await clock.run(() => ended() || engine.live(record.arn)!.waiting);
    if (!ended()) void call("StopExecution", { executionArn: record.arn, ...given.stop });
  }
  await clock.run(ended, beginMs + (meantToRun ? RUNNING_LIMIT_MS : LONGEST_EXECUTION_MS));

  const final = engine.describe(record.arn)!;
  const outcome: CaseOutcome = { status: final.status };
  if (final.output !== undefined) outcome.output = JSON.parse(final.output) as Json;
  if (final.error !== undefined) outcome.error = final.error;
  if (final.cause !== undefined) outcome.cause = final.cause;
  if (sync) outcome.response = await sync;
  if (!express) {
    outcome.history = engine.history(record.arn);
    outcome.describe_execution = await call("DescribeExecution", { executionArn: record.arn });
  }
  outcome.logged_events = logs;
  const last = logs.at(-1);
  if (last) outcome.end_event = last;
  return outcome;
}

/** A case may have been started through a version or an alias; its description tells. */
async function viaAlias(
  call: (operation: string, input: object) => Promise<JsonObject>,
  arn: string,
  expect: JsonObject | undefined,
): Promise<string> {
  const described = expect?.["describe_execution"];
  if (!isObject(described)) return arn;
  const alias = described["stateMachineAliasArn"];
  const version = described["stateMachineVersionArn"];
  if (alias === undefined && version === undefined) return arn;
  const published = await call("PublishStateMachineVersion", { stateMachineArn: arn });
  if (typeof alias !== "string") return published["stateMachineVersionArn"] as string;
  const made = await call("CreateStateMachineAlias", {
    name: alias.split(":").at(-1)!,
    routingConfiguration: [{ stateMachineVersionArn: published["stateMachineVersionArn"], weight: 100 }],
  });
  return made["stateMachineAliasArn"] as string;
}

function otherMachines(given: Json | undefined): [string, { definition: Json; type?: string }][] {
  if (Array.isArray(given)) {
    return given
      .filter(isObject)
      .map((machine) => [String(machine["arn"] ?? machine["name"]), machine as unknown as { definition: Json }]);
  }
  if (!isObject(given)) return [];
  return Object.entries(given).map(([name, machine]) => {
    const wrapped = isObject(machine) && machine["definition"] !== undefined;
    return [name, wrapped ? (machine as unknown as { definition: Json }) : { definition: machine }];
  });
}

/** An API call that a case expects to be refused. */
export async function refusal(operation: () => Promise<unknown>): Promise<JsonObject | undefined> {
  try {
    await operation();
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { code: error.code, message: error.message };
  }
}
