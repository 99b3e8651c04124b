/**
 * The state of an alarm, from its metric's latest periods.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarm-evaluation
 */
import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export interface Verdict {
  state: AlarmState;
  reason: string;
}

/** The settings that the verdict depends on. */
type AlarmRule = Pick<
  MetricAlarm,
  "ComparisonOperator" | "Threshold" | "EvaluationPeriods" | "DatapointsToAlarm" | "TreatMissingData"
>;

const OPERATORS: Record<string, { breaches(value: number, threshold: number): boolean; words: string }> = {
  GreaterThanThreshold: { breaches: (value, threshold) => value > threshold, words: "greater than the threshold" },
  GreaterThanOrEqualToThreshold: {
    breaches: (value, threshold) => value >= threshold,
    words: "greater than or equal to the threshold",
  },
  LessThanThreshold: { breaches: (value, threshold) => value < threshold, words: "less than the threshold" },
  LessThanOrEqualToThreshold: {
    breaches: (value, threshold) => value <= threshold,
    words: "less than or equal to the threshold",
  },
};

export const isKnownOperator = (operator: string | undefined) => operator !== undefined && operator in OPERATORS;

/**
 * @param values - One for each of the last `EvaluationPeriods` periods, oldest first; undefined where there is no data.
 * @param before - Kept when data is missing and missing data is to be ignored.
 */
export function alarmState(rule: AlarmRule, values: readonly (number | undefined)[], before: AlarmState): Verdict {
  const { breaches, words } = OPERATORS[rule.ComparisonOperator!]!;
  const threshold = rule.Threshold!;
  const needed = rule.DatapointsToAlarm ?? rule.EvaluationPeriods!;
  const known = values.filter((value) => value !== undefined);
  const missing = values.length - known.length;
  const breaching = known.filter((value) => breaches(value, threshold));
  const datapoints = `${known.length} of the last ${values.length} periods had data [${known.join(", ")}]`;

  if (breaching.length + (rule.TreatMissingData === "breaching" ? missing : 0) >= needed)
    return {
      state: "ALARM",
      reason: `Threshold Crossed: ${breaching.length} datapoints were ${words} (${threshold}); ${datapoints}.`,
    };
  if (known.length === 0 && rule.TreatMissingData === "ignore") return { state: before, reason: "No data; kept." };
  if (known.length === 0 && (rule.TreatMissingData ?? "missing") === "missing")
    return { state: "INSUFFICIENT_DATA", reason: `Insufficient Data: ${datapoints}.` };
  return {
    state: "OK",
    reason: `Threshold not crossed: ${needed} datapoints would have to be ${words} (${threshold}); ${datapoints}.`,
  };
}
