/** Saved queries: making, reading and removing them. */
import { randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-athena";
import type { Operations } from "../../../wire/service.ts";
import type { NamedQueries } from "../named-queries.ts";
import type { WorkGroups } from "../work-groups.ts";
import { paged } from "./page.ts";

const PAGE_SIZE = 50;

export function namedQueryOperations(namedQueries: NamedQueries, groups: WorkGroups): Operations {
  return {
    CreateNamedQuery(input: api.CreateNamedQueryInput): api.CreateNamedQueryOutput {
      const { ClientRequestToken, ...query } = input;
      // The token is the id: the same request twice is one query.
      const NamedQueryId = ClientRequestToken ?? randomUUID();
      const WorkGroup = groups.get(input.WorkGroup).name;
      if (!namedQueries.find(NamedQueryId)) namedQueries.put({ ...query, WorkGroup, NamedQueryId } as api.NamedQuery);
      return { NamedQueryId };
    },
    GetNamedQuery(input: api.GetNamedQueryInput): api.GetNamedQueryOutput {
      return { NamedQuery: namedQueries.get(input.NamedQueryId) };
    },
    UpdateNamedQuery(input: api.UpdateNamedQueryInput) {
      const { NamedQueryId: _, ...changes } = input;
      namedQueries.put({ ...namedQueries.get(input.NamedQueryId), ...changes } as api.NamedQuery);
      return {};
    },
    BatchGetNamedQuery(input: api.BatchGetNamedQueryInput): api.BatchGetNamedQueryOutput {
      const ids = input.NamedQueryIds ?? [];
      return {
        NamedQueries: ids.flatMap((id) => namedQueries.find(id) ?? []),
        UnprocessedNamedQueryIds: ids
          .filter((id) => !namedQueries.find(id))
          .map((id) => ({
            NamedQueryId: id,
            ErrorCode: "INVALID_INPUT",
            ErrorMessage: `NamedQuery ${id} was not found`,
          })),
      };
    },
    ListNamedQueries(input: api.ListNamedQueriesInput): api.ListNamedQueriesOutput {
      const { items, next } = paged(namedQueries.idsIn(groups.get(input.WorkGroup).name), input, PAGE_SIZE);
      return { NamedQueryIds: items, ...next };
    },
    DeleteNamedQuery(input: api.DeleteNamedQueryInput) {
      namedQueries.get(input.NamedQueryId);
      namedQueries.delete(input.NamedQueryId!);
      return {};
    },
  };
}
