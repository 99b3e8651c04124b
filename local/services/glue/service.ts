/**
 * AWS Glue's Data Catalog and crawlers, as far as a lake of declared tables uses them.
 *
 * @see https://docs.aws.amazon.com/glue/latest/webapi/WebAPI_Welcome.html
 */
import type { Service } from "../../wire/service.ts";
import type { Catalog } from "./catalog.ts";
import type { Crawlers } from "./crawlers.ts";
import { crawlerOperations } from "./operations/crawlers.ts";
import { databaseOperations } from "./operations/databases.ts";
import { partitionOperations } from "./operations/partitions.ts";
import { tableOperations } from "./operations/tables.ts";

export function glueService({ catalog, crawlers }: { catalog: Catalog; crawlers: Crawlers }): Service {
  return {
    namespace: "glue",
    operations: {
      ...databaseOperations(catalog),
      ...tableOperations(catalog),
      ...partitionOperations(catalog),
      ...crawlerOperations(crawlers),
    },
  };
}
