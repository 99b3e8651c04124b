/** The arguments of a command. An argument that `parseArgs` refuses becomes a UsageError. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./command.ts";

/** Options of every command that works on a lake. */
export const targetOptions = {
  dir: { type: "string", default: ".sluice" },
  stage: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** The part of a help text that explains {@link targetOptions}. */
export const targetHelp = `  --dir DIR      where the embedded cloud keeps its state (default .sluice)
  --stage NAME   work on a deployed stage instead, with the AWS credentials of the environment
  --json         machine-readable result on stdout`;

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * @param options - As of `node:util` parseArgs.
 * @throws {UsageError} On an unknown option, a missing value, or positionals where none are taken.
 */
export function parse<T extends Options>(argv: string[], options: T, allowPositionals = false) {
  try {
    return parseArgs<{ args: string[]; options: T; allowPositionals: boolean; strict: true }>({
      args: argv,
      options,
      allowPositionals,
      strict: true,
    });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new UsageError(text.replace(/^.*?: /, "").split(". To specify")[0]!);
  }
}

/**
 * A whole number given as text.
 *
 * @throws {UsageError} When it is not a whole number, or below `least`.
 */
export function wholeNumber(option: string, text: string, least = 0): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least)
    throw new UsageError(`--${option} is "${text}", expected a whole number from ${least}`);
  return number;
}

/**
 * A day given as text.
 *
 * @throws {UsageError} When there is no such day.
 */
export function day(option: string, text: string): string {
  const date = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text)
    throw new UsageError(`--${option} is "${text}", expected a day such as 2026-01-17`);
  return text;
}
