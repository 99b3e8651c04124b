/** The policy of a source for personal data in its columns, and the checks of that policy. */
import { z } from "zod";
import type { ColumnDefinition, DerivedColumn } from "../rows/schema.ts";

/**
 * Steps that are applied to the values of a column:
 *
 * - `keep`: nothing.
 * - `drop`: every value becomes null.
 * - `truncate`: addresses are cut to their network, /24 or /48; other text becomes null.
 * - `hash`: a pseudonym of the value, another one each day.
 * - `scrub-parameters`: the values of the parameters of a URL or of a query string are masked.
 * - `scrub-text`: e-mail addresses and card numbers within a text are masked.
 */
const PII_STEPS = ["keep", "drop", "truncate", "hash", "scrub-parameters", "scrub-text"] as const;
export type PiiStep = (typeof PII_STEPS)[number];

function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, `one of ${values.join(", ")}`);
}

const step = oneOf(...PII_STEPS);

/** Steps run in order, each on the result of the one before. */
const columnPolicy = z
  .union([step, z.array(step).min(1)], `one of ${PII_STEPS.join(", ")}, or a list of them`)
  .transform((steps): readonly PiiStep[] => (typeof steps === "string" ? [steps] : steps))
  .superRefine((steps, context) => {
    const problem = problemOf(steps);
    if (problem) context.addIssue({ code: "custom", input: steps, message: problem });
  });

function problemOf(steps: readonly PiiStep[]): string | undefined {
  if (new Set(steps).size < steps.length) return "each step once";
  if (steps.length > 1 && (steps.includes("keep") || steps.includes("drop"))) return '"keep" or "drop" alone';
  if (steps.indexOf("truncate") > 0) return '"truncate" first: what another step made is no address';
  if (steps.includes("hash") && steps.at(-1) !== "hash") return '"hash" last: nothing can be done to a pseudonym';
  return undefined;
}

/** A policy is for all columns: columns that it does not name are kept. */
export const piiPolicy = z.strictObject({
  /** By the column's name in the table. */
  columns: z
    .record(z.string(), columnPolicy)
    // Without a prototype: a column may be called "constructor".
    .transform((columns): typeof columns => Object.assign(Object.create(null), columns)),
  /**
   * Fields that no column could hold. `withhold`: only how many there were; `names`: also their names; `scrub-text`: with e-mail
   * addresses and card numbers masked; `keep`: all of it; `drop`: nothing.
   */
  extra: oneOf("withhold", "names", "scrub-text", "keep", "drop").default("withhold"),
  /**
   * The text of rejected lines; their position and the reason are always kept. Unless it is `keep`, quarantined objects are not
   * copied either, and no message quotes them.
   */
  rejected: oneOf("withhold", "scrub-text", "keep").default("withhold"),
});

export type PiiPolicy = z.output<typeof piiPolicy>;

/** Whether the policy needs a secret. */
export function hashes(policy: PiiPolicy | undefined): boolean {
  return policy !== undefined && Object.values(policy.columns).some((steps) => steps.includes("hash"));
}

/** Whether texts of the source may be shown outside of its table: in messages, and in quarantine. */
export function mayQuote(policy: PiiPolicy | undefined): boolean {
  return policy === undefined || policy.rejected === "keep";
}

/** Whether the table holds a column's values unchanged. */
function isKept(policy: PiiPolicy, column: string): boolean {
  return policy.columns[column] === undefined || policy.columns[column][0] === "keep";
}

interface Issue {
  readonly path: readonly string[];
  readonly input: unknown;
  readonly message: string;
}

/**
 * Checks a policy against the columns of a table.
 *
 * @param formatColumns - Optional ones are not in the table, but other columns may be derived from them.
 */
export function policyIssues(
  policy: PiiPolicy,
  formatColumns: readonly ColumnDefinition[],
  derivedColumns: readonly DerivedColumn[] = [],
): Issue[] {
  const columns = formatColumns.filter(({ optional }) => !optional);
  const all = [...columns, ...derivedColumns];
  const issues: Issue[] = [];
  for (const [name, steps] of Object.entries(policy.columns)) {
    const input = steps.length === 1 ? steps[0] : steps;
    const column = all.find((candidate) => candidate.name === name);
    const path = ["columns", name];
    if (!column) issues.push({ path, input, message: expectedColumn(name, all) });
    else if (column.type !== "string" && !["keep", "drop"].includes(steps[0]!))
      issues.push({ path, input, message: `"keep" or "drop": the column is ${column.type}, and the rest is for text` });
  }
  const texts = columns.filter(({ type }) => type === "string");
  for (const { name, upstreamName } of texts) {
    const part = texts.find((other) => other.upstreamName === upstreamName && !isKept(policy, other.name));
    if (part && policy.columns[name] === undefined)
      issues.push({
        path: ["columns", name],
        input: undefined,
        message: `a policy, if only "keep": the column is taken from the same field (${upstreamName}) as ${part.name}, which the table does not keep`,
      });
  }
  const kept = new Set(columns.map((column) => column.name).filter((name) => isKept(policy, name)));
  for (const { name, inputs } of derivedColumns) {
    const read = inputs.find((input) => !kept.has(input));
    if (read !== undefined && policy.columns[name] === undefined)
      issues.push({
        path: ["columns", name],
        input: undefined,
        message: `a policy, if only "keep": the column is derived from the raw values of ${read}, which the table does not keep`,
      });
  }
  return issues;
}

function expectedColumn(name: string, columns: readonly ColumnDefinition[]): string {
  if (name.startsWith("_"))
    return name === "_extra" ? "`pii.extra` for this column" : "no policy for the lake's own column";
  const meant = columns.find(({ upstreamName }) => upstreamName.toLowerCase() === name.toLowerCase());
  if (meant) return `the column's name in the table, "${meant.name}"`;
  return `the policy of a column of the table: ${columns.map((column) => column.name).join(", ")}`;
}
