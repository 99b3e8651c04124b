/**
 * Puts values into the SQL of `queries/`. A placeholder names its value and what it must be: `{{start: timestamp}}`.
 * Only text that passes the check of its kind gets into the SQL, so no value can become SQL of its own.
 *
 * Athena's own `?` parameters take no table name and count positions; the queries here use one value in many places.
 */

export type SqlValue = string | number | Readonly<Record<string, string>>;
export type SqlValues = Readonly<Record<string, SqlValue>>;

/** The value is missing, or not what its placeholder says. */
export class InvalidSqlValue extends Error {
  override readonly name = "InvalidSqlValue";
}

interface Kind {
  expected: string;
  /** The SQL for a value, or undefined for a value that is not of this kind. */
  literal(value: string): string | undefined;
}

const textKind: Kind = {
  expected: "text without control characters",
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
  literal: (value) => (/[\u0000-\u001f\u007f]/.test(value) ? undefined : `'${value.replaceAll("'", "''")}'`),
};

const kinds: Readonly<Record<string, Kind>> = {
  identifier: {
    expected: "a name of lower case letters, digits and _",
    literal: (value) => (/^[a-z_][a-z0-9_]{0,127}$/.test(value) ? `"${value}"` : undefined),
  },
  date: {
    expected: "YYYY-MM-DD",
    literal: (value) => (/^\d{4}-\d\d-\d\d$/.test(value) ? `'${value}'` : undefined),
  },
  timestamp: {
    expected: "YYYY-MM-DD HH:MM:SS in UTC",
    literal: (value) => (/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(value) ? `TIMESTAMP '${value}'` : undefined),
  },
  integer: {
    expected: "an integer",
    literal: (value) => (/^-?\d{1,18}$/.test(value) ? value : undefined),
  },
  text: textKind,
};

/** `WHEN 'from' THEN 'to'` for each entry: the middle of a CASE, empty when there is none. */
const WHEN_THEN = "when_then";

function whenThen(value: SqlValue): string | undefined {
  if (typeof value !== "object") return undefined;
  const cases = Object.entries(value).map((pair) => pair.map((text) => textKind.literal(text)));
  if (cases.some((pair) => pair.includes(undefined))) return undefined;
  return cases.map(([from, to]) => `WHEN ${from} THEN ${to}`).join(" ");
}

function literalOf(kindName: string, value: SqlValue): string | undefined {
  if (kindName === WHEN_THEN) return whenThen(value);
  return typeof value === "object" ? undefined : kinds[kindName]!.literal(String(value));
}

/**
 * @throws {InvalidSqlValue} When a value is missing, superfluous, or not of its placeholder's kind.
 */
export function fillSql(sql: string, values: SqlValues): string {
  const used = new Set<string>();
  const filled = sql.replaceAll(/\{\{\s*(\w+)\s*:\s*(\w+)\s*\}\}/g, (placeholder, name: string, kindName: string) => {
    if (kindName !== WHEN_THEN && !Object.hasOwn(kinds, kindName))
      throw new InvalidSqlValue(
        `${placeholder} asks for "${kindName}"; there are ${[...Object.keys(kinds), WHEN_THEN].join(", ")}`,
      );
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new InvalidSqlValue(`No value is given for ${placeholder}`);
    used.add(name);
    const literal = literalOf(kindName, value);
    if (literal === undefined) {
      const expected =
        kindName === WHEN_THEN ? "an object of texts without control characters" : kinds[kindName]!.expected;
      throw new InvalidSqlValue(`${placeholder} is ${JSON.stringify(value)}, expected ${expected}`);
    }
    return literal;
  });
  for (const name of Object.keys(values))
    if (!used.has(name)) throw new InvalidSqlValue(`The query has no placeholder for the value "${name}"`);
  // Looked for in the SQL itself: a value may well hold two braces.
  if (sql.replaceAll(/\{\{\s*\w+\s*:\s*\w+\s*\}\}/g, "").includes("{{"))
    throw new InvalidSqlValue('A placeholder is not of the form "{{name: kind}}"');
  return filled;
}
