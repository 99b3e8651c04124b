/** The rules for derived columns in a source's configuration. */
import { z } from "zod";
import { urlParts } from "./url.ts";

// Not in `user-agent.ts`: every function reads the configuration, but only one needs the libraries.
export const userAgentFacts = ["family", "device", "bot"] as const;
export type UserAgentFact = (typeof userAgentFacts)[number];

const calendarFields = ["year", "month", "day", "date", "weekday", "hour", "isoWeek", "isoWeekYear"] as const;
export type CalendarField = (typeof calendarFields)[number];

/** Keys that say what is derived; a rule has exactly one of them. */
const kinds = ["part", "segment", "parameter", "userAgent", "calendar", "amount"] as const;
type Kind = (typeof kinds)[number];

/** The other keys that a rule of each kind may have. */
const companions: Readonly<Record<Kind, readonly string[]>> = {
  part: ["from"],
  segment: ["from"],
  parameter: ["from", "in"],
  userAgent: ["from"],
  calendar: ["from", "timeZone"],
  amount: ["decimals", "unit"],
};

const columnName = z.string().min(1);

const rule = z
  .strictObject({
    /** The column that is read: one of the format's. */
    from: columnName.optional(),
    /** A part of the URL as it stands there; scheme and host in lower case. */
    part: z.enum(urlParts).optional(),
    /** The part of the URL's path between two slashes, counted from 1. */
    segment: z.int().min(1).optional(),
    /** The first value of a query parameter: percent-decoded once, `+` is a space. */
    parameter: z.string().min(1).optional(),
    /** Whether the column holds a whole URL or the query alone, as `cs_uri_query` does. */
    in: z.enum(["url", "query"]).optional(),
    userAgent: z.enum(userAgentFacts).optional(),
    calendar: z.enum(calendarFields).optional(),
    /** IANA name; UTC without it. */
    timeZone: z.string().refine(isTimeZone, 'an IANA time zone such as "Europe/Berlin"').optional(),
    /** Price times quantity: of the row's own columns, or summed over the objects of a JSON array in one column. */
    amount: z
      .strictObject({
        /** The column with the array; `price` and `quantity` are then keys of its objects. */
        items: columnName.optional(),
        price: z.string().min(1),
        /** Each price counts once without it. */
        quantity: z.string().min(1).optional(),
      })
      .optional(),
    /** The amount counts units of 10^-decimals: 2 for cents. */
    decimals: z.int().min(0).max(9).optional(),
    /** The currency of the amount; said in the column's comment. */
    unit: z.string().max(20).optional(),
  })
  .superRefine((value, context) => {
    const given = kinds.filter((kind) => value[kind] !== undefined);
    const kind = given[0];
    if (given.length !== 1 || !kind) {
      context.addIssue({ code: "custom", input: value, message: `exactly one of ${kinds.join(", ")}` });
      return;
    }
    for (const key of Object.keys(value).filter((key) => key !== kind && !companions[kind].includes(key)))
      context.addIssue({
        code: "custom",
        path: [key],
        input: value[key as keyof typeof value],
        message: `nothing: ${kind} takes ${companions[kind].join(", ")}`,
      });
    if (kind === "amount" ? value.decimals === undefined : value.from === undefined)
      context.addIssue({
        code: "custom",
        path: [kind === "amount" ? "decimals" : "from"],
        input: undefined,
        message: kind === "amount" ? "how many decimals the amount has: 2 for cents" : "the column that is read",
      });
  })
  .transform(ruleOf);

/** Derived columns by name. */
export const deriveConfig = z.record(
  z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, "lower snake case")
    .refine((name) => name !== "date", 'another name than "date", which is that of the partition'),
  rule,
);

export type DeriveConfig = z.output<typeof deriveConfig>;

export type DeriveRule =
  | { kind: "part"; from: string; part: (typeof urlParts)[number] }
  | { kind: "segment"; from: string; segment: number }
  | { kind: "parameter"; from: string; parameter: string; in: "url" | "query" }
  | { kind: "user-agent"; from: string; fact: UserAgentFact }
  | { kind: "calendar"; from: string; field: CalendarField; timeZone: string }
  | { kind: "amount"; price: string; quantity?: string; decimals: number; unit?: string }
  | { kind: "items-amount"; items: string; price: string; quantity?: string; decimals: number; unit?: string };

/** Turns a checked rule into one with a kind. */
function ruleOf({ from = "", decimals = 0, unit, amount, ...rule }: CheckedRule): DeriveRule {
  if (amount) {
    const { items, quantity, price } = amount;
    const rest = { price, ...(quantity !== undefined && { quantity }), decimals, ...(unit !== undefined && { unit }) };
    return items === undefined ? { kind: "amount", ...rest } : { kind: "items-amount", items, ...rest };
  }
  if (rule.part) return { kind: "part", from, part: rule.part };
  if (rule.segment) return { kind: "segment", from, segment: rule.segment };
  if (rule.parameter) return { kind: "parameter", from, parameter: rule.parameter, in: rule.in ?? "url" };
  if (rule.userAgent) return { kind: "user-agent", from, fact: rule.userAgent };
  return { kind: "calendar", from, field: rule.calendar!, timeZone: rule.timeZone ?? "UTC" };
}

interface CheckedRule {
  from?: string | undefined;
  part?: (typeof urlParts)[number] | undefined;
  segment?: number | undefined;
  parameter?: string | undefined;
  in?: "url" | "query" | undefined;
  userAgent?: UserAgentFact | undefined;
  calendar?: CalendarField | undefined;
  timeZone?: string | undefined;
  amount?: { items?: string | undefined; price: string; quantity?: string | undefined } | undefined;
  decimals?: number | undefined;
  unit?: string | undefined;
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
