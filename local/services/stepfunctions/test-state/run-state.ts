/** One run of a tested state, which shows its data on the way. */

import type { DataScope } from "../../../../engine/data/state-data.ts";
import type { CompiledState } from "../../../../engine/definition/machine.ts";
import { decideCatch, failureOf, isFinal, matches, retryDelaySeconds } from "../../../../engine/execution/retry.ts";
import type { Engine, Failure, Json, JsonObject } from "../../../../engine/index.ts";
import { executionArn, stateMachineArn } from "../../../../engine/values/arn.ts";
import { isObject, toText } from "../../../../engine/values/json.ts";
import { StatesError } from "../../../../engine/values/states-error.ts";
import { STATE_NAME } from "./find-state.ts";
import { MOCKABLE, parseJson, type TestStateInput } from "./request.ts";

const EXCEEDED: Failure = {
  error: "States.ExceedToleratedFailureThreshold",
  cause: "The specified tolerated failure threshold was exceeded",
};

export class StateTest {
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
