/**
 * The part of an event that a rule's target receives: the whole, a part of it, a constant, or a template filled from it.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
import type { Target } from "@aws-sdk/client-eventbridge";

// biome-ignore lint/suspicious/noExplicitAny: events are JSON of any shape
type Json = any;

/** @returns JSON text. */
export function targetInput(target: Target, event: Json, rule: { arn: string; name: string }): string {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(at(event, target.InputPath) ?? null);
  const { InputPathsMap = {}, InputTemplate } = target.InputTransformer ?? {};
  if (InputTemplate === undefined) return JSON.stringify(event);
  const values: Record<string, Json> = {
    "aws.events.rule-arn": rule.arn,
    "aws.events.rule-name": rule.name,
    "aws.events.event.ingestion-time": event.time,
    "aws.events.event": event,
    "aws.events.event.json": event,
  };
  for (const [name, path] of Object.entries(InputPathsMap)) values[name] = at(event, path);
  return fill(InputTemplate, values);
}

/** A variable inside quotes becomes text; outside it becomes JSON. */
function fill(template: string, values: Record<string, Json>): string {
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/gs, (mark, name: string | undefined) => {
    if (name === undefined) {
      if (mark === '"') quoted = !quoted;
      return mark;
    }
    if (!(name in values)) return mark;
    const value = values[name];
    if (!quoted) return value === undefined ? '""' : JSON.stringify(value);
    return typeof value === "string"
      ? JSON.stringify(value).slice(1, -1)
      : JSON.stringify(value ?? "").replaceAll('"', '\\"');
  });
}

/** The paths that EventBridge takes: names and array positions, no filters. */
function at(event: Json, path: string): Json {
  const steps = path.replace(/^\$\.?/, "").match(/[^.[\]]+/g) ?? [];
  return steps.reduce((value, step) => value?.[step.replace(/^['"]|['"]$/g, "")], event);
}
