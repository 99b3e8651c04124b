/**
 * Reads JSON with each number as the text in which it is written, so that amounts of money lose no digit.
 *
 * @throws {SyntaxError} When it is not JSON.
 * @throws {RangeError} When it is nested too deep.
 */
export function parseExactly(json: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? context!.source : value;
  return JSON.parse(json, reviver);
}
