/** Tables of the catalog. */
import type * as api from "@aws-sdk/client-glue";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import type { Catalog, StoredTable } from "../catalog.ts";
import { paged } from "./page.ts";

const PAGE_SIZE = 100;

export function tableOperations(catalog: Catalog): Operations {
  return {
    CreateTable(input: api.CreateTableRequest, { now }) {
      catalog.createTable(input.DatabaseName!, input.TableInput ?? { Name: undefined }, now());
      return {};
    },
    GetTable(input: api.GetTableRequest, { accountId }): api.GetTableResponse {
      return { Table: toApiTable(catalog.table(input.DatabaseName!, input.Name!), accountId) };
    },
    GetTables(input: api.GetTablesRequest, { accountId }) {
      // AWS documents `Expression` as a regular expression over the whole name.
      const pattern = input.Expression ? new RegExp(`^(?:${input.Expression})$`, "i") : /^/;
      const matching = catalog.tables(input.DatabaseName!).filter((table) => pattern.test(table.name));
      const page = paged(matching, input, PAGE_SIZE);
      return { TableList: page.items.map((item) => toApiTable(item, accountId)), ...page.next };
    },
    SearchTables(input: api.SearchTablesRequest, { accountId }) {
      if (input.Filters?.length || input.SortCriteria?.length) {
        throw new ServiceError("InvalidInputException", "The embedded cloud searches tables by SearchText only.");
      }
      const text = (input.SearchText ?? "").toLowerCase();
      const all = catalog.databases().flatMap((owner) => catalog.tables(owner.name));
      const matching = all.filter((table) => JSON.stringify(table.input).toLowerCase().includes(text));
      const page = paged(matching, input, PAGE_SIZE);
      return { TableList: page.items.map((item) => toApiTable(item, accountId)), ...page.next };
    },
    UpdateTable(input: api.UpdateTableRequest, { now }) {
      catalog.updateTable(input.DatabaseName!, input.TableInput!, now());
      return {};
    },
    DeleteTable(input: api.DeleteTableRequest) {
      catalog.deleteTable(input.DatabaseName!, input.Name!);
      return {};
    },
  };
}

function toApiTable(stored: StoredTable, catalogId: string): api.Table {
  const { ViewDefinition: _, ...input } = stored.input;
  return {
    ...input,
    Name: stored.name,
    DatabaseName: stored.database,
    CreateTime: new Date(stored.createTime),
    UpdateTime: new Date(stored.updateTime),
    IsRegisteredWithLakeFormation: false,
    CatalogId: catalogId,
    VersionId: String(stored.version),
  };
}
