/** `ecs:runTask`, and `.sync`, which waits for the task to stop and fails when a container failed. */
import { isObject, type JsonObject } from "../values/json.ts";
import type { Integration } from "./integration.ts";

export const ecsRunTask: Integration = {
  service: "ecs",
  action: "runTask",
  patterns: ["requestResponse", "sync", "waitForTaskToken"],
  errorPrefix: "ECS",
  apiCall: (input) => ({ service: "ecs", action: "runTask", input }),
  result(output) {
    const failures = Array.isArray(output["Failures"]) ? output["Failures"] : [];
    return failures.length > 0
      ? { failure: { error: "ECS.AmazonECSException", cause: JSON.stringify(output) } }
      : { output };
  },
  job: {
    pollSeconds: 1,
    describe(submitted, call) {
      const tasks = Array.isArray(submitted["Tasks"]) ? submitted["Tasks"].filter(isObject) : [];
      const cluster = (call.input as JsonObject)["Cluster"];
      return {
        service: "ecs",
        action: "describeTasks",
        input: { ...(cluster === undefined ? {} : { Cluster: cluster }), Tasks: tasks.map((task) => task["TaskArn"]!) },
      };
    },
    ended(description) {
      const tasks = Array.isArray(description["Tasks"]) ? description["Tasks"].filter(isObject) : [];
      const task = tasks[0];
      if (task?.["LastStatus"] !== "STOPPED") return undefined;
      const containers = Array.isArray(task["Containers"]) ? task["Containers"].filter(isObject) : [];
      const failed = containers.length === 0 || containers.some((container) => container["ExitCode"] !== 0);
      return failed ? { failure: { error: "States.TaskFailed", cause: JSON.stringify(task) } } : { output: task };
    },
  },
};
