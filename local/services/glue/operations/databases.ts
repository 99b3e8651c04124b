/** Databases of the catalog. */
import type * as api from "@aws-sdk/client-glue";
import type { Operations } from "../../../wire/service.ts";
import type { Catalog, StoredDatabase } from "../catalog.ts";
import { paged } from "./page.ts";

const PAGE_SIZE = 100;

export function databaseOperations(catalog: Catalog): Operations {
  return {
    CreateDatabase(input: api.CreateDatabaseRequest, { now }) {
      catalog.createDatabase(input.DatabaseInput ?? { Name: undefined }, now());
      return {};
    },
    GetDatabase(input: api.GetDatabaseRequest, { accountId }): api.GetDatabaseResponse {
      return { Database: toApiDatabase(catalog.database(input.Name!), accountId) };
    },
    GetDatabases(input: api.GetDatabasesRequest, { accountId }) {
      const page = paged(catalog.databases(), input, PAGE_SIZE);
      return { DatabaseList: page.items.map((item) => toApiDatabase(item, accountId)), ...page.next };
    },
    UpdateDatabase(input: api.UpdateDatabaseRequest) {
      catalog.updateDatabase(input.Name!, input.DatabaseInput!);
      return {};
    },
    DeleteDatabase(input: api.DeleteDatabaseRequest) {
      catalog.deleteDatabase(input.Name!);
      return {};
    },
  };
}

function toApiDatabase(stored: StoredDatabase, catalogId: string): api.Database {
  return { ...stored.input, Name: stored.name, CreateTime: new Date(stored.createTime), CatalogId: catalogId };
}
