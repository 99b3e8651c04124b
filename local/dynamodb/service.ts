/**
 * DynamoDB by dynalite, run in this process without a port of its own.
 *
 * Dynalite keeps items in LevelDB, whose writes survive the process. It has no transactions, and neither have we. A time
 * to live is noted, but expired items stay: AWS promises only to remove them "within a few days".
 */
import { mkdirSync } from "node:fs";
import type * as api from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import type { Operation, Service } from "../service.ts";
import type { Store } from "../store.ts";
import { askDynalite } from "./ask-dynalite.ts";

const OPERATIONS = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
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

/** @param path - The folder of the LevelDB database. */
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
  mkdirSync(path, { recursive: true });
  store.define(
    "CREATE TABLE IF NOT EXISTS dynamodb_ttl (table_name TEXT PRIMARY KEY, attribute TEXT NOT NULL) STRICT;",
  );
  // Dynalite reads the place from the environment, once, when it is made.
  const server = withEnvironment({ AWS_REGION: region, AWS_ACCOUNT_ID: accountId }, () =>
    dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
  );
  const call = (operation: string, input: object) => askDynalite(server, operation, input);

  const operations: Record<string, Operation> = Object.fromEntries(
    OPERATIONS.map((name) => [name, (input: object) => call(name, input)]),
  );
  operations.UpdateTimeToLive = (input: api.UpdateTimeToLiveCommandInput) => {
    const { Enabled, AttributeName } = input.TimeToLiveSpecification ?? { Enabled: false, AttributeName: "" };
    if (Enabled) store.run("INSERT OR REPLACE INTO dynamodb_ttl VALUES (?, ?)", input.TableName!, AttributeName!);
    else store.run("DELETE FROM dynamodb_ttl WHERE table_name = ?", input.TableName!);
    return { TimeToLiveSpecification: input.TimeToLiveSpecification };
  };
  operations.DescribeTimeToLive = async (input: api.DescribeTimeToLiveCommandInput) => {
    await call("DescribeTable", { TableName: input.TableName });
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

  return {
    service: { namespace: "dynamodb", operations },
    close: () =>
      new Promise((resolve, reject) => {
        // The server never listened, and says so; its database closes all the same.
        server.close((error?: NodeJS.ErrnoException) =>
          !error || error.code === "ERR_SERVER_NOT_RUNNING" ? resolve() : reject(error),
        );
      }),
  };
}

function withEnvironment<T>(variables: Record<string, string>, make: () => T): T {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return make();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
