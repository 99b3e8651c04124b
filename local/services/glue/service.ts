/**
 * AWS Glue's Data Catalog and crawlers, as far as a lake of declared tables uses them.
 *
 * ```ts
 * const glue = glueService({ database, objects });      // database: node:sqlite, objects: glue/object-store.ts
 * const athena = athenaService({ database, objects, catalog: glue.catalog, … });
 * services.push(glue.service, athena.service);
 * …
 * await glue.close();                                    // before the database is closed
 * ```
 *
 * @see https://docs.aws.amazon.com/glue/latest/webapi/WebAPI_Welcome.html
 */
import type { DatabaseSync } from "node:sqlite";
import type * as api from "@aws-sdk/client-glue";
import { ServiceError } from "../../service-error.ts";
import type { Operation, RequestContext, Service } from "../../wire/service.ts";
import { Catalog, partitionKeys, type StoredDatabase, type StoredTable, toApiPartition } from "./catalog.ts";
import { Crawlers } from "./crawlers.ts";
import type { ObjectStore } from "./object-store.ts";
import { partitionFilter } from "./partition-expression.ts";

export interface GlueOptions {
  database: DatabaseSync;
  objects: ObjectStore;
  /** How long a crawl takes at least; default one second. */
  crawlDurationMs?: number;
}

export interface Glue {
  service: Service;
  /** Athena reads the catalog in process. */
  catalog: Catalog;
  /** Stops running crawlers. */
  close(): Promise<void>;
}

/** AWS's own limits on one page. */
const PAGE_SIZE = { databases: 100, tables: 100, partitions: 1000, crawlers: 1000, crawls: 20 };
const BATCH_CREATE_LIMIT = 100;
const BATCH_DELETE_LIMIT = 25;
const BATCH_GET_LIMIT = 1000;

export function glueService({ database, objects, crawlDurationMs = 1000 }: GlueOptions): Glue {
  const catalog = new Catalog(database);
  const crawlers = new Crawlers({ database, catalog, objects, crawlDurationMs });
  const service = {
    namespace: "glue",
    operations: {
      ...databaseOperations(catalog),
      ...tableOperations(catalog),
      ...partitionOperations(catalog),
      ...crawlerOperations(crawlers),
    },
  };
  return { service, catalog, close: () => crawlers.close() };
}

