/** TestState: runs one state by itself, with a mock in the place of its work, and shows its data on the way. */
import { executionArn, stateMachineArn } from "../../../engine/arn.ts";
import type { DataScope } from "../../../engine/data/state-data.ts";
import { type CompiledState, compileMachine } from "../../../engine/definition/machine.ts";
import { validateState } from "../../../engine/definition/validate.ts";
import type { Engine } from "../../../engine/engine.ts";
import { type Failure, StatesError } from "../../../engine/errors.ts";
import { isObject, type Json, type JsonObject, toText } from "../../../engine/json.ts";
import { decideCatch, failureOf, isFinal, matches, retryDelaySeconds } from "../../../engine/retry.ts";
import { ServiceError } from "../../service-error.ts";
import type { Operation } from "../../wire/service.ts";
import { checkMockResult, type FieldValidationMode } from "./mock-result.ts";

interface TestStateInput {
  definition: string;
  stateName?: string;
  roleArn?: string;
  input?: string;
  inspectionLevel?: "INFO" | "DEBUG" | "TRACE";
  revealSecrets?: boolean;
  variables?: string;
  context?: string;
  mock?: {
    result?: string;
    errorOutput?: { error?: string; cause?: string };
    fieldValidationMode?: FieldValidationMode;
  };
  stateConfiguration?: {
    retrierRetryCount?: number;
    errorCausedByState?: string;
    mapIterationFailureCount?: number;
    mapItemReaderData?: string;
  };
}

/** What AWS calls a state that is tested without a machine around it. */
const STATE_NAME = "StateName";
const MOCKABLE = new Set(["Task", "Map", "Parallel"]);
const EXCEEDED: Failure = {
  error: "States.ExceedToleratedFailureThreshold",
  cause: "The specified tolerated failure threshold was exceeded",
};

export function testState(engine: Engine): Operation {
  return async (request: TestStateInput) => {
    const { state, name } = findState(request);
    checkMock(request, state);
    return new StateTest(engine, request, state, name).run();
  };
}

function refuse(message: string): never {
  throw new ServiceError("ValidationException", message);
}

function parseJson(text: string | undefined, what: string): Json | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new ServiceError(
      what === "input" ? "InvalidExecutionInput" : "ValidationException",
      `Invalid ${what}: '${text}'`,
    );
  }
}

/** The state to test: the definition itself, or the named state of a machine. */
function findState(request: TestStateInput): { state: CompiledState; name: string } {
  const definition = parseJson(request.definition, "definition");
  if (!isObject(definition))
    throw new ServiceError(
      "InvalidDefinition",
      "Invalid State Machine Definition: 'Definition must be a valid JSON object'",
    );
  let raw: Json | undefined = definition;
  let name = STATE_NAME;
  if (request.stateName !== undefined) {
    name = request.stateName;
    raw = stateNamed(definition, name);
    if (!isObject(raw)) refuse("State not found in definition");
  }
  const language = definition["QueryLanguage"] === "JSONata" ? "JSONata" : "JSONPath";
  const problems = validateState(raw as JsonObject, name, language);
  if (problems.length > 0) {
    throw new ServiceError(
      "InvalidDefinition",
      `Invalid State Machine Definition: '${problems.map((p) => `${p.code}: ${p.message}${p.location === undefined ? "" : ` at ${p.location}`}`).join(", ")}'`,
    );
  }
  const machine = compileMachine({ QueryLanguage: language, StartAt: name, States: { [name]: raw as JsonObject } });
  return { state: machine.root.states.get(name)!, name };
}

