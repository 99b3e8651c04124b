import type { ManifestResource } from "../manifest.ts";
import { createOrUpdate, pascalCase, type ResourceType, removeIfThere } from "../resource-type.ts";

export const schedule: ResourceType = {
  async deploy(resource, { call }) {
    const input = inputOf(resource);
    await createOrUpdate(
      () => call("scheduler", "CreateSchedule", input),
      () => call("scheduler", "UpdateSchedule", input),
      "ConflictException",
    );
  },
  async remove(resource, { call }) {
    const { Name, GroupName } = inputOf(resource);
    await removeIfThere(() => call("scheduler", "DeleteSchedule", { Name, GroupName }), "ResourceNotFoundException");
  },
};

function inputOf({ inputs, attributes }: ManifestResource) {
  const { Name: _, ...rest } = pascalCase(inputs) as Record<string, unknown>;
  return { ...rest, Name: attributes.name as string, GroupName: (inputs.groupName as string | undefined) ?? "default" };
}
