/** Columns of a result: their types as Athena names them. */
import type { ColumnInfo } from "@aws-sdk/client-athena";
import { type DuckDBType, DuckDBTypeId } from "@duckdb/node-api";
import { QueryError } from "../query-error.ts";
import { isZoned } from "./value-text.ts";

/** Athena's name, precision and scale of a column's type. */
export function columnInfo(name: string, type: DuckDBType): ColumnInfo {
  const [typeName, precision, scale] = athenaType(type);
  return {
    CatalogName: "hive",
    SchemaName: "",
    TableName: "",
    Name: name,
    Label: name,
    Type: typeName,
    Precision: precision,
    Scale: scale,
    Nullable: "UNKNOWN",
    CaseSensitive: typeName === "varchar",
  };
}

function athenaType(type: DuckDBType): [name: string, precision: number, scale: number] {
  const { width = 0, scale = 0 } = type as unknown as { width?: number; scale?: number };
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return ["boolean", 0, 0];
    case DuckDBTypeId.TINYINT:
      return ["tinyint", 3, 0];
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.UTINYINT:
      return ["smallint", 5, 0];
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.USMALLINT:
      return ["integer", 10, 0];
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UINTEGER:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
      return ["bigint", 19, 0];
    case DuckDBTypeId.FLOAT:
      return ["float", 17, 0];
    case DuckDBTypeId.DOUBLE:
      return ["double", 17, 0];
    case DuckDBTypeId.DECIMAL:
      return ["decimal", width, scale];
    case DuckDBTypeId.VARCHAR:
      return String(type) === "JSON" ? ["json", 0, 0] : ["varchar", 2_147_483_647, 0];
    case DuckDBTypeId.BLOB:
      return ["varbinary", 1_073_741_824, 0];
    case DuckDBTypeId.DATE:
      return ["date", 0, 0];
    case DuckDBTypeId.TIMESTAMP:
      return ["timestamp", 3, 0];
    case DuckDBTypeId.TIMESTAMP_TZ:
      return ["timestamp with time zone", 3, 0];
    case DuckDBTypeId.INTERVAL:
      return ["interval day to second", 0, 0];
    case DuckDBTypeId.LIST:
      return ["array", 0, 0];
    case DuckDBTypeId.MAP:
      return ["map", 0, 0];
    case DuckDBTypeId.STRUCT:
      return isZoned(type) ? ["timestamp with time zone", 3, 0] : ["row", 0, 0];
    case DuckDBTypeId.SQLNULL:
      return ["unknown", 0, 0];
    default:
      throw new QueryError("NOT_SUPPORTED", `The embedded Athena has no name for the type ${type}`);
  }
}
