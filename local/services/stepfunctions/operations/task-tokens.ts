/** Task tokens: the word of a worker on the task that it was given. */
import type { Engine } from "../../../../engine/index.ts";
import type { Operations } from "../../../wire/service.ts";

export function taskTokenOperations(engine: Engine): Operations {
  return {
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
  };
}
