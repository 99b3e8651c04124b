/** Activities, and the workers that take their tasks. */
import { type Engine, EngineError } from "../../../../engine/index.ts";
import { checkName } from "../../../../engine/request-checks.ts";
import type { Operations } from "../../../wire/service.ts";
import { unlessStopping } from "../../../wire/stopping.ts";
import { type PageRequest, pageOf } from "./page.ts";

/** GetActivityTask holds a worker's request this long. */
const LONG_POLL_MS = 60_000;

export function activityOperations(engine: Engine): Operations {
  return {
    CreateActivity({ name, tags }: { name: string; tags?: { key: string; value: string }[] }) {
      checkName(name);
      const record = engine.activities.create(name, tags);
      return { activityArn: record.arn, creationDate: new Date(record.createdMs) };
    },

    DescribeActivity({ activityArn: arn }: { activityArn: string }) {
      const record = engine.activities.get(arn);
      if (!record) throw new EngineError("ActivityDoesNotExist", `Activity Does Not Exist: '${arn}'`);
      return { activityArn: record.arn, name: record.name, creationDate: new Date(record.createdMs) };
    },

    DeleteActivity({ activityArn: arn }: { activityArn: string }) {
      engine.activities.delete(arn);
      return {};
    },

    ListActivities(request: PageRequest) {
      const { page, nextToken } = pageOf(engine.activities.list(), request);
      return {
        activities: page.map(({ arn, name, createdMs }) => ({
          activityArn: arn,
          name,
          creationDate: new Date(createdMs),
        })),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },

    async GetActivityTask(
      { activityArn: arn, workerName }: { activityArn: string; workerName?: string },
      { stopping },
    ) {
      return (await unlessStopping(engine.activities.take(arn, workerName, LONG_POLL_MS), stopping)) ?? {};
    },
  };
}