function databaseOperations(catalog: Catalog): Record<string, Operation> {
  return {
    CreateDatabase(input: api.CreateDatabaseRequest, { now }) {
      catalog.createDatabase(input.DatabaseInput ?? { Name: undefined }, now());
      return {};
    },
    GetDatabase(input: api.GetDatabaseRequest, { accountId }): api.GetDatabaseResponse {
      return { Database: toApiDatabase(catalog.database(input.Name!), accountId) };
    },
    GetDatabases(input: api.GetDatabasesRequest, { accountId }) {
      const page = paged(catalog.databases(), input, PAGE_SIZE.databases);
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

function tableOperations(catalog: Catalog): Record<string, Operation> {
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
      const page = paged(matching, input, PAGE_SIZE.tables);
      return { TableList: page.items.map((item) => toApiTable(item, accountId)), ...page.next };
    },
    SearchTables(input: api.SearchTablesRequest, { accountId }) {
      if (input.Filters?.length || input.SortCriteria?.length) {
        throw new ServiceError("InvalidInputException", "The embedded cloud searches tables by SearchText only.");
      }
      const text = (input.SearchText ?? "").toLowerCase();
      const all = catalog.databases().flatMap((owner) => catalog.tables(owner.name));
      const matching = all.filter((table) => JSON.stringify(table.input).toLowerCase().includes(text));
      const page = paged(matching, input, PAGE_SIZE.tables);
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

function partitionOperations(catalog: Catalog): Record<string, Operation> {
  return {
    CreatePartition(input: api.CreatePartitionRequest, { now }) {
      catalog.createPartition(input.DatabaseName!, input.TableName!, input.PartitionInput!, now());
      return {};
    },
    BatchCreatePartition(input: api.BatchCreatePartitionRequest, { now }): api.BatchCreatePartitionResponse {
      const list = atMost(input.PartitionInputList, BATCH_CREATE_LIMIT, "partitionInputList");
      catalog.table(input.DatabaseName!, input.TableName!);
      return {
        Errors: failures(
          list,
          (item) => item.Values,
          (item) => catalog.createPartition(input.DatabaseName!, input.TableName!, item, now()),
        ),
      };
    },
    GetPartition(input: api.GetPartitionRequest, { accountId }): api.GetPartitionResponse {
      const found = catalog.partition(input.DatabaseName!, input.TableName!, input.PartitionValues);
      return { Partition: toApiPartition(found, accountId) };
    },
    GetPartitions(input: api.GetPartitionsRequest, { accountId }) {
      const table = catalog.table(input.DatabaseName!, input.TableName!);
      const passes = partitionFilter(input.Expression, partitionKeys(table));
      const matching = catalog.partitions(table.database, table.name).filter(({ values }) => passes(values));
      const page = paged(matching, input, PAGE_SIZE.partitions);
      const shown = page.items.map((item) => {
        const partition = toApiPartition(item, accountId);
        if (input.ExcludeColumnSchema && partition.StorageDescriptor) {
          const { Columns: _, ...descriptor } = partition.StorageDescriptor;
          return { ...partition, StorageDescriptor: descriptor };
        }
        return partition;
      });
      return { Partitions: shown, ...page.next };
    },
    BatchGetPartition(input: api.BatchGetPartitionRequest, { accountId }): api.BatchGetPartitionResponse {
      const table = catalog.table(input.DatabaseName!, input.TableName!);
      const list = atMost(input.PartitionsToGet, BATCH_GET_LIMIT, "partitionsToGet");
      const found = list.flatMap(({ Values }) => catalog.findPartition(table, Values ?? []) ?? []);
      return { Partitions: found.map((item) => toApiPartition(item, accountId)), UnprocessedKeys: [] };
    },
    UpdatePartition(input: api.UpdatePartitionRequest) {
      catalog.updatePartition(input.DatabaseName!, input.TableName!, input.PartitionValueList, input.PartitionInput!);
      return {};
    },
    DeletePartition(input: api.DeletePartitionRequest) {
      catalog.deletePartition(input.DatabaseName!, input.TableName!, input.PartitionValues);
      return {};
    },
    BatchDeletePartition(input: api.BatchDeletePartitionRequest): api.BatchDeletePartitionResponse {
      const list = atMost(input.PartitionsToDelete, BATCH_DELETE_LIMIT, "partitionsToDelete");
      catalog.table(input.DatabaseName!, input.TableName!);
      return {
        Errors: failures(
          list,
          (item) => item.Values,
          (item) => catalog.deletePartition(input.DatabaseName!, input.TableName!, item.Values),
        ),
      };
    },
  };
}

function crawlerOperations(crawlers: Crawlers): Record<string, Operation> {
  return {
    CreateCrawler(input: api.CreateCrawlerRequest, { now }) {
      crawlers.create(input, now());
      return {};
    },
    UpdateCrawler(input: api.UpdateCrawlerRequest, { now }) {
      crawlers.update(input as Partial<api.CreateCrawlerRequest>, now());
      return {};
    },
    DeleteCrawler(input: api.DeleteCrawlerRequest) {
      crawlers.delete(input.Name);
      return {};
    },
    GetCrawler(input: api.GetCrawlerRequest, { now }): api.GetCrawlerResponse {
      return { Crawler: crawlers.describe(input.Name, now()) };
    },
    GetCrawlers(input: api.GetCrawlersRequest, { now }) {
      const page = paged(crawlers.names(), input, PAGE_SIZE.crawlers);
      return { Crawlers: page.items.map((name) => crawlers.describe(name, now())), ...page.next };
    },
    ListCrawlers(input: api.ListCrawlersRequest) {
      const page = paged(crawlers.names(), input, PAGE_SIZE.crawlers);
      return { CrawlerNames: page.items, ...page.next };
    },
    StartCrawler(input: api.StartCrawlerRequest, { now }: RequestContext) {
      crawlers.start(input.Name, now);
      return {};
    },
    StopCrawler(input: api.StopCrawlerRequest) {
      crawlers.stop(input.Name);
      return {};
    },
    ListCrawls(input: api.ListCrawlsRequest) {
      if (input.Filters?.length) {
        throw new ServiceError("InvalidInputException", "The embedded cloud lists crawls without filters.");
      }
      const page = paged(crawlers.history(input.CrawlerName), input, PAGE_SIZE.crawls);
      return { Crawls: page.items, ...page.next };
    },
  };
}

function toApiDatabase(stored: StoredDatabase, catalogId: string): api.Database {
  return { ...stored.input, Name: stored.name, CreateTime: new Date(stored.createTime), CatalogId: catalogId };
}

/** A table as the API gives it. */
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

/** Does each item and collects the refusals, as Glue's batch calls report them. */
function failures<Item>(
  items: readonly Item[],
  valuesOf: (item: Item) => string[] | undefined,
  act: (item: Item) => void,
): api.PartitionError[] {
  const errors: api.PartitionError[] = [];
  for (const item of items) {
    try {
      act(item);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({
        PartitionValues: valuesOf(item) ?? [],
        ErrorDetail: { ErrorCode: error.code, ErrorMessage: error.message },
      });
    }
  }
  return errors;
}

function atMost<Item>(items: Item[] | undefined, limit: number, member: string): Item[] {
  if (items && items.length > limit) {
    throw new ServiceError(
      "InvalidInputException",
      `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
    );
  }
  return items ?? [];
}

/** One page; the token is the index of the first item that is left. */
function paged<Item>(
  items: readonly Item[],
  { NextToken, MaxResults }: { NextToken?: string | undefined; MaxResults?: number | undefined },
  pageSize: number,
): { items: Item[]; next: { NextToken?: string } } {
  const start = NextToken === undefined ? 0 : Number(NextToken);
  if (!Number.isInteger(start) || start < 0) {
    throw new ServiceError("InvalidInputException", "Continuation token is not valid.");
  }
  const end = start + Math.min(MaxResults ?? pageSize, pageSize);
  return { items: items.slice(start, end), next: end < items.length ? { NextToken: String(end) } : {} };
}
