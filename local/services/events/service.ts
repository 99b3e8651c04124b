/**
 * EventBridge: one default bus, rules with event patterns, and targets.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html
 */
import type * as api from "@aws-sdk/client-eventbridge";
import { ServiceError } from "../../service-error.ts";
import type { RequestContext, Service } from "../../wire/service.ts";
import type { EventBus, Rule } from "./event-bus.ts";

/** The limit on all entries of one call together, and on each entry. */
const MAX_ENTRIES_BYTES = 1024 * 1024;
const MAX_ENTRIES = 10;

export function eventsService({ bus }: { bus: EventBus }): Service {
  return {
    namespace: "events",
    operations: {
      PutEvents: (input: api.PutEventsRequest, context) => putEvents(bus, input, context),
      PutRule: (input: api.PutRuleRequest, context) => putRule(bus, input, context),
      DescribeRule: (input: api.DescribeRuleRequest) => toApi(bus.rule(input.Name!)),
      ListRules: (input: api.ListRulesRequest) => ({
        Rules: bus
          .rules()
          .filter(({ name }) => name.startsWith(input.NamePrefix ?? ""))
          .map(toApi),
      }),
      DeleteRule(input: api.DeleteRuleRequest) {
        bus.deleteRule(input.Name!);
        return {};
      },
      EnableRule(input: api.EnableRuleRequest) {
        bus.putRule({ ...bus.rule(input.Name!), state: "ENABLED" });
        return {};
      },
      DisableRule(input: api.DisableRuleRequest) {
        bus.putRule({ ...bus.rule(input.Name!), state: "DISABLED" });
        return {};
      },
      PutTargets(input: api.PutTargetsRequest): api.PutTargetsResponse {
        const rule = bus.rule(input.Rule!);
        const ids = new Set(input.Targets!.map(({ Id }) => Id));
        bus.putRule({ ...rule, targets: [...rule.targets.filter(({ Id }) => !ids.has(Id)), ...input.Targets!] });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
      RemoveTargets(input: api.RemoveTargetsRequest): api.RemoveTargetsResponse {
        const rule = bus.rule(input.Rule!);
        bus.putRule({ ...rule, targets: rule.targets.filter(({ Id }) => !input.Ids!.includes(Id!)) });
        return { FailedEntryCount: 0, FailedEntries: [] };
      },
      ListTargetsByRule: (input: api.ListTargetsByRuleRequest) => ({ Targets: bus.rule(input.Rule!).targets }),
    },
  };
}

function putEvents(
  bus: EventBus,
  { Entries = [] }: api.PutEventsRequest,
  context: RequestContext,
): api.PutEventsResponse {
  if (Entries.length === 0 || Entries.length > MAX_ENTRIES)
    throw new ServiceError("ValidationException", `Entries must be 1 to ${MAX_ENTRIES}, not ${Entries.length}`);
  if (Buffer.byteLength(JSON.stringify(Entries)) > MAX_ENTRIES_BYTES)
    throw new ServiceError("ValidationException", "Total size of the entries in the request is over the limit.");
  const results = Entries.map((entry) => putEntry(bus, entry, context));
  return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
}

function putEntry(bus: EventBus, entry: api.PutEventsRequestEntry, context: RequestContext): api.PutEventsResultEntry {
  const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
  for (const field of ["Source", "DetailType", "Detail"] as const)
    if (!entry[field])
      return refuse("InvalidArgument", `Parameter ${field} is not valid. Reason: ${field} is a required argument.`);
  if (entry.EventBusName && !/(^|\/)default$/.test(entry.EventBusName))
    return refuse("ResourceNotFoundException", `Event bus ${entry.EventBusName} does not exist.`);
  if (entry.Source!.startsWith("aws."))
    return refuse("NotAuthorizedForSourceException", "Not authorized for the source.");
  const detail = detailOf(entry.Detail!);
  if (!detail) return refuse("MalformedDetail", "Detail is malformed.");
  const event = { source: entry.Source!, detailType: entry.DetailType!, detail, resources: entry.Resources ?? [] };
  return { EventId: bus.put({ ...event, ...(entry.Time && { timeMs: entry.Time.getTime() }) }, context) };
}

/** @returns Undefined when the text is not a JSON object. */
function detailOf(text: string): object | undefined {
  try {
    const detail = JSON.parse(text);
    return detail !== null && typeof detail === "object" && !Array.isArray(detail) ? detail : undefined;
  } catch {
    return undefined;
  }
}

function putRule(bus: EventBus, input: api.PutRuleRequest, { region, accountId }: RequestContext): api.PutRuleResponse {
  if (!input.EventPattern)
    throw new ServiceError(
      "ValidationException",
      "Rules on a schedule are EventBridge Scheduler's here: give an EventPattern",
    );
  const arn = `arn:aws:events:${region}:${accountId}:rule/${input.Name}`;
  bus.putRule({
    name: input.Name!,
    arn,
    pattern: input.EventPattern,
    description: input.Description,
    state: input.State ?? "ENABLED",
    targets: bus.findRule(input.Name!)?.targets ?? [],
  });
  return { RuleArn: arn };
}

function toApi({ name, arn, pattern, description, state }: Rule): api.DescribeRuleResponse {
  return {
    Name: name,
    Arn: arn,
    EventPattern: pattern,
    Description: description,
    State: state,
    EventBusName: "default",
  };
}
