/** DynamoDB by dynalite, which keeps items in LevelDB: its writes survive the process. It has no transactions. */
import type * as api from "@aws-sdk/client-dynamodb";
import type { Operations, Service } from "../../wire/service.ts";
import type { Dynalite } from "./dynalite.ts";
import type { TimesToLive } from "./times-to-live.ts";

/** Operations that dynalite carries out as they come. */
const HANDED_ON = [
  "BatchGetItem",
  "BatchWriteItem",
  "DeleteItem",
  "DeleteTable",
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

export function dynamoDbService({ dynalite, timesToLive }: { dynalite: Dynalite; timesToLive: TimesToLive }): Service {
  const handedOn: Operations = Object.fromEntries(
    HANDED_ON.map((name) => [name, (input: object) => dynalite.call(name, input)]),
  );
  return {
    namespace: "dynamodb",
    operations: {
      ...handedOn,
      async CreateTable(input: api.CreateTableCommandInput) {
        const created = await dynalite.call("CreateTable", input);
        await dynalite.finishTable(input.TableName!);
        return created;
      },
      async DescribeTable(input: api.DescribeTableCommandInput) {
        await dynalite.call("DescribeTable", input);
        await dynalite.finishTable(input.TableName!);
        return dynalite.call("DescribeTable", input);
      },
      async UpdateTimeToLive({ TableName, TimeToLiveSpecification }: api.UpdateTimeToLiveCommandInput) {
        await dynalite.call("DescribeTable", { TableName });
        const { Enabled, AttributeName } = TimeToLiveSpecification!;
        if (Enabled) timesToLive.enable(TableName!, AttributeName!);
        else timesToLive.disable(TableName!);
        return { TimeToLiveSpecification };
      },
      async DescribeTimeToLive({ TableName }: api.DescribeTimeToLiveCommandInput) {
        await dynalite.call("DescribeTable", { TableName });
        const AttributeName = timesToLive.attributeOf(TableName!);
        return {
          TimeToLiveDescription: AttributeName
            ? { TimeToLiveStatus: "ENABLED", AttributeName }
            : { TimeToLiveStatus: "DISABLED" },
        };
      },
    },
  };
}
