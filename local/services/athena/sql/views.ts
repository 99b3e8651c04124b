/** Views as Athena keeps them in the catalog: a comment with base64 JSON in the table's `ViewOriginalText`. */
import type { TableInput } from "@aws-sdk/client-glue";
import type { StoredTable } from "../../glue/catalog.ts";

interface PrestoView {
  originalSql: string;
  catalog: string;
  schema: string;
  columns: { name: string; type: string }[];
}

/** The SELECT behind a view; null for a table that is not a view. */
export function viewSql(table: StoredTable): { sql: string; database: string | null } | null {
  if (table.input.TableType !== "VIRTUAL_VIEW") return null;
  const stored = table.input.ViewOriginalText ?? "";
  const encoded = /^\/\* Presto View: ([\w+/=]+) \*\/$/.exec(stored);
  if (!encoded) return { sql: stored, database: null };
  const view = JSON.parse(Buffer.from(encoded[1]!, "base64").toString()) as PrestoView;
  return { sql: view.originalSql, database: view.schema };
}

export function viewInput(
  name: string,
  database: string,
  sql: string,
  columns: { name: string; type: string }[],
): TableInput {
  const view: PrestoView = { originalSql: sql, catalog: "awsdatacatalog", schema: database, columns };
  return {
    Name: name,
    TableType: "VIRTUAL_VIEW",
    Parameters: { presto_view: "true", comment: "Presto View" },
    ViewOriginalText: `/* Presto View: ${Buffer.from(JSON.stringify(view)).toString("base64")} */`,
    ViewExpandedText: "/* Presto View */",
    PartitionKeys: [],
    StorageDescriptor: {
      Columns: columns.map(({ name: column, type }) => ({ Name: column, Type: type })),
      Location: "",
    },
  };
}
