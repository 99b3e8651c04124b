/** Saved queries. */
import { randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-athena";
import { ServiceError } from "../../service-error.ts";
import type { Operation } from "../../wire/service.ts";
import { paged } from "./page.ts";
import type { AthenaStore } from "./store.ts";
import { requireWorkGroup } from "./work-groups.ts";

export function namedQueryOperations(store: AthenaStore): Record<string, Operation> {
  const get = (id: string | undefined): api.NamedQuery => {
    const found = store.namedQuery(id ?? "");
    if (!found) throw new ServiceError("InvalidRequestException", `NamedQuery ${id} was not found`);
    return found;
  };
  return {
    CreateNamedQuery(input: api.CreateNamedQueryInput): api.CreateNamedQueryOutput {
      const { ClientRequestToken, ...query } = input;
      // The token is the id: the same request twice is one query.
      const NamedQueryId = ClientRequestToken ?? randomUUID();
      const WorkGroup = requireWorkGroup(store, input.WorkGroup).name;
      if (!store.namedQuery(NamedQueryId)) store.putNamedQuery({ ...query, WorkGroup, NamedQueryId } as api.NamedQuery);
      return { NamedQueryId };
    },
    GetNamedQuery(input: api.GetNamedQueryInput): api.GetNamedQueryOutput {
      return { NamedQuery: get(input.NamedQueryId) };
    },
    UpdateNamedQuery(input: api.UpdateNamedQueryInput) {
      const { NamedQueryId: _, ...changes } = input;
      store.putNamedQuery({ ...get(input.NamedQueryId), ...changes } as api.NamedQuery);
      return {};
    },
    BatchGetNamedQuery(input: api.BatchGetNamedQueryInput): api.BatchGetNamedQueryOutput {
      const ids = input.NamedQueryIds ?? [];
      return {
        NamedQueries: ids.flatMap((id) => store.namedQuery(id) ?? []),
        UnprocessedNamedQueryIds: ids
          .filter((id) => !store.namedQuery(id))
          .map((id) => ({
            NamedQueryId: id,
            ErrorCode: "INVALID_INPUT",
            ErrorMessage: `NamedQuery ${id} was not found`,
          })),
      };
    },
    ListNamedQueries(input: api.ListNamedQueriesInput): api.ListNamedQueriesOutput {
      const { items, next } = paged(store.namedQueryIds(requireWorkGroup(store, input.WorkGroup).name), input, 50);
      return { NamedQueryIds: items, ...next };
    },
    DeleteNamedQuery(input: api.DeleteNamedQueryInput) {
      get(input.NamedQueryId);
      store.deleteNamedQuery(input.NamedQueryId!);
      return {};
    },
  };
}
