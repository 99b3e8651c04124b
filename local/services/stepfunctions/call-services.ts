/** The calls of Task states to the services: in process, except those to S3, which go over the wire. */

import * as s3 from "@aws-sdk/client-s3";
import type { CallApi } from "../../../engine/index.ts";
import { ServiceError } from "../../service-error.ts";

/** Services whose name in `aws-sdk:<name>` is not the one that signs their requests. */
const NAMESPACES: Record<string, string> = {
  sfn: "states",
  cloudwatch: "monitoring",
  cloudwatchlogs: "logs",
  eventbridge: "events",
};

export function taskCalls(
  call: (namespace: string, operation: string, input: object) => Promise<object>,
  endpoint: () => string,
  region: string,
): CallApi {
  let client: s3.S3Client | undefined;
  return async ({ service, action, input }) => {
    const operation = action[0]!.toUpperCase() + action.slice(1);
    if (service !== "s3") return call(NAMESPACES[service] ?? service, operation, input);
    client ??= new s3.S3Client({
      endpoint: endpoint(),
      region,
      forcePathStyle: true,
      credentials: { accessKeyId: "STATES", secretAccessKey: "embedded" },
    });
    const Command = (s3 as unknown as Record<string, (new (input: object) => never) | undefined>)[
      `${operation}Command`
    ];
    if (!Command) throw new ServiceError("UnknownOperationException", `S3 has no ${operation}`);
    return client.send(new Command(input)) as Promise<object>;
  };
}
