/** The data catalog, its crawlers, and queries over its tables. */
import { join } from "node:path";
import { DuckDbEngine } from "../services/athena/duckdb-engine.ts";
import { NamedQueries } from "../services/athena/named-queries.ts";
import { QueryExecutions } from "../services/athena/query-executions.ts";
import { ExecutionRecords } from "../services/athena/query-records.ts";
import { athenaService } from "../services/athena/service.ts";
import { WorkGroups } from "../services/athena/work-groups.ts";
import { Catalog } from "../services/glue/catalog.ts";
import { Crawlers } from "../services/glue/crawlers.ts";
import { s3TableObjects } from "../services/glue/s3-table-objects.ts";
import { glueService } from "../services/glue/service.ts";
import type { Ground } from "./shared-parts.ts";
import type { Storage } from "./storage.ts";

export type Analytics = ReturnType<typeof analyticsOn>;

export function analyticsOn({ dir, store, now, registry }: Ground, { buckets, objects: s3Objects }: Storage) {
  const objects = s3TableObjects({ buckets, objects: s3Objects });
  const catalog = new Catalog(store);
  const crawlers = new Crawlers({ store, catalog, objects });
  registry.add(glueService({ catalog, crawlers }));

  const engine = new DuckDbEngine({
    catalog,
    objects,
    readableDirectories: [join(dir, "s3")],
    spillDirectory: join(dir, "athena-spill"),
  });
  const records = new ExecutionRecords(store);
  const workGroups = new WorkGroups(store);
  const executions = new QueryExecutions({ records, engine, workGroups, catalog, objects, now });
  registry.add(athenaService({ executions, workGroups, namedQueries: new NamedQueries(store) }));
  return { crawlers, executions };
}
