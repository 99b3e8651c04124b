/** Follows the job of a `.sync` task until it ends. */
import { fromApiOutput, toApiInput } from "../integrations/aws-sdk.ts";
import type { Integration } from "../integrations/integration.ts";
import type { Clock } from "../ports/clock.ts";
import type { TaskAnswer, TaskCall } from "../ports/task-host.ts";
import type { Json, JsonObject } from "../values/json.ts";
import { refusal } from "./api-error.ts";
import type { CallInRegion } from "./call-api.ts";

/** @param integration - One with a job. */
export async function followJob(
  integration: Integration,
  task: TaskCall,
  submitted: Json,
  call: CallInRegion,
  clock: Clock,
): Promise<TaskAnswer> {
  const job = integration.job!;
  for (;;) {
    try {
      const api = job.describe(submitted as JsonObject, task);
      const input = toApiInput(api.service, api.input);
      const ended = job.ended(fromApiOutput(api.service, await call({ ...api, input, roleArn: task.roleArn })));
      if (ended)
        return "failure" in ended
          ? { status: "failed", ...ended.failure }
          : { status: "succeeded", output: ended.output };
    } catch (error) {
      return refusal(error, integration.errorPrefix, false);
    }
    await sleep(clock, job.pollSeconds);
  }
}

function sleep(clock: Clock, seconds: number): Promise<void> {
  return new Promise((resolve) => void clock.at(clock.now() + seconds * 1000, resolve));
}
