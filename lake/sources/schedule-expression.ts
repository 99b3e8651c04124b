/**
 * When something happens again and again, as EventBridge Scheduler writes it. Checked here, because a wrong expression is
 * otherwise refused in the middle of a deployment.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { z } from "zod";

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface Field {
  name: string;
  least: number;
  greatest: number;
  /** Names for the values from `least` on. */
  names?: string[];
  /** What the field takes besides values, ranges and steps. */
  also?: RegExp;
}

const FIELDS: readonly Field[] = [
  { name: "minute", least: 0, greatest: 59 },
  { name: "hour", least: 0, greatest: 23 },
  { name: "day of month", least: 1, greatest: 31, also: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { name: "month", least: 1, greatest: 12, names: MONTHS },
  { name: "day of week", least: 1, greatest: 7, names: DAYS, also: /^(\?|L|([1-7]|[A-Z]{3})(L|#[1-5]))$/ },
  { name: "year", least: 1970, greatest: 2199 },
];

const EXAMPLE = 'an EventBridge Scheduler expression such as "cron(0 6 * * ? *)" or "rate(1 day)"';

export const scheduleExpression = z.string().superRefine((input, context) => {
  const issue = scheduleIssue(input);
  if (issue) context.addIssue({ code: "custom", input, message: issue });
});

/** What the expression should have been; undefined when the scheduler takes it. */
function scheduleIssue(expression: string): string | undefined {
  const [, kind, text] = /^(cron|rate)\((.+)\)$/.exec(expression) ?? [];
  if (kind === "rate") return /^[1-9]\d* (minute|hour|day)s?$/.test(text!) ? undefined : EXAMPLE;
  if (kind !== "cron") return EXAMPLE;
  const fields = text!.split(" ");
  if (fields.length !== FIELDS.length)
    return `${EXAMPLE}: six fields, ${FIELDS.map(({ name }) => name).join(", ")}; there are ${fields.length}`;
  const wrong = FIELDS.find((field, i) => !takes(field, fields[i]!));
  if (wrong) return `${EXAMPLE}: the ${wrong.name} is from ${wrong.least} to ${wrong.greatest}`;
  // The scheduler asks for exactly one of the two days.
  if ((fields[2] === "?") === (fields[4] === "?"))
    return `${EXAMPLE}: "?" as the day of month or as the day of week, and not as both`;
  return undefined;
}

function takes({ least, greatest, names, also }: Field, text: string): boolean {
  const valueIn = (word: string) => {
    const named = names?.indexOf(word.toUpperCase()) ?? -1;
    return named >= 0 ? named + least : /^\d+$/.test(word) ? Number(word) : Number.NaN;
  };
  const isIn = (value: number) => value >= least && value <= greatest;
  return text.split(",").every((part) => {
    if (also?.test(part.toUpperCase())) return text === part || part !== "?";
    const [, range, step] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
    if (!range || step === "0") return false;
    if (range === "*") return true;
    const ends = range.split("-").map(valueIn);
    return ends.length <= 2 && ends.every(isIn);
  });
}

/** An IANA name. An offset such as "+01:00" is none: the scheduler refuses it, and it has no summer time. */
export const timeZone = z
  .string()
  .refine((zone) => /^[A-Za-z]/.test(zone) && isTimeZone(zone), 'an IANA time zone such as "Europe/Berlin"');

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
