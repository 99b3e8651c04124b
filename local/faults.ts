/**
 * A seeded plan of what goes wrong: calls that are throttled or time out, messages that come twice or out of order, and
 * the process killed at a boundary. Empty unless a test or `SLUICE_FAULTS` asks for it.
 */
import { ServiceError } from "./service-error.ts";

type Fault = "throttle" | "timeout" | "duplicate" | "reorder" | "kill";

interface FaultRule {
  fault: Fault;
  /** A boundary, such as `s3:PutObject`, `sqs:my-queue` or `lambda:write-parquet`; `*` stands for any text. */
  at: string;
  /** From 0 to 1; 1 when absent. */
  probability?: number;
  /** Strikes only from this matching call on, counted from 1. */
  from?: number;
  /** The highest number of strikes. */
  limit?: number;
}

export interface FaultPlanInput {
  seed: number;
  rules: FaultRule[];
}

export class FaultPlan {
  readonly #rules: (FaultRule & { pattern: RegExp; calls: number; strikes: number })[];
  #state: number;

  constructor({ seed, rules }: FaultPlanInput = { seed: 0, rules: [] }) {
    this.#state = seed >>> 0;
    this.#rules = rules.map((rule) => ({ ...rule, pattern: patternOf(rule.at), calls: 0, strikes: 0 }));
  }

  /** Reads the plan from the environment, so that a test can give it to a process of its own. */
  static fromEnvironment(text = process.env.SLUICE_FAULTS): FaultPlan {
    return new FaultPlan(text ? (JSON.parse(text) as FaultPlanInput) : undefined);
  }

  /** Returns whether this fault happens here and now. */
  strikes(fault: Fault, boundary: string): boolean {
    for (const rule of this.#rules) {
      if (rule.fault !== fault || !rule.pattern.test(boundary)) continue;
      rule.calls += 1;
      if (rule.calls < (rule.from ?? 1) || rule.strikes >= (rule.limit ?? Number.POSITIVE_INFINITY)) continue;
      if (this.#random() >= (rule.probability ?? 1)) continue;
      rule.strikes += 1;
      return true;
    }
    return false;
  }

  /**
   * Passes a boundary: dies, throws what AWS would, or does nothing.
   *
   * @param throttleCode - What the service calls being throttled.
   */
  pass(boundary: string, throttleCode = "ThrottlingException"): void {
    if (this.#rules.length === 0) return;
    // Not `process.exit`: nothing gets to clean up, as when the machine is gone.
    if (this.strikes("kill", boundary)) process.kill(process.pid, "SIGKILL");
    if (this.strikes("throttle", boundary)) throw new ServiceError(throttleCode, "Rate exceeded", 429);
    if (this.strikes("timeout", boundary)) throw new ServiceError("RequestTimeout", `${boundary} timed out`, 503);
  }

  /** Mulberry32: small, seeded, good enough to choose with. */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  }
}

function patternOf(at: string): RegExp {
  return new RegExp(
    `^${at
      .split("*")
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
  );
}
