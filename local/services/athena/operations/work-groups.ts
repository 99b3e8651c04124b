/** Workgroups: making, setting up and removing them. */
import type * as api from "@aws-sdk/client-athena";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import type { NamedQueries } from "../named-queries.ts";
import { PRIMARY, type WorkGroups } from "../work-groups.ts";
import { paged } from "./page.ts";

const PAGE_SIZE = 50;

export function workGroupOperations(groups: WorkGroups, namedQueries: NamedQueries): Operations {
  return {
    CreateWorkGroup(input: api.CreateWorkGroupInput, { now }) {
      if (groups.has(input.Name!)) {
        throw new ServiceError("InvalidRequestException", "WorkGroup is already created");
      }
      groups.put({
        name: input.Name!,
        ...(input.Description ? { description: input.Description } : {}),
        state: "ENABLED",
        // Enforcing is AWS's default for a new workgroup.
        configuration: { EnforceWorkGroupConfiguration: true, ...input.Configuration },
        creationTime: now(),
      });
      return {};
    },
    GetWorkGroup(input: api.GetWorkGroupInput): api.GetWorkGroupOutput {
      const group = groups.get(input.WorkGroup);
      return {
        WorkGroup: {
          Name: group.name,
          State: group.state,
          ...(group.description ? { Description: group.description } : {}),
          Configuration: group.configuration,
          CreationTime: new Date(group.creationTime),
        },
      };
    },
    UpdateWorkGroup(input: api.UpdateWorkGroupInput) {
      const group = groups.get(input.WorkGroup);
      groups.put({
        ...group,
        ...(input.Description === undefined ? {} : { description: input.Description }),
        state: input.State ?? group.state,
        configuration: updated(group.configuration, input.ConfigurationUpdates ?? {}),
      });
      return {};
    },
    DeleteWorkGroup(input: api.DeleteWorkGroupInput) {
      const { name } = groups.get(input.WorkGroup);
      if (name === PRIMARY) throw new ServiceError("InvalidRequestException", "Primary WorkGroup cannot be deleted");
      if (!input.RecursiveDeleteOption && namedQueries.idsIn(name).length > 0) {
        throw new ServiceError("InvalidRequestException", `WorkGroup ${name} is not empty`);
      }
      namedQueries.deleteIn(name);
      groups.delete(name);
      return {};
    },
    ListWorkGroups(input: api.ListWorkGroupsInput): api.ListWorkGroupsOutput {
      const { items, next } = paged(groups.list(), input, PAGE_SIZE);
      return {
        WorkGroups: items.map((group) => ({
          Name: group.name,
          State: group.state,
          CreationTime: new Date(group.creationTime),
        })),
        ...next,
      };
    },
  };
}

function updated(
  old: api.WorkGroupConfiguration,
  { ResultConfigurationUpdates: results, ...updates }: api.WorkGroupConfigurationUpdates,
): api.WorkGroupConfiguration {
  const configuration = { ...old, ...updates } as api.WorkGroupConfiguration;
  if (results?.OutputLocation) {
    configuration.ResultConfiguration = {
      ...configuration.ResultConfiguration,
      OutputLocation: results.OutputLocation,
    };
  }
  if (results?.RemoveOutputLocation) delete configuration.ResultConfiguration?.OutputLocation;
  return configuration;
}
