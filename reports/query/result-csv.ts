/**
 * The result file that Athena writes: CSV in UTF-8, every value in double quotes, NULL as nothing at all between the
 * commas, a double quote doubled, line ends inside quotes allowed.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/querying.html
 */

/** One row by column name. Numbers stay text, for a bigint may not fit in a number; NULL is null. */
export type ResultRow = Readonly<Record<string, string | null>>;

/** The result is not what the query promises: a column is missing, or a value is not of its type. */
export class ResultShapeError extends Error {
  override readonly name = "ResultShapeError";
}

/** @throws {ResultShapeError} When the text is not CSV with a header and as many values in each row. */
export function readResultCsv(text: string): ResultRow[] {
  const [header, ...records] = readRecords(text);
  if (!header) throw new ResultShapeError("The result file is empty: not even a header");
  const columns = header.map((name) => {
    if (name === null) throw new ResultShapeError("A column of the result has no name");
    return name;
  });
  return records.map((record, index) => {
    if (record.length !== columns.length)
      throw new ResultShapeError(
        `Row ${index + 1} of the result has ${record.length} values for ${columns.length} columns`,
      );
    return Object.fromEntries(columns.map((name, i) => [name, record[i]!]));
  });
}

function readRecords(text: string): (string | null)[][] {
  const records: (string | null)[][] = [];
  let record: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === '"') {
      let value = "";
      for (;;) {
        const quote = text.indexOf('"', at + 1);
        if (quote < 0) throw new ResultShapeError("A quoted value of the result is not closed");
        value += text.slice(at + 1, quote);
        at = quote;
        if (text[at + 1] !== '"') break;
        value += '"';
        at++;
      }
      at++;
      record.push(value);
    } else {
      let end = at;
      while (end < text.length && text[end] !== "," && text[end] !== "\n" && text[end] !== "\r") end++;
      record.push(end === at ? null : text.slice(at, end));
      at = end;
    }
    if (text[at] === ",") {
      at++;
      // A comma at the very end of the text stands before one more NULL.
      if (at === text.length) record.push(null);
      continue;
    }
    if (text[at] === "\r") at++;
    if (at < text.length && text[at] !== "\n")
      throw new ResultShapeError(`The result has ${JSON.stringify(text[at])} after a value`);
    at++;
    records.push(record);
    record = [];
    // What comes now starts a record; a NULL before its first comma is pushed by the branch above.
  }
  if (record.length > 0) records.push(record);
  return records;
}

export function textOf(row: ResultRow, column: string): string | null {
  const value = row[column];
  if (value === undefined)
    throw new ResultShapeError(`The result has no column "${column}"; it has ${Object.keys(row).join(", ")}`);
  return value;
}

/** @throws {ResultShapeError} When the value is NULL or no integer. */
export function integerOf(row: ResultRow, column: string): bigint {
  const value = optionalIntegerOf(row, column);
  if (value === null) throw new ResultShapeError(`Column "${column}" is NULL, expected an integer`);
  return value;
}

export function optionalIntegerOf(row: ResultRow, column: string): bigint | null {
  const value = textOf(row, column);
  if (value === null) return null;
  if (!/^-?\d+$/.test(value)) throw new ResultShapeError(`Column "${column}" is "${value}", expected an integer`);
  return BigInt(value);
}
