/** The derived columns of a source's table, and the checks of their rules. */
import type { ColumnDefinition, ColumnType, DerivedColumn } from "../rows/schema.ts";
import type { DeriveConfig, DeriveRule } from "./rule.ts";

/** The derived columns of a table, in the order of the configuration. */
export function derivedColumns(derive: DeriveConfig | undefined): readonly DerivedColumn[] {
  return Object.entries(derive ?? {}).map(([name, rule]) => ({
    name,
    type: typeOf(rule),
    upstreamName: `derived: ${describe(rule)}`,
    inputs: inputsOf(rule),
  }));
}

function typeOf(rule: DeriveRule): ColumnType {
  switch (rule.kind) {
    case "part":
    case "segment":
    case "parameter":
      return "string";
    case "user-agent":
      return rule.fact === "bot" ? "boolean" : "string";
    case "calendar":
      return rule.field === "date" ? "date" : "int32";
    case "amount":
    case "items-amount":
      return "int64";
  }
}

/** The columns that a rule reads. */
function inputsOf(rule: DeriveRule): string[] {
  if (rule.kind === "items-amount") return [rule.items];
  if (rule.kind === "amount") return rule.quantity === undefined ? [rule.price] : [rule.price, rule.quantity];
  return [rule.from];
}

const calendarWords = {
  year: "year",
  month: "month, 1 to 12,",
  day: "day of the month",
  date: "day",
  weekday: "day of the week, 1 is Monday,",
  hour: "hour, 0 to 23,",
  isoWeek: "ISO 8601 week",
  isoWeekYear: "year of the ISO 8601 week",
} as const;

const userAgentWords = { family: "browser or program", device: "kind of device", bot: "whether it is a bot," } as const;

function describe(rule: DeriveRule): string {
  switch (rule.kind) {
    case "part":
      return `${rule.part} of the URL in ${rule.from}`;
    case "segment":
      return `segment ${rule.segment} of the path of the URL in ${rule.from}`;
    case "parameter":
      return `query parameter ${rule.parameter} of ${rule.from}`;
    case "user-agent":
      return `${userAgentWords[rule.fact]} by the user agent in ${rule.from}`;
    case "calendar":
      return `${calendarWords[rule.field]} of ${rule.from} in ${rule.timeZone}`;
    case "amount":
      return `${timesWords(rule)}${unitWords(rule)}`;
    case "items-amount":
      return `sum over ${rule.items} of ${timesWords(rule)}${unitWords(rule)}`;
  }
}

const timesWords = ({ price, quantity }: { price: string; quantity?: string }) =>
  quantity === undefined ? price : `${price} times ${quantity}`;
const unitWords = ({ decimals, unit = "" }: { decimals: number; unit?: string }) =>
  decimals === 0 && unit === ""
    ? ", in whole units"
    : `, in units of ${(10 ** -decimals).toFixed(decimals)} ${unit}`.trimEnd();

/** An error in a rule, and its place. */
interface DeriveIssue {
  readonly path: readonly string[];
  readonly input: unknown;
  /** The expected value. */
  readonly message: string;
}

/**
 * Checks the rules of a source against the columns of its format.
 *
 * @param formatColumns - Optional ones may be read too.
 */
export function deriveIssues(derive: DeriveConfig, formatColumns: readonly ColumnDefinition[]): DeriveIssue[] {
  const columns = new Map(formatColumns.map((column) => [column.name, column]));
  return Object.entries(derive).flatMap(([name, rule]) => {
    const issues: DeriveIssue[] = [];
    if (columns.has(name))
      issues.push({ path: [name], input: name, message: "a name that no column of the format has" });
    const check = (key: readonly string[], input: string, types: readonly ColumnType[], what: string) => {
      const known = [...columns.values()].filter(({ type }) => types.includes(type)).map((column) => column.name);
      if (!known.includes(input))
        issues.push({ path: [name, ...key], input, message: `${what}: ${known.join(", ") || "there is none"}` });
    };
    if (rule.kind === "amount") {
      check(["amount", "price"], rule.price, numbers, "the name of a column that holds numbers");
      if (rule.quantity !== undefined)
        check(["amount", "quantity"], rule.quantity, numbers, "the name of a column that holds numbers");
    } else if (rule.kind === "items-amount") check(["amount", "items"], rule.items, texts, "the name of a text column");
    else if (rule.kind === "calendar") {
      const types = rule.field === "hour" || rule.timeZone !== "UTC" ? instants : days;
      check(["from"], rule.from, types, `the name of a ${types === days ? "timestamp or date" : "timestamp"} column`);
    } else check(["from"], rule.from, texts, "the name of a text column");
    return issues;
  });
}

const texts: readonly ColumnType[] = ["string"];
const numbers: readonly ColumnType[] = ["int32", "int64", "double", "string"];
const instants: readonly ColumnType[] = ["timestamp_millis", "timestamp_micros"];
const days: readonly ColumnType[] = [...instants, "date"];
