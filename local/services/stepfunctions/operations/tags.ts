/** Tags of state machines and activities. */
import type { Engine } from "../../../../engine/index.ts";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";

interface Tag {
  key: string;
  value: string;
}

export function tagOperations(engine: Engine): Operations {
  return {
    TagResource({ resourceArn, tags }: { resourceArn: string; tags: Tag[] }) {
      retag(engine, resourceArn, (old) => [...old.filter(({ key }) => !tags.some((tag) => tag.key === key)), ...tags]);
      return {};
    },

    UntagResource({ resourceArn, tagKeys }: { resourceArn: string; tagKeys: string[] }) {
      retag(engine, resourceArn, (old) => old.filter(({ key }) => !tagKeys.includes(key)));
      return {};
    },

    ListTagsForResource({ resourceArn }: { resourceArn: string }) {
      return { tags: retag(engine, resourceArn, (old) => old) };
    },
  };
}

/** @returns The tags after the change. */
function retag(engine: Engine, arn: string, change: (old: Tag[]) => Tag[]): Tag[] {
  const machine = engine.stateMachines.get(arn);
  if (machine) {
    machine.tags = change(machine.tags);
    engine.stateMachines.put(machine);
    return machine.tags;
  }
  const activity = engine.activities.get(arn);
  if (activity) {
    activity.tags = change(activity.tags);
    engine.activities.put(activity);
    return activity.tags;
  }
  throw new ServiceError("ResourceNotFound", `Resource not found: '${arn}'`);
}