/** Anywhere in the machine: states of branches and item processors have names too. */
function stateNamed(group: JsonObject, name: string): Json | undefined {
  const states = isObject(group["States"]) ? group["States"] : {};
  if (Object.hasOwn(states, name)) return states[name];
  for (const state of Object.values(states)) {
    if (!isObject(state)) continue;
    const nested = [
      state["ItemProcessor"],
      state["Iterator"],
      ...(Array.isArray(state["Branches"]) ? state["Branches"] : []),
    ];
    for (const inner of nested) {
      const found = isObject(inner) ? stateNamed(inner, name) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function checkMock({ mock, revealSecrets, stateConfiguration, context }: TestStateInput, state: CompiledState): void {
  if (mock?.result !== undefined && mock.errorOutput !== undefined) {
    refuse("A test mock should have only one of the following fields: [result, errorOutput].");
  }
  if (mock && revealSecrets) refuse("TestState does not support RevealSecrets when a mock is specified.");
  if (!mock) {
    for (const [field, label] of [
      ["mapIterationFailureCount", "MapIterationFailureCount"],
      ["retrierRetryCount", "RetrierRetryCount"],
      ["errorCausedByState", "ErrorCausedByState"],
      ["mapItemReaderData", "MapItemReaderData"],
    ] as const) {
      if (stateConfiguration?.[field] !== undefined)
        refuse(`TestState does not support ${label} when a mock is not specified.`);
    }
    if (state.type === "Map" || state.type === "Parallel") {
      throw new ServiceError(
        "InvalidDefinition",
        "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]",
      );
    }
  } else if (!MOCKABLE.has(state.type)) {
    refuse(`State type '${state.type}' is not supported when a mock is specified`);
  }
  const given = parseJson(context, "context");
  if (isObject(given)) {
    if (given["Task"] !== undefined && (state.type !== "Task" || state.resource!.pattern === "requestResponse")) {
      refuse(
        "Invalid Context object provided: Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
      );
    }
    if (given["Map"] !== undefined && state.type !== "Map") {
      refuse("Invalid Context object provided: Context object contains 'Map' when state is not a Map state");
    }
  }
  if (mock?.result !== undefined) checkResult(mock.result, mock.fieldValidationMode ?? "STRICT", state);
}

function checkResult(text: string, mode: FieldValidationMode, state: CompiledState): void {
  let result: Json;
  try {
    result = JSON.parse(text) as Json;
  } catch {
    refuse("Mocked result must be valid JSON");
  }
  if (state.type === "Map") {
    const writes = isObject(state.raw["ResultWriter"]) && Object.keys(state.raw["ResultWriter"]).length > 0;
    if (writes && !isObject(result)) refuse("Mocked result must be a JSON object.");
    if (!writes && !Array.isArray(result)) refuse("Mocked result must be an array.");
  } else if (state.type === "Parallel") {
    if (!Array.isArray(result)) refuse("Mocked result must be an array.");
    if (result.length !== state.groups.length) {
      refuse("Mocked result must contain the same number of items as number of Parallel branches.");
    }
  } else if (state.resource?.events === "task") {
    const { resourceType, resource } = state.resource;
    checkMockResult(`${resourceType}:${resource.replace(".waitForTaskToken", "")}`, result, mode);
  }
}

class StateTest {
  readonly #engine: Engine;
  readonly #request: TestStateInput;
  readonly #state: CompiledState;
  readonly #inspection: Record<string, unknown> = {};
  readonly #scope: DataScope;

  constructor(engine: Engine, request: TestStateInput, state: CompiledState, name: string) {
    this.#engine = engine;
    this.#request = request;
    this.#state = state;
    const input = parseJson(request.input, "input") ?? {};
    this.#inspection["input"] = toText(input);
    const variables = parseJson(request.variables, "variables");
    if (isObject(variables) && Object.keys(variables).length > 0) this.#inspection["variables"] = toText(variables);
    const context = parseJson(request.context, "context");
    this.#scope = {
      stateName: name,
      enteredEventId: 2,
      input,
      context: isObject(context) ? context : this.#ownContext(input),
      variables: isObject(variables) ? variables : {},
      chance: engine.chance,
      nowMs: engine.clock.now(),
      trace: (stage, value) => {
        this.#inspection[stage] = toText(value);
      },
    };
  }

  /** A tested state thinks it runs in an express execution of a machine that nobody made. */
  #ownContext(input: Json): JsonObject {
    const { chance, clock, place } = this.#engine;
    const machine = chance.uuid();
    const execution = chance.uuid();
    const nowText = new Date(clock.now()).toISOString();
    return {
      Execution: {
        Id: executionArn(place, machine, execution, { uuid: chance.uuid() }),
        Input: input,
        Name: execution,
        RoleArn: this.#request.roleArn ?? null,
        StartTime: nowText,
      },
      StateMachine: { Id: stateMachineArn(place, machine), Name: machine },
      State: {
        Name: STATE_NAME,
        EnteredTime: nowText,
        ...(MOCKABLE.has(this.#state.type)
          ? { RetryCount: this.#request.stateConfiguration?.retrierRetryCount ?? 0 }
          : {}),
      },
    };
  }

  async run(): Promise<object> {
    let outcome: Record<string, unknown>;
    try {
      outcome = await this.#outcome();
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      outcome = await this.#failed(error);
    }
    const withInspection = (this.#request.inspectionLevel ?? "INFO") !== "INFO";
    return { ...outcome, ...(withInspection ? { inspectionData: this.#inspection } : {}) };
  }

  async #outcome(): Promise<Record<string, unknown>> {
    const { data, raw, type, next } = this.#state;
    const scope = this.#scope;
    switch (type) {
      case "Pass": {
        const fixed = data.language === "JSONPath" ? raw["Result"] : undefined;
        if (fixed !== undefined) this.#inspection["result"] = toText(fixed);
        return this.#succeeded((await data.complete(scope, fixed ?? (await data.arguments(scope)))).output, next);
      }
      case "Succeed":
        return this.#succeeded((await this.#plain()).output, undefined);
      case "Wait":
        await data.scalar(scope, { name: "Seconds", type: "integer" });
        await data.scalar(scope, { name: "Timestamp", type: "timestamp" });
        return this.#succeeded((await this.#plain()).output, next);
      case "Fail": {
        if (data.language === "JSONPath") data.selectInput(scope);
        const text = async (name: string) => {
          const value = await data.scalar(scope, { name, type: "string" });
          return value === undefined ? undefined : String(value);
        };
        throw new StatesError(await text("Error"), await text("Cause"));
      }
      case "Choice": {
        const { index, completion } = await data.choose(scope);
        const rules = raw["Choices"] as JsonObject[];
        const target = index < 0 ? raw["Default"] : rules[index]!["Next"];
        if (typeof target !== "string") throw new StatesError("States.NoChoiceMatched");
        return this.#succeeded(completion.output, target);
      }
      case "Task":
        return this.#task();
      case "Map":
        return this.#map();
      case "Parallel":
        return this.#succeeded((await data.complete(scope, this.#mocked())).output, next);
    }
  }

  /** States without work of their own only show what their input path selects. */
  async #plain() {
    const completion = await this.#state.data.complete(
      { ...this.#scope, trace: undefined },
      this.#state.data.selectInput(this.#scope),
    );
    return completion;
  }

  #succeeded(output: Json, next: string | undefined): Record<string, unknown> {
    return { output: toText(output), ...(next === undefined ? {} : { nextState: next }), status: "SUCCEEDED" };
  }

  /** The mocked result; a mocked error is thrown. */
  #mocked(): Json {
    const { result, errorOutput } = this.#request.mock!;
    if (errorOutput) throw new StatesError(errorOutput.error, errorOutput.cause);
    return JSON.parse(result ?? "null") as Json;
  }

  async #task(): Promise<Record<string, unknown>> {
    const { data, next } = this.#state;
    const parameters = await data.arguments(this.#scope);
    const result = this.#request.mock ? this.#mocked() : await this.#callOut(parameters);
    this.#inspection["result"] = toText(result);
    return this.#succeeded((await data.complete(this.#scope, result)).output, next);
  }

  /** Without a mock the call is made. */
  async #callOut(parameters: Json): Promise<Json> {
    const { resource, raw } = this.#state;
    const answer = await this.#engine.host.invoke({
      service: resource!.service,
      action: resource!.action,
      resource: String(raw["Resource"]),
      pattern: resource!.pattern,
      input: parameters,
      region: this.#engine.region,
      taskToken: this.#engine.chance.taskToken(),
      invocationId: this.#engine.chance.uuid(),
      executionArn: "",
      stateMachineArn: "",
      stateName: this.#scope.stateName,
    });
    if (answer.status === "failed") throw new StatesError(answer.error, answer.cause);
    return answer.output;
  }

  async #map(): Promise<Record<string, unknown>> {
    const { data, next } = this.#state;
    const scope = this.#scope;
    const number = async (name: string, type: "integer" | "number") => {
      const value = await data.scalar({ ...scope, trace: undefined }, { name, type });
      return value === undefined ? undefined : Number(value);
    };
    this.#inspection["maxConcurrency"] = (await number("MaxConcurrency", "integer")) ?? 0;
    const count = await number("ToleratedFailureCount", "integer");
    if (count !== undefined) this.#inspection["toleratedFailureCount"] = count;
    const percentage = await number("ToleratedFailurePercentage", "number");
    if (percentage !== undefined) this.#inspection["toleratedFailurePercentage"] = percentage;
    const result = this.#mocked();
    const failures = this.#request.stateConfiguration?.mapIterationFailureCount ?? 0;
    const total = Array.isArray(result) ? result.length : 0;
    const tooMany =
      (count !== undefined && failures > count) ||
      (percentage !== undefined && total > 0 && (100 * failures) / total > percentage);
    if (tooMany) throw new StatesError(EXCEEDED.error, EXCEEDED.cause);
    return this.#succeeded((await data.complete(scope, result)).output, next);
  }

  async #failed(error: StatesError): Promise<Record<string, unknown>> {
    const failure = failureOf(error);
    const told = {
      ...(failure.cause === undefined ? {} : { cause: failure.cause }),
      ...(failure.error === undefined ? {} : { error: failure.error }),
    };
    if (isFinal(error)) return { ...told, status: "FAILED" };
    const details: Record<string, number> = {};
    const retrier = this.#state.retry.findIndex(({ errorEquals }) => matches(errorEquals, failure));
    if (retrier >= 0) {
      const rule = this.#state.retry[retrier]!;
      const attempted = this.#request.stateConfiguration?.retrierRetryCount ?? 0;
      details["retryIndex"] = retrier;
      if (attempted < rule.maxAttempts) {
        details["retryBackoffIntervalSeconds"] = retryDelaySeconds(rule, attempted, this.#engine.chance);
        this.#inspection["errorDetails"] = details;
        return { ...told, status: "RETRIABLE" };
      }
      this.#inspection["errorDetails"] = details;
    }
    const catcher = decideCatch(this.#state.catch, failure);
    if (catcher < 0) return { ...told, status: "FAILED" };
    details["catchIndex"] = catcher;
    this.#inspection["errorDetails"] = details;
    const errorOutput = { Error: failure.error ?? null, Cause: failure.cause ?? null };
    const { output } = await this.#state.data.caught(this.#scope, catcher, errorOutput);
    return { ...told, nextState: this.#state.catch[catcher]!.next, output: toText(output), status: "CAUGHT_ERROR" };
  }
}
