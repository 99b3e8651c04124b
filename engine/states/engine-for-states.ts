/** The engine as the states of an execution see it. */
import type { Chance } from "../ports/chance.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import type { TaskHost } from "../ports/task-host.ts";
import type { Place } from "../values/arn.ts";
import type { ChildExecutions } from "./child-executions.ts";

export interface ExecutionHome {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly store: Store;
  readonly host: TaskHost;
  readonly place: Place;
  readonly children: ChildExecutions;
  /** Stops a nested execution that nobody waits for any more. */
  stopNested(executionArn: string): void;
}
