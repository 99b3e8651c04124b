/** Partitions of a table. */
import type * as api from "@aws-sdk/client-glue";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import { type Catalog, partitionKeys, type StoredPartition } from "../catalog.ts";
import { partitionFilter } from "../partition-expression.ts";
import { paged } from "./page.ts";

const PAGE_SIZE = 1000;
const BATCH_CREATE_LIMIT = 100;
const BATCH_DELETE_LIMIT = 25;
const BATCH_GET_LIMIT = 1000;

export function partitionOperations(catalog: Catalog): Operations {
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
      const page = paged(matching, input, PAGE_SIZE);
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

function toApiPartition(stored: StoredPartition, catalogId: string): api.Partition {
  return {
    ...stored.input,
    Values: stored.values,
    DatabaseName: stored.database,
    TableName: stored.table,
    CreationTime: new Date(stored.createTime),
    CatalogId: catalogId,
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
