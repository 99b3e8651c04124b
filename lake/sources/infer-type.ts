/** Proposes the type of a column from the values of a sample. */

import { instantText } from "../formats/instant.ts";
import type { ColumnType } from "../rows/schema.ts";

interface ProposedType {
  readonly type: ColumnType;
  /** Doubts about it, as sentences. */
  readonly doubts: readonly string[];
}

const DATE = /^\d{4}-\d\d-\d\d$/;
/** Without leading zeros, or a postal code would lose them. */
const INTEGER = /^(0|-?[1-9]\d{0,18})$/;
const DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,2})?$/;
const ONLY_DIGITS = /^[\d.]+$/;

/** Names of columns that say when something was. */
const TIME_NAME = /(^|_)(time|timestamp|date|datetime|at|ts|msec|millis)$|time|date/;
/** Names that hardly mean anything else. */
const SURE_TIME_NAME = /(^|_)(time|timestamp|date|datetime|ts)$/;
/** Names of numbers that are labels. */
const LABEL_NAME = /(^|_)(id|zip|zip_code|postal_code|phone|account)$/;
/** Names of amounts of money. */
const MONEY_NAME = /price|amount|revenue|total|cost|fee|tax/;

/** A double holds every number of this many digits. */
const DOUBLE_DIGITS = 15;
/** Where this share of the values agree, the others are reported. */
const NEARLY_ALL = 0.9;

const isInt64 = (text: string) => INTEGER.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
const isDouble = (text: string) => DECIMAL.test(text) && text.replace(/[eE].*|\D/g, "").length <= DOUBLE_DIGITS + 2;

/** Whether a text is a moment; digits alone are one only where the column's name says so. */
export function isMoment(text: string, name: string): boolean {
  if (DATE.test(text)) return false;
  return (!ONLY_DIGITS.test(text) || TIME_NAME.test(name)) && instantText(text) !== undefined;
}

export const isDate = (text: string) => DATE.test(text) && instantText(text) !== undefined;

/**
 * The narrowest type that every value of the sample has; `string` where they differ.
 *
 * @param name - Name of the column, which decides where the values leave it open.
 * @param values - Values that are not null: texts, numbers as their text, booleans, nested values.
 */
export function proposeType(name: string, values: readonly unknown[]): ProposedType {
  if (values.length === 0) return { type: "string", doubts: ["no value in the sample, so any type may be right"] };
  if (values.some((value) => typeof value === "object"))
    return { type: "string", doubts: ["nested values, which the column holds as JSON text"] };
  const texts = values.map(String);
  const kinds: readonly [type: ColumnType, plural: string, test: (text: string) => boolean][] = [
    ["boolean", "true or false", (text) => text === "true" || text === "false"],
    [timestampType(texts), "a time", (text) => isMoment(text, name)],
    ["date", "a date", isDate],
    ["int64", "a whole number", isInt64],
    ["double", "a number", isDouble],
  ];
  const found = kinds.find(([, , test]) => texts.every(test));
  if (found) return { type: found[0], doubts: doubtsOf(found[0], name, texts) };
  const nearly = kinds.find(([, , test]) => texts.filter(test).length >= NEARLY_ALL * texts.length);
  if (!nearly) return { type: "string", doubts: doubtsOf("string", name, texts) };
  const [type, plural, test] = nearly;
  const others = texts.filter((text) => !test(text));
  const example = JSON.stringify(others[0]!.slice(0, 40));
  return {
    type: "string",
    doubts: [
      `${others.length} of ${texts.length} values are not ${plural}, such as ${example}; as ${type} they would be null and kept in _extra`,
    ],
  };
}

function timestampType(texts: readonly string[]): ColumnType {
  return texts.some((text) => /\.\d{4}/.test(instantText(text) ?? "")) ? "timestamp_micros" : "timestamp_millis";
}

function doubtsOf(type: ColumnType, name: string, texts: readonly string[]): string[] {
  const doubts: string[] = [];
  const first = JSON.stringify(texts[0]!.slice(0, 40));
  if (type === "string" && texts.every((text) => /^\d+$/.test(text)) && texts.some((text) => text.length > 18))
    doubts.push(`whole numbers that 64 bits do not hold, such as ${first}`);
  else if (type === "string" && SURE_TIME_NAME.test(name) && texts.every((text) => /\d/.test(text)))
    doubts.push(`named like a time, and in no spelling of one that is read: ${first}`);
  if (type.startsWith("timestamp")) {
    const digits = texts.find((text) => ONLY_DIGITS.test(text));
    if (digits !== undefined) doubts.push(`taken for a time since 1970: ${digits} for ${instantText(digits)}`);
    else if (texts.some((text) => !/(Z|z|UTC|GMT|[+-]\d\d:?\d\d)$/.test(text)))
      doubts.push("times without a zone, taken for UTC");
  }
  if (type === "int64" && LABEL_NAME.test(name) && texts.length > 1)
    doubts.push("whole numbers in the sample; make it a string if others may come, or leading zeros");
  if (type === "int64" && texts.length >= 10 && texts.every((text) => text === "0" || text === "1"))
    doubts.push("only 0 and 1 in the sample; they stay numbers, as a boolean is read from true and false");
  if (type === "double" && MONEY_NAME.test(name))
    doubts.push('perhaps money, which a double rounds: derive an "amount" from it where sums have to be exact');
  return doubts;
}
