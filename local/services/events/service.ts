/**
 * EventBridge: one default bus, rules with event patterns, and targets.
 *
 * ```ts
 * const events = new EventBus({ store, deliveries });
 * services.push(events.service);
 * events.put({ source: "aws.states", detailType: "Step Functions Execution Status Change", resources: [arn], detail }, context);
 * ```
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/Welcome.html
 */
import { randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-eventbridge";
import type { Deliveries } from "../../delivery/deliveries.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { RequestContext, Service } from "../../wire/service.ts";
import { eventMatcher, type Matcher } from "./pattern.ts";
import { targetInput } from "./target-input.ts";

export interface NewEvent {
  source: string;
  detailType: string;
  detail: object;
  resources?: string[];
  /** Milliseconds since the epoch; now when absent. */
  timeMs?: number;
}

interface Rule {
  name: string;
  arn: string;
  pattern: string;
  description?: string | undefined;
  state: api.RuleState;
  targets: api.Target[];
}

/** All entries of one call together; each entry as well. */
const MAX_ENTRIES_BYTES = 1024 * 1024;
const MAX_ENTRIES = 10;

export class EventBus {
  readonly service: Service;
  readonly #store: Store;
  readonly #deliveries: Deliveries;
  readonly #matchers = new Map<string, Matcher>();

  constructor(options: { store: Store; deliveries: Deliveries }) {
    this.#store = options.store;
    this.#deliveries = options.deliveries;
    this.#store.define("CREATE TABLE IF NOT EXISTS event_rules (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT");
    this.service = {
      namespace: "events",
      operations: {
        PutEvents: (input: api.PutEventsRequest, context) => this.#putEvents(input, context),
        PutRule: (input: api.PutRuleRequest, context) => this.#putRule(input, context),
        DescribeRule: (input: api.DescribeRuleRequest) => toApi(this.#rule(input.Name!)),
        ListRules: (input: api.ListRulesRequest) => ({
          Rules: this.#rules()
            .filter(({ name }) => name.startsWith(input.NamePrefix ?? ""))
            .map(toApi),
        }),
        DeleteRule: (input: api.DeleteRuleRequest) => this.#deleteRule(input.Name!),
        EnableRule: (input: api.EnableRuleRequest) => this.#save({ ...this.#rule(input.Name!), state: "ENABLED" }),
        DisableRule: (input: api.DisableRuleRequest) => this.#save({ ...this.#rule(input.Name!), state: "DISABLED" }),
        PutTargets: (input: api.PutTargetsRequest) => this.#putTargets(input),
        RemoveTargets: (input: api.RemoveTargetsRequest) => this.#removeTargets(input),
        ListTargetsByRule: (input: api.ListTargetsByRuleRequest) => ({ Targets: this.#rule(input.Rule!).targets }),
      },
    };
  }

  /** Takes an event in and hands it to the targets of the rules that match. Returns its id. */
  put(
    { source, detailType, detail, resources = [], timeMs }: NewEvent,
    { accountId, region, now }: RequestContext,
  ): string {
    const event = {
      version: "0",
      id: randomUUID(),
      "detail-type": detailType,
      source,
      account: accountId,
      time: new Date(timeMs ?? now()).toISOString().replace(/\.\d+Z$/, "Z"),
      region,
      resources,
      detail,
    };
    this.#store.transaction(() => {
      for (const rule of this.#rules())
        if (rule.state === "ENABLED" && this.#matches(rule, event))
          for (const target of rule.targets)
            this.#deliveries.enqueue({
              targetArn: target.Arn!,
              payload: targetInput(target, event, rule),
              deadLetterArn: target.DeadLetterConfig?.Arn,
              maxRetries: target.RetryPolicy?.MaximumRetryAttempts,
            });
    });
    return event.id;
  }

  #putEvents({ Entries = [] }: api.PutEventsRequest, context: RequestContext): api.PutEventsResponse {
    if (Entries.length === 0 || Entries.length > MAX_ENTRIES)
      throw new ServiceError("ValidationException", `Entries must be 1 to ${MAX_ENTRIES}, not ${Entries.length}`);
    if (Buffer.byteLength(JSON.stringify(Entries)) > MAX_ENTRIES_BYTES)
      throw new ServiceError("ValidationException", "Total size of the entries in the request is over the limit.");
    const results = Entries.map((entry) => this.#putEntry(entry, context));
    return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode).length, Entries: results };
  }

  #putEntry(entry: api.PutEventsRequestEntry, context: RequestContext): api.PutEventsResultEntry {
    const refuse = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    for (const field of ["Source", "DetailType", "Detail"] as const)
      if (!entry[field])
        return refuse("InvalidArgument", `Parameter ${field} is not valid. Reason: ${field} is a required argument.`);
    if (entry.EventBusName && !/(^|\/)default$/.test(entry.EventBusName))
      return refuse("ResourceNotFoundException", `Event bus ${entry.EventBusName} does not exist.`);
    if (entry.Source!.startsWith("aws."))
      return refuse("NotAuthorizedForSourceException", "Not authorized for the source.");
    let detail: object;
    try {
      detail = JSON.parse(entry.Detail!);
    } catch {
      return refuse("MalformedDetail", "Detail is malformed.");
    }
    if (detail === null || typeof detail !== "object" || Array.isArray(detail))
      return refuse("MalformedDetail", "Detail is malformed.");
    const EventId = this.put(
      {
        source: entry.Source!,
        detailType: entry.DetailType!,
        detail,
        resources: entry.Resources ?? [],
        ...(entry.Time && { timeMs: entry.Time.getTime() }),
      },
      context,
    );
    return { EventId };
  }

  #putRule(input: api.PutRuleRequest, { region, accountId }: RequestContext): api.PutRuleResponse {
    if (!input.EventPattern)
      throw new ServiceError(
        "ValidationException",
        "Rules on a schedule are EventBridge Scheduler's here: give an EventPattern",
      );
    eventMatcher(input.EventPattern);
    const arn = `arn:aws:events:${region}:${accountId}:rule/${input.Name}`;
    this.#save({
      name: input.Name!,
      arn,
      pattern: input.EventPattern,
      description: input.Description,
      state: input.State ?? "ENABLED",
      targets: this.#rules().find(({ name }) => name === input.Name)?.targets ?? [],
    });
    return { RuleArn: arn };
  }

  #putTargets(input: api.PutTargetsRequest): api.PutTargetsResponse {
    const rule = this.#rule(input.Rule!);
    const ids = new Set(input.Targets!.map(({ Id }) => Id));
    this.#save({ ...rule, targets: [...rule.targets.filter(({ Id }) => !ids.has(Id)), ...input.Targets!] });
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  #removeTargets(input: api.RemoveTargetsRequest): api.RemoveTargetsResponse {
    const rule = this.#rule(input.Rule!);
    this.#save({ ...rule, targets: rule.targets.filter(({ Id }) => !input.Ids!.includes(Id!)) });
    return { FailedEntryCount: 0, FailedEntries: [] };
  }

  #deleteRule(name: string): object {
    if (this.#rules().find((rule) => rule.name === name)?.targets.length)
      throw new ServiceError("ValidationException", "Rule can't be deleted since it has targets.");
    this.#store.run("DELETE FROM event_rules WHERE name = ?", name);
    return {};
  }

  #save(rule: Rule): object {
    this.#store.run("INSERT OR REPLACE INTO event_rules VALUES (?, ?)", rule.name, JSON.stringify(rule));
    return {};
  }

  #rule(name: string): Rule {
    const rule = this.#rules().find((candidate) => candidate.name === name);
    if (!rule) throw new ServiceError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    return rule;
  }

  #rules(): Rule[] {
    return this.#store
      .all<{ body: string }>("SELECT body FROM event_rules ORDER BY name")
      .map(({ body }) => JSON.parse(body));
  }

  #matches(rule: Rule, event: object): boolean {
    let matcher = this.#matchers.get(rule.pattern);
    if (!matcher) {
      matcher = eventMatcher(rule.pattern);
      this.#matchers.set(rule.pattern, matcher);
    }
    return matcher(event);
  }
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
