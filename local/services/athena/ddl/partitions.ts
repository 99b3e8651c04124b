/** Statements that change the partitions of a table. */
import { partitionKeys, type StoredTable } from "../../glue/catalog.ts";
import { partitionFolder, partitionOfKey } from "../../glue/hive-path.ts";
import { asFolder, parseS3Location } from "../../glue/s3-location.ts";
import { QueryError } from "../query-error.ts";
import { asHive, type DdlContext, type DdlResult, type Form, form, NAME, nothing, shown, tableOf } from "./form.ts";

const PARTITION = String.raw`PARTITION\s*\(([^)]*)\)`;

export const PARTITION_FORMS: Form[] = [
  {
    pattern: form(`MSCK REPAIR TABLE ${NAME}`),
    substatementType: "MSCK_REPAIR_TABLE",
    run: ([, owner, name], context) => repair(tableOf(context.catalog, owner ?? context.database, name!), context),
  },
  {
    pattern: form(
      String.raw`ALTER TABLE ${NAME} ADD( IF NOT EXISTS)? (${PARTITION}(?: LOCATION '[^']*')?(?:\s*${PARTITION}(?: LOCATION '[^']*')?)*)`,
    ),
    substatementType: "ALTER_TABLE_ADD_PARTITION",
    run: ([, owner, name, unlessThere, list], context) => {
      const table = tableOf(context.catalog, owner ?? context.database, name!);
      for (const [, spec, location] of list!.matchAll(/PARTITION\s*\(([^)]*)\)(?:\s+LOCATION\s+'([^']*)')?/gis)) {
        addPartition(table, partitionValues(table, spec!), location, Boolean(unlessThere), context);
      }
      return nothing();
    },
  },
  {
    pattern: form(String.raw`ALTER TABLE ${NAME} DROP( IF EXISTS)? (${PARTITION}(?:\s*,?\s*${PARTITION})*)`),
    substatementType: "ALTER_TABLE_DROP_PARTITION",
    run: ([, owner, name, ifThere, list], { catalog, database }) => {
      const table = tableOf(catalog, owner ?? database, name!);
      for (const [, spec] of list!.matchAll(/PARTITION\s*\(([^)]*)\)/gis)) {
        const values = partitionValues(table, spec!);
        if (ifThere && !catalog.findPartition(table, values)) continue;
        asHive(() => catalog.deletePartition(table.database, table.name, values));
      }
      return nothing();
    },
  },
];

function partitionValues(table: StoredTable, spec: string): string[] {
  const given = new Map<string, string>();
  for (const [, name, text, bare] of spec.matchAll(/[`"]?(\w+)[`"]?\s*=\s*(?:'([^']*)'|([^,\s]+))/g)) {
    given.set(name!.toLowerCase(), text ?? bare!);
  }
  return partitionKeys(table).map(({ Name }) => {
    const value = given.get(Name!);
    if (value === undefined)
      throw new QueryError("GENERIC_USER_ERROR", `The partition (${spec.trim()}) says nothing of ${Name}`);
    return value;
  });
}

function addPartition(
  table: StoredTable,
  values: string[],
  location: string | undefined,
  unlessThere: boolean,
  { catalog, nowMs }: DdlContext,
): void {
  if (unlessThere && catalog.findPartition(table, values)) return;
  const keys = partitionKeys(table).map((key) => key.Name!);
  const folder = `${(table.input.StorageDescriptor?.Location ?? "").replace(/\/?$/, "/")}${partitionFolder(keys, values)}`;
  const StorageDescriptor = { ...table.input.StorageDescriptor, Location: location ?? folder };
  asHive(() => catalog.createPartition(table.database, table.name, { Values: values, StorageDescriptor }, nowMs));
}

async function repair(table: StoredTable, context: DdlContext): Promise<DdlResult> {
  const location = parseS3Location(table.input.StorageDescriptor?.Location ?? "");
  if (!location) throw new QueryError("HIVE_METASTORE_ERROR", `Table ${table.name} has no s3:// location`);
  const { bucket, key } = asFolder(location);
  const keys = partitionKeys(table).map((column) => column.Name!);
  const found = new Map<string, { values: string[]; folderKey: string }>();
  for await (const object of context.objects.list(bucket, key)) {
    const partition = partitionOfKey(object.key, key, keys);
    if (partition) found.set(partition.folderKey, partition);
  }
  const missing = [...found.values()].filter(({ values }) => !context.catalog.findPartition(table, values));
  const names = missing.map(({ values }) => `${table.name}:${partitionFolder(keys, values)}`);
  for (const { values, folderKey } of missing)
    addPartition(table, values, `s3://${bucket}/${folderKey}`, true, context);
  if (missing.length === 0) return nothing();
  return shown("output", [
    `Partitions not in metastore:\t${names.join("\t")}`,
    ...names.map((name) => `Repair: Added partition to metastore ${name}`),
  ]);
}
