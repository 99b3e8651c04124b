/** Workgroups. `primary` is always there, as in an account. */
import type * as api from "@aws-sdk/client-athena";
import { ServiceError } from "../../service-error.ts";
import type { Operation } from "../../wire/service.ts";
import { paged } from "./page.ts";
import type { AthenaStore, StoredWorkGroup } from "./store.ts";

const PRIMARY: StoredWorkGroup = { name: "primary", state: "ENABLED", configuration: {}, creationTime: 0 };

export function requireWorkGroup(store: AthenaStore, name: string | undefined): StoredWorkGroup {
  const found = store.workGroup(name ?? "primary") ?? (name === undefined || name === "primary" ? PRIMARY : null);
  if (!found) throw new ServiceError("InvalidRequestException", `WorkGroup ${name} is not found.`);
  return found;
}

export function workGroupOperations(store: AthenaStore): Record<string, Operation> {
  return {
    CreateWorkGroup(input: api.CreateWorkGroupInput, { now }) {
      if (input.Name === "primary" || store.workGroup(input.Name!)) {
        throw new ServiceError("InvalidRequestException", "WorkGroup is already created");
      }
      store.putWorkGroup({
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
      const group = requireWorkGroup(store, input.WorkGroup);
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
      const group = requireWorkGroup(store, input.WorkGroup);
      const { ResultConfigurationUpdates: results, ...updates } = input.ConfigurationUpdates ?? {};
      const configuration = { ...group.configuration, ...updates } as api.WorkGroupConfiguration;
      if (results?.OutputLocation) {
        configuration.ResultConfiguration = {
          ...configuration.ResultConfiguration,
          OutputLocation: results.OutputLocation,
        };
      }
      if (results?.RemoveOutputLocation) delete configuration.ResultConfiguration?.OutputLocation;
      store.putWorkGroup({
        ...group,
        ...(input.Description === undefined ? {} : { description: input.Description }),
        state: input.State ?? group.state,
        configuration,
      });
      return {};
    },
    DeleteWorkGroup(input: api.DeleteWorkGroupInput) {
      const group = requireWorkGroup(store, input.WorkGroup);
      if (group.name === "primary")
        throw new ServiceError("InvalidRequestException", "Primary WorkGroup cannot be deleted");
      if (!input.RecursiveDeleteOption && store.namedQueryIds(group.name).length > 0) {
        throw new ServiceError("InvalidRequestException", `WorkGroup ${group.name} is not empty`);
      }
      store.deleteWorkGroup(group.name);
      return {};
    },
    ListWorkGroups(input: api.ListWorkGroupsInput): api.ListWorkGroupsOutput {
      const stored = store.workGroups();
      const all = stored.some(({ name }) => name === "primary") ? stored : [PRIMARY, ...stored];
      const { items, next } = paged(all, input, 50);
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
