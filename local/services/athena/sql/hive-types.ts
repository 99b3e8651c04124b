/** Hive's types as DuckDB names them, and the columns of a Glue table in these types. */
import type { Column } from "@aws-sdk/client-glue";
import { QueryError } from "../query-error.ts";
import { quotedName } from "./sql-tree.ts";

export interface DuckdbColumn {
  name: string;
  type: string;
  hiveType: string;
}

/** A column of a Glue table for DuckDB. */
export function asDuckdb(column: Column): DuckdbColumn {
  const hiveType = column.Type ?? "string";
  return { name: column.Name!, type: duckdbType(hiveType), hiveType };
}

/** Hive's types in DuckDB's words. */
function duckdbType(hive: string): string {
  const type = hive.trim().toLowerCase();
  const simple: Record<string, string> = {
    string: "VARCHAR",
    tinyint: "TINYINT",
    smallint: "SMALLINT",
    int: "INTEGER",
    integer: "INTEGER",
    bigint: "BIGINT",
    float: "FLOAT",
    real: "FLOAT",
    double: "DOUBLE",
    boolean: "BOOLEAN",
    timestamp: "TIMESTAMP",
    date: "DATE",
    binary: "BLOB",
  };
  if (simple[type]) return simple[type];
  if (/^(varchar|char)\(\d+\)$/.test(type)) return "VARCHAR";
  if (/^decimal(\(\d+(,\s*\d+)?\))?$/.test(type)) return type === "decimal" ? "DECIMAL(10,0)" : type.toUpperCase();
  const array = /^array<(.*)>$/s.exec(type);
  if (array) return `${duckdbType(array[1]!)}[]`;
  const map = /^map<(.*)>$/s.exec(type);
  if (map) {
    const [key, value] = splitTopLevel(map[1]!);
    return `MAP(${duckdbType(key!)}, ${duckdbType(value!)})`;
  }
  const struct = /^struct<(.*)>$/s.exec(type);
  if (struct) {
    const fields = splitTopLevel(struct[1]!).map((field) => {
      const colon = field.indexOf(":");
      return `${quotedName(field.slice(0, colon).trim())} ${duckdbType(field.slice(colon + 1))}`;
    });
    return `STRUCT(${fields.join(", ")})`;
  }
  throw new QueryError("HIVE_INVALID_METADATA", `The type '${hive}' is not known`);
}

function splitTopLevel(types: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < types.length; at++) {
    if ("<(".includes(types[at]!)) depth++;
    else if (">)".includes(types[at]!)) depth--;
    else if (types[at] === "," && depth === 0) {
      parts.push(types.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, types.slice(start)];
}
