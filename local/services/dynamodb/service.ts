/**
 * DynamoDB by dynalite, which keeps items in LevelDB: its writes survive the process.
 *
 * It has no transactions, and neither have we. A time to live is noted, but expired items stay: AWS promises only to
 * remove them "within a few days".
 */
import type * as api from "@aws-sdk/client-dynamodb";
import type { Store } from "../../store.ts";
import type { Operation, Service } from "../../wire/service.ts";
import { Dynalite } from "./dynalite.ts";

const OPERATIONS = [
  "BatchGetItem",
  "BatchWriteItem",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "ListTagsOfResource",
  "UpdateItem",
  "UpdateTable",
] as const;

export interface DynamoDb {
  service: Service;
  close(): Promise<void>;
}

/** @param path - The folder of the items. */
export function dynamoDb({
  store,
  path,
  region,
  accountId,
}: {
  store: Store;
  path: string;
  region: string;
  accountId: string;
}): DynamoDb {
  const dynalite = new Dynalite(path, { region, accountId });
  store.define(
    "CREATE TABLE IF NOT EXISTS dynamodb_ttl (table_name TEXT PRIMARY KEY, attribute TEXT NOT NULL) STRICT;",
  );

  const operations: Record<string, Operation> = Object.fromEntries(
    OPERATIONS.map((name) => [name, (input: object) => dynalite.call(name, input)]),
  );
  operations.CreateTable = async (input: api.CreateTableCommandInput) => {
    const created = await dynalite.call("CreateTable", input);
    await dynalite.finishTable(input.TableName!);
    return created;
  };
  operations.DescribeTable = async (input: api.DescribeTableCommandInput) => {
    await dynalite.call("DescribeTable", input);
    await dynalite.finishTable(input.TableName!);
    return dynalite.call("DescribeTable", input);
  };
  operations.UpdateTimeToLive = async (input: api.UpdateTimeToLiveCommandInput) => {
    await dynalite.call("DescribeTable", { TableName: input.TableName });
    const { Enabled, AttributeName } = input.TimeToLiveSpecification!;
    if (Enabled) store.run("INSERT OR REPLACE INTO dynamodb_ttl VALUES (?, ?)", input.TableName!, AttributeName!);
    else store.run("DELETE FROM dynamodb_ttl WHERE table_name = ?", input.TableName!);
    return { TimeToLiveSpecification: input.TimeToLiveSpecification };
  };
  operations.DescribeTimeToLive = async (input: api.DescribeTimeToLiveCommandInput) => {
    await dynalite.call("DescribeTable", { TableName: input.TableName });
    const row = store.get<{ attribute: string }>(
      "SELECT attribute FROM dynamodb_ttl WHERE table_name = ?",
      input.TableName!,
    );
    return {
      TimeToLiveDescription: row
        ? { TimeToLiveStatus: "ENABLED", AttributeName: row.attribute }
        : { TimeToLiveStatus: "DISABLED" },
    };
  };

  return { service: { namespace: "dynamodb", operations }, close: () => dynalite.close() };
}
