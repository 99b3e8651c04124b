/** Failures of a query, in the words that Athena puts into `StateChangeReason`. */
import type { AthenaError } from "@aws-sdk/client-athena";

/** Athena's error categories. */
const CATEGORY = { system: 1, user: 2 } as const;
/** Athena's error types for "the query itself is wrong" and "something inside broke". */
const TYPE = { user: 1006, system: 401 } as const;

export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly athenaError: AthenaError;

  /**
   * @param code - Trino's name of the error, such as `COLUMN_NOT_FOUND`.
   * @param detail - The rest of the message, with "line 1:8: " in front where a place in the text is known.
   */
  constructor(code: string, detail: string, fault: keyof typeof CATEGORY = "user") {
    super(`${code}: ${detail}`);
    this.athenaError = {
      ErrorCategory: CATEGORY[fault],
      ErrorType: TYPE[fault],
      Retryable: false,
      ErrorMessage: this.message,
    };
  }
}

/** The text is not a statement. StartQueryExecution refuses it before an execution exists. */
export class MalformedQuery extends Error {
  override readonly name = "MalformedQuery";
}

/** `line 2:5` of an offset into a query text; both count from one. */
export function placeOf(sql: string, offset: number): string {
  const before = sql.slice(0, offset);
  const line = before.split("\n").length;
  return `line ${line}:${offset - before.lastIndexOf("\n")}`;
}

const AUTHORISED = "cannot be resolved or requester is not authorized to access requested resources";

/**
 * Puts DuckDB's refusal into Trino's words.
 *
 * @param sql - What the user wrote; places are found in it by the name that DuckDB complains about.
 */
export function queryErrorOf(error: unknown, sql: string): QueryError {
  if (error instanceof QueryError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const first = message.split("\n")[0]!;
  const at = (name: string) => {
    const found = new RegExp(`(?<![\\w"])"?${name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}"?(?!\\w)`, "i").exec(sql);
    return found ? `${placeOf(sql, found.index)}: ` : "";
  };
  // Our macros name Trino's error themselves.
  const own = /Invalid Input Error: ([A-Z][A-Z_]+): (.*)/.exec(message);
  if (own) return new QueryError(own[1]!, own[2]!);

  const column =
    /(?:Referenced column|column|Values list ".*" does not have a column named) "?([^"]+?)"? (?:not found|was not found)/i.exec(
      first,
    ) ??
    /does not have a column named "([^"]+)"/.exec(first) ??
    /Referenced table "([^"]+)" not found/.exec(first);
  if (column)
    return new QueryError("COLUMN_NOT_FOUND", `${at(column[1]!)}Column '${column[1]!.toLowerCase()}' ${AUTHORISED}`);

  const ambiguous = /Ambiguous reference to column name "([^"]+)"/.exec(first);
  if (ambiguous) return new QueryError("AMBIGUOUS_NAME", `${at(ambiguous[1]!)}Column '${ambiguous[1]}' is ambiguous`);

  const grouped = /column "?([^" ]+)"? must appear in the GROUP BY clause/.exec(first);
  if (grouped) {
    return new QueryError(
      "EXPRESSION_NOT_AGGREGATE",
      `${at(grouped[1]!)}'${grouped[1]}' must be an aggregate expression or appear in GROUP BY clause`,
    );
  }
  const conversion = /Could not convert string '(.*)' to (\w+)/.exec(first);
  if (conversion) {
    const types: Record<string, string> = { INT32: "INT", INT64: "BIGINT", DOUBLE: "DOUBLE", BOOL: "BOOLEAN" };
    return new QueryError(
      "INVALID_CAST_ARGUMENT",
      `Cannot cast '${conversion[1]}' to ${types[conversion[2]!] ?? conversion[2]}`,
    );
  }
  if (first.startsWith("Conversion Error")) return new QueryError("INVALID_CAST_ARGUMENT", afterColon(first));
  if (first.startsWith("Out of Range Error")) return new QueryError("NUMERIC_VALUE_OUT_OF_RANGE", afterColon(first));
  if (first.startsWith("Out of Memory Error")) {
    return new QueryError("EXCEEDED_LOCAL_MEMORY_LIMIT", afterColon(first), "system");
  }
  const types =
    /No function matches .*'(.*)'|Cannot (?:compare|mix) values of type .*|Could not choose a best candidate .*/.exec(
      first,
    );
  if (types) return new QueryError("TYPE_MISMATCH", afterColon(first).replaceAll("trn_", ""));
  if (/^(Binder|Parser|Catalog|Not implemented) Error/.test(first)) {
    return new QueryError("SYNTAX_ERROR", afterColon(first).replaceAll("trn_", ""));
  }
  if (/^(Invalid Input|Constraint) Error/.test(first))
    return new QueryError("INVALID_FUNCTION_ARGUMENT", afterColon(first));
  return new QueryError("GENERIC_INTERNAL_ERROR", first, "system");
}

function afterColon(message: string): string {
  return message.replace(/^[A-Za-z ]+Error: /, "");
}
