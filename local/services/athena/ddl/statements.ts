/**
 * The statements that change or show the catalog, in the words of Hive and Athena that people type.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/ddl-reference.html
 */
import { DEFINITION_FORMS } from "./definitions.ts";
import type { DdlContext, DdlResult } from "./form.ts";
import { PARTITION_FORMS } from "./partitions.ts";
import { SHOW_FORMS } from "./show.ts";

export interface DdlStatement {
  substatementType: string;
  statementType: "DDL" | "UTILITY";
  run(context: DdlContext): Promise<DdlResult> | DdlResult;
}

const FORMS = [...SHOW_FORMS, ...PARTITION_FORMS, ...DEFINITION_FORMS];

/** @returns Null for any other statement: it is a query, or not supported here. */
export function ddlStatement(sql: string): DdlStatement | null {
  const source = sql.replace(/^(?:\s*(?:--[^\n]*\n|\/\*[\s\S]*?\*\/))*/, "");
  for (const { pattern, substatementType, statementType = "DDL", run } of FORMS) {
    const match = pattern.exec(source);
    if (match) return { substatementType, statementType, run: (context) => run(match, context) };
  }
  return null;
}
