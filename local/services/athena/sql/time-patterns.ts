/** Date patterns of Trino, MySQL's and Joda's, as DuckDB's `strftime` writes them. */
import { QueryError } from "../query-error.ts";

// https://trino.io/docs/current/functions/datetime.html#mysql-date-functions
const MYSQL: Record<string, string> = {
  a: "%a",
  b: "%b",
  c: "%-m",
  d: "%d",
  e: "%-d",
  f: "%f",
  H: "%H",
  h: "%I",
  I: "%I",
  i: "%M",
  j: "%j",
  k: "%-H",
  l: "%-I",
  M: "%B",
  m: "%m",
  p: "%p",
  r: "%I:%M:%S %p",
  S: "%S",
  s: "%S",
  T: "%H:%M:%S",
  v: "%V",
  W: "%A",
  x: "%G",
  Y: "%Y",
  y: "%y",
  "%": "%%",
};

export function fromMysqlPattern(pattern: string): string {
  return pattern.replace(/%(.?)/gs, (found, letter: string) => {
    const duckdb = MYSQL[letter];
    // Trino refuses %D, %U, %u, %V, %w and %X, and takes an unknown letter as itself.
    if (/[DUuVwX]/.test(letter)) {
      throw new QueryError("INVALID_FUNCTION_ARGUMENT", `${found} not supported in date format string`);
    }
    return duckdb ?? letter;
  });
}

// https://www.joda.org/joda-time/apidocs/org/joda/time/format/DateTimeFormat.html
const JODA: Record<string, string> = {
  yyyy: "%Y",
  YYYY: "%Y",
  y: "%Y",
  yy: "%y",
  MMMM: "%B",
  MMM: "%b",
  MM: "%m",
  M: "%-m",
  dd: "%d",
  d: "%-d",
  HH: "%H",
  H: "%-H",
  hh: "%I",
  h: "%-I",
  mm: "%M",
  m: "%-M",
  ss: "%S",
  s: "%-S",
  SSS: "%g",
  SSSSSS: "%f",
  a: "%p",
  EEEE: "%A",
  EEE: "%a",
  E: "%a",
  DDD: "%j",
  D: "%-j",
  xxxx: "%G",
  ww: "%V",
  Z: "%z",
  ZZ: "%z",
  e: "%u",
};

export function fromJodaPattern(pattern: string): string {
  return pattern.replace(
    /'((?:[^']|'')*)'|([A-Za-z])\2*|%/g,
    (run, literal: string | undefined, letter: string | undefined) => {
      if (run === "%") return "%%";
      if (letter === undefined) return literal === "" ? "'" : literal!.replaceAll("''", "'").replaceAll("%", "%%");
      const duckdb = JODA[run];
      if (!duckdb)
        throw new QueryError(
          "NOT_SUPPORTED",
          `The embedded Athena does not know "${run}" in the date pattern "${pattern}"`,
        );
      return duckdb;
    },
  );
}
