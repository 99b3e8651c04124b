/** Decides whether a failed state is retried, and when, and which catcher takes the failure otherwise. */
import type { Catcher, CompiledState, Retrier } from "../definition/machine.ts";
import type { Chance } from "../ports/chance.ts";
import type { RetryCounts } from "../records/frame.ts";
import { type Failure, RuntimeError, StatesError } from "../values/states-error.ts";

/**
 * Decides on a retry. The first retrier that matches decides alone.
 * @returns Its place and the delay in milliseconds; undefined when the failure is final.
 */
export function decideRetry(
  state: Pick<CompiledState, "retry" | "type">,
  counts: RetryCounts,
  failure: Failure,
  chance: Chance,
): { retrier: number; delayMs: number } | undefined {
  const retrier = state.retry.findIndex(({ errorEquals }) => matches(errorEquals, failure));
  if (retrier < 0) return undefined;
  const rule = state.retry[retrier]!;
  const attempted = counts[retrier] ?? 0;
  if (attempted >= rule.maxAttempts) return undefined;
  return { retrier, delayMs: retryDelaySeconds(rule, attempted, chance) * 1000 };
}

/** Back-off before attempt number `attempted + 1`, in seconds. */
export function retryDelaySeconds(rule: Retrier, attempted: number, chance: Chance): number {
  const delay = Math.min(rule.intervalSeconds * rule.backoffRate ** attempted, rule.maxDelaySeconds ?? Infinity);
  return rule.fullJitter ? delay * chance.random() : delay;
}

/** The place of the catcher that takes the failure, or -1. */
export function decideCatch(catchers: readonly Catcher[], failure: Failure): number {
  return catchers.findIndex(({ errorEquals }) => matches(errorEquals, failure));
}

/** Errors in reading the state's own data end the execution; neither Retry nor Catch sees them. */
export function isFinal(error: unknown): boolean {
  return error instanceof RuntimeError;
}

/** @see https://states-language.net/#error-names */
export function matches(errorEquals: readonly string[], failure: Failure): boolean {
  return errorEquals.some((name) => {
    if (name === "States.ALL") return true;
    if (name === "States.TaskFailed") return failure.error !== "States.Timeout";
    if (name === "States.HeartbeatTimeout" && failure.heartbeat) return true;
    return name === failure.error;
  });
}

export function failureOf(error: unknown): Failure {
  if (error instanceof StatesError)
    return { error: error.error, cause: error.cause, ...(error.heartbeat ? { heartbeat: true } : {}) };
  throw error;
}
