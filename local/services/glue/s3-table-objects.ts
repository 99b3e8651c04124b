/** Local S3 as the place where tables have their objects. */
import type { Buckets } from "../s3/buckets.ts";
import type { Objects } from "../s3/objects.ts";
import type { TableObjects } from "./table-objects.ts";

const PAGE_SIZE = 1000;

export function s3TableObjects({ buckets, objects }: { buckets: Buckets; objects: Objects }): TableObjects {
  return {
    async *list(bucket, prefix) {
      // An absent bucket has no objects to scan; asking for its settings says that it is absent.
      buckets.configuration(bucket);
      let after = "";
      for (;;) {
        const page = objects.scan(bucket, prefix, after, PAGE_SIZE);
        yield* page;
        if (page.length < PAGE_SIZE) return;
        after = page.at(-1)!.key;
      }
    },
    localPath: (bucket, key) => objects.get(bucket, key).path,
    async put(bucket, key, body) {
      const contentType = key.endsWith(".csv") || key.endsWith(".txt") ? "text/csv" : "application/octet-stream";
      await objects.put({ bucket, key, headers: { "content-type": contentType } }, once(body));
    },
  };
}

async function* once(body: Uint8Array): AsyncGenerator<Uint8Array> {
  yield body;
}
