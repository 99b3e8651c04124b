/** Task: hands a call out and waits for its answer. */
import type { DataScope } from "../data/state-data.ts";
import type { CompiledState } from "../definition/machine.ts";
import type { Wait } from "../records/frame.ts";
import * as history from "../records/history.ts";
import { exceedsBytes, isObject, type Json, PAYLOAD_LIMIT_BYTES, toText } from "../values/json.ts";
import { badFieldValue, payloadTooLarge, StatesError } from "../values/states-error.ts";
import type { StateBehaviour } from "./state-behaviour.ts";

export const task: StateBehaviour = {
  /** A nested execution that the task waited for ends with its parent. */
  forget(execution, frame) {
    const { resource } = execution.stateOf(frame);
    if (resource?.service !== "states" || resource.pattern !== "sync") return;
    if (frame.wait?.kind !== "task" || frame.wait.submitted === undefined) return;
    const { ExecutionArn } = JSON.parse(frame.wait.submitted) as { ExecutionArn: string };
    execution.afterWrite(() => execution.home.stopNested(ExecutionArn));
  },

  async run(execution, frame, state) {
    const resource = state.resource!;
    const taskToken = execution.home.chance.taskToken();
    const scope = execution.scope(frame, state, resource.pattern === "waitForTaskToken" ? { taskToken } : {});
    const timeoutSeconds = await seconds(scope, state, "TimeoutSeconds");
    const heartbeatSeconds = await seconds(scope, state, "HeartbeatSeconds");
    const parameters = await state.data.arguments(scope);
    const credentials = await state.data.template(scope, "Credentials");
    const roleArn =
      isObject(credentials) && typeof credentials["RoleArn"] === "string" ? credentials["RoleArn"] : undefined;
    const text = parameters === frame.input ? frame.inputText : toText(parameters);
    if (exceedsBytes(text, PAYLOAD_LIMIT_BYTES)) throw payloadTooLarge(state.name);
    const scheduled = {
      parameters: text,
      region: execution.home.place.region,
      timeoutInSeconds: timeoutSeconds,
      heartbeatInSeconds: heartbeatSeconds,
      roleArn,
    };
    const scheduledId = execution.recordEvent(frame, history.taskScheduled(resource, scheduled));
    const activity = resource.events === "activity";
    if (!activity) execution.recordEvent(frame, history.taskStarted(resource));
    const nowMs = execution.home.clock.now();
    const heartbeatMs = heartbeatSeconds === undefined ? undefined : heartbeatSeconds * 1000;
    execution.waitFor(frame, {
      kind: "task",
      parameters: text,
      taskToken,
      invocationId: `${execution.record.arn}/${scheduledId}`,
      roleArn,
      timeoutAtMs: timeoutSeconds === undefined ? undefined : nowMs + timeoutSeconds * 1000,
      heartbeatMs,
      // An activity's first heartbeat counts from the moment when a worker takes the task.
      heartbeatAtMs: heartbeatMs === undefined || activity ? undefined : nowMs + heartbeatMs,
      untaken: activity || undefined,
    });
  },

  async answered(execution, frame, state, answer) {
    const resource = state.resource!;
    if (answer.status === "failed") {
      const event = answer.unscheduled ? history.taskScheduleFailed : history.taskFailed;
      execution.recordEvent(frame, event(resource, answer));
      throw new StatesError(answer.error, answer.cause);
    }
    const text = toText(answer.output);
    if (exceedsBytes(text, PAYLOAD_LIMIT_BYTES)) {
      const tooLarge = payloadTooLarge(resource.events === "task" ? resource.resourceType : resource.resource);
      execution.recordEvent(frame, history.taskFailed(resource, { error: tooLarge.error, cause: tooLarge.cause }));
      throw tooLarge;
    }
    if (answer.status === "submitted") {
      execution.recordEvent(frame, history.taskSubmitted(resource, text));
      const wait = frame.wait as Wait & { kind: "task" };
      execution.waitOn(frame, { ...wait, submitted: text, early: undefined });
      if (wait.early) await this.answered!(execution, frame, state, wait.early);
      return;
    }
    execution.settle(frame);
    execution.recordEvent(frame, history.taskSucceeded(resource, text));
    const completion = await state.data.complete(execution.scope(frame, state), answer.output);
    await execution.exit(frame, state, completion, state.next);
  },
};

async function seconds(scope: DataScope, state: CompiledState, name: string): Promise<number | undefined> {
  const value: Json | undefined = await state.data.scalar(scope, { name, type: "integer" });
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number <= 0) {
    throw badFieldValue(
      scope,
      state.data.language,
      name,
      `The ${name}${state.data.language === "JSONPath" ? "Path" : ""} parameter does not reference a positive integer: ${String(state.raw[`${name}Path`] ?? state.raw[name])}`,
    );
  }
  return number;
}
