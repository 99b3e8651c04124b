/**
 * Reads JSON with each number as the text in which it is written: no digit is lost, and money stays what it is.
 *
 * @throws {SyntaxError} For what is no JSON.
 * @throws {RangeError} For what is nested too deep.
 */
export function parseExactly(json: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? context!.source : value;
  return JSON.parse(json, reviver);
}
