/** The default event bus: its rules, and the events that they hand to their targets. */
import { randomUUID } from "node:crypto";
import type { RuleState, Target } from "@aws-sdk/client-eventbridge";
import type { Deliveries } from "../../delivery/deliveries.ts";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { RequestContext } from "../../wire/service.ts";
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

export interface Rule {
  name: string;
  arn: string;
  pattern: string;
  description?: string | undefined;
  state: RuleState;
  targets: Target[];
}

export class EventBus {
  readonly #store: Store;
  readonly #deliveries: Deliveries;
  readonly #matchers = new Map<string, Matcher>();

  constructor({ store, deliveries }: { store: Store; deliveries: Deliveries }) {
    this.#store = store;
    this.#deliveries = deliveries;
    this.#store.define("CREATE TABLE IF NOT EXISTS event_rules (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT");
  }

  /**
   * Takes an event in and hands it to the targets of the rules that match.
   *
   * @returns The event's id.
   */
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
      for (const rule of this.rules())
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

  /** By name. */
  rules(): Rule[] {
    return this.#store
      .all<{ body: string }>("SELECT body FROM event_rules ORDER BY name")
      .map(({ body }) => JSON.parse(body));
  }

  findRule(name: string): Rule | undefined {
    return this.rules().find((rule) => rule.name === name);
  }

  /** @throws {ServiceError} `ResourceNotFoundException`. */
  rule(name: string): Rule {
    const rule = this.findRule(name);
    if (!rule) throw new ServiceError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus default.`);
    return rule;
  }

  /** @throws {ServiceError} `InvalidEventPatternException`. */
  putRule(rule: Rule): void {
    eventMatcher(rule.pattern);
    this.#store.run("INSERT OR REPLACE INTO event_rules VALUES (?, ?)", rule.name, JSON.stringify(rule));
  }

  /** @throws {ServiceError} `ValidationException` while the rule has targets. */
  deleteRule(name: string): void {
    if (this.findRule(name)?.targets.length)
      throw new ServiceError("ValidationException", "Rule can't be deleted since it has targets.");
    this.#store.run("DELETE FROM event_rules WHERE name = ?", name);
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
