/** Objects and listings in S3, as the readers and writers of a distributed Map ask for them. */
import type { TaskHost } from "../ports/task-host.ts";
import type { JsonObject } from "../values/json.ts";
import { apiError } from "./api-error.ts";
import type { CallInRegion } from "./call-api.ts";
import { bytesOf } from "./response-body.ts";

interface ListedObject {
  ETag?: string;
  Key: string;
  LastModified?: Date;
  Size?: number;
  StorageClass?: string;
}

export function s3Objects(call: CallInRegion): Required<Pick<TaskHost, "readObject" | "listObjects" | "writeObject">> {
  return {
    async readObject(bucket, key) {
      try {
        const input = { Bucket: bucket, Key: key };
        const output: { Body?: unknown } = await call({ service: "s3", action: "getObject", input });
        return await bytesOf(output.Body);
      } catch (error) {
        if (/NoSuchKey|NotFound/.test(apiError(error).code)) return null;
        throw error;
      }
    },

    async *listObjects(input) {
      let token: string | undefined;
      do {
        const page = await call({
          service: "s3",
          action: "listObjectsV2",
          input: { ...input, ...(token === undefined ? {} : { ContinuationToken: token }) },
        });
        for (const object of (page["Contents"] ?? []) as unknown as ListedObject[]) yield listingItem(object);
        token = typeof page["NextContinuationToken"] === "string" ? page["NextContinuationToken"] : undefined;
      } while (token !== undefined);
    },

    async writeObject(bucket, key, body) {
      await call({ service: "s3", action: "putObject", input: { Bucket: bucket, Key: key, Body: body } });
    },
  };
}

/** One object as AWS hands it to an iteration. */
function listingItem(object: ListedObject): JsonObject {
  return {
    Etag: object.ETag ?? "",
    Key: object.Key,
    LastModified: object.LastModified ? Math.floor(object.LastModified.getTime() / 1000) : 0,
    Size: object.Size ?? 0,
    StorageClass: object.StorageClass ?? "STANDARD",
  };
}
