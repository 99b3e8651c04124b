/**
 * Puts values into the SQL of `queries/`. A placeholder names its value and what it must be: `{{start: timestamp}}`.
 * Only text that passes the check of its kind gets into the SQL, so no value can become SQL of its own.
 *
 * Athena's own `?` parameters take no table name and count positions; the queries here use one value in many places.
 */

export type SqlValues = Readonly<Record<string, string | number>>;

/** The value is missing, or not what its placeholder says. */
export class InvalidSqlValue extends Error {
  override readonly name = "InvalidSqlValue";
}

const kinds: Readonly<Record<string, { expected: string; literal(value: string): string | undefined }>> = {
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
  text: {
    expected: "text without control characters",
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
    literal: (value) => (/[\u0000-\u001f\u007f]/.test(value) ? undefined : `'${value.replaceAll("'", "''")}'`),
  },
};

/**
 * @throws {InvalidSqlValue} When a value is missing, superfluous, or not of its placeholder's kind.
 */
export function fillSql(sql: string, values: SqlValues): string {
  const used = new Set<string>();
  const filled = sql.replaceAll(/\{\{\s*(\w+)\s*:\s*(\w+)\s*\}\}/g, (placeholder, name: string, kindName: string) => {
    const kind = Object.hasOwn(kinds, kindName) ? kinds[kindName] : undefined;
    if (!kind) throw new InvalidSqlValue(`${placeholder} asks for "${kindName}"; there are ${Object.keys(kinds).join(", ")}`);
    if (!Object.hasOwn(values, name)) throw new InvalidSqlValue(`No value is given for ${placeholder}`);
    used.add(name);
    const literal = kind.literal(String(values[name]));
    if (literal === undefined)
      throw new InvalidSqlValue(`${placeholder} is ${JSON.stringify(values[name])}, expected ${kind.expected}`);
    return literal;
  });
  for (const name of Object.keys(values))
    if (!used.has(name)) throw new InvalidSqlValue(`The query has no placeholder for the value "${name}"`);
  if (filled.includes("{{")) throw new InvalidSqlValue('A placeholder is not of the form "{{name: kind}}"');
  return filled;
}
