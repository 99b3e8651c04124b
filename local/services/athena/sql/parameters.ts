/** ExecutionParameters: the values for the question marks of a query, each written as a SQL literal. */
import { MalformedQuery, placeOf } from "../query-error.ts";

/** Parts of a query in which a question mark is not a parameter, then the question mark. */
const PARTS = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g;
const LITERAL =
  /^\s*(?:(?:[A-Za-z]+(?:\s*\(\d+(?:,\s*\d+)?\))?\s*)?'(?:[^']|'')*'|[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|true|false|null)\s*$/i;

/**
 * @param values - Such as `'2026-01-17'`, `42` or `DATE '2026-01-17'`. Bare text counts as text: Athena's own clients
 *   send both, and reject neither.
 * @throws {MalformedQuery} When there are more or fewer of them than question marks.
 */
export function withParameters(sql: string, values: readonly string[]): string {
  let used = 0;
  const filled = sql.replace(PARTS, (found, offset: number) => {
    if (found !== "?") return found;
    const value = values[used++];
    if (value === undefined) {
      throw new MalformedQuery(
        `${placeOf(sql, offset)}: Incorrect number of parameters: expected ${used} but found ${values.length}`,
      );
    }
    return LITERAL.test(value) ? value.trim() : `'${value.replaceAll("'", "''")}'`;
  });
  if (used !== values.length) {
    throw new MalformedQuery(`line 1:1: Incorrect number of parameters: expected ${used} but found ${values.length}`);
  }
  return filled;
}
