/**
 * One crawl: finds the Hive folders below a crawler's targets that the catalog does not know, and registers them as
 * partitions that inherit the table's schema.
 */
import type { CreateCrawlerRequest } from "@aws-sdk/client-glue";
import { type Catalog, partitionKeys, type StoredTable } from "./catalog.ts";
import { partitionOfKey } from "./hive-path.ts";
import { asFolder, parseS3Location, type S3Location } from "./s3-location.ts";
import type { TableObjects } from "./table-objects.ts";

interface CrawlOptions {
  catalog: Catalog;
  objects: TableObjects;
  crawler: CreateCrawlerRequest;
  /** Ends the crawl early. */
  stopped: AbortSignal;
  now(): number;
}

interface CrawlCounts {
  partitionsAdded: number;
  partitionsDeleted: number;
}

interface Target {
  table: StoredTable;
  location: S3Location;
}

/** Values and key of a partition's folder, by its values as JSON. */
type Folders = Map<string, { values: string[]; folderKey: string }>;

/** @throws {Error} When a target has no table below it, or the crawl is stopped. */
export async function crawl(options: CrawlOptions): Promise<CrawlCounts> {
  const { catalog, crawler } = options;
  const counts: CrawlCounts = { partitionsAdded: 0, partitionsDeleted: 0 };
  for (const target of targetsOf(catalog, crawler)) {
    const folders = await foldersOf(options, target);
    counts.partitionsAdded += addMissing(options, target, folders);
    if (crawler.SchemaChangePolicy?.DeleteBehavior === "DELETE_FROM_DATABASE")
      counts.partitionsDeleted += deleteVanished(catalog, target, folders);
  }
  return counts;
}

function addMissing({ catalog, crawler, now }: CrawlOptions, { table, location }: Target, folders: Folders): number {
  let added = 0;
  for (const { values, folderKey } of folders.values()) {
    if (catalog.findPartition(table, values)) continue;
    const StorageDescriptor = { ...table.input.StorageDescriptor, Location: `s3://${location.bucket}/${folderKey}` };
    const Parameters = { ...table.input.Parameters, UPDATED_BY_CRAWLER: crawler.Name! };
    catalog.createPartition(table.database, table.name, { Values: values, StorageDescriptor, Parameters }, now());
    added++;
  }
  return added;
}

function deleteVanished(catalog: Catalog, { table }: Target, folders: Folders): number {
  let deleted = 0;
  for (const { values } of catalog.partitions(table.database, table.name)) {
    if (folders.has(JSON.stringify(values))) continue;
    catalog.deletePartition(table.database, table.name, values);
    deleted++;
  }
  return deleted;
}

/** The partition folders that hold at least one visible file. */
async function foldersOf({ objects, stopped }: CrawlOptions, { table, location }: Target): Promise<Folders> {
  const keyNames = partitionKeys(table).map((column) => column.Name!);
  const found: Folders = new Map();
  for await (const { key } of objects.list(location.bucket, location.key)) {
    stopped.throwIfAborted();
    const partition = partitionOfKey(key, location.key, keyNames);
    if (partition) found.set(JSON.stringify(partition.values), partition);
  }
  return found;
}

/** The declared, partitioned tables that a crawler's targets name or hold. */
function targetsOf(catalog: Catalog, crawler: CreateCrawlerRequest): Target[] {
  const targets: Target[] = [];
  for (const { DatabaseName, Tables } of crawler.Targets?.CatalogTargets ?? []) {
    for (const name of Tables ?? []) targets.push(targetOf(catalog.table(DatabaseName!, name)));
  }
  for (const { Path } of crawler.Targets?.S3Targets ?? []) targets.push(...tablesBelow(catalog, crawler, Path ?? ""));
  return targets.filter(({ table }) => partitionKeys(table).length > 0);
}

function tablesBelow(catalog: Catalog, { DatabaseName }: CreateCrawlerRequest, path: string): Target[] {
  const location = parseS3Location(path);
  if (!location) throw new Error(`The crawler's target "${path}" is no s3:// path.`);
  const folder = asFolder(location);
  const below = catalog
    .tables(DatabaseName!)
    .filter((table) => parseS3Location(table.input.StorageDescriptor?.Location ?? ""))
    .map(targetOf)
    .filter(({ location: at }) => at.bucket === folder.bucket && at.key.startsWith(folder.key));
  if (below.length > 0) return below;
  throw new Error(
    `No table of database ${DatabaseName} lies below ${path}. Tables are declared here, a crawler only adds partitions.`,
  );
}

function targetOf(table: StoredTable): Target {
  const location = parseS3Location(table.input.StorageDescriptor?.Location ?? "");
  if (!location) throw new Error(`Table ${table.database}.${table.name} has no s3:// location.`);
  return { table, location: asFolder(location) };
}
