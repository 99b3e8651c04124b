/** How often an execution was in each state, how often it failed there, and for how long it was there. */
import type { HistoryEvent } from "@aws-sdk/client-sfn";

interface StateSummary {
  name: string;
  visits: number;
  /** Attempts that failed, whether retried, caught or fatal. */
  failures: number;
  /** Sum over all visits; null when one has not ended. */
  ms: number | null;
}

/** Sums an execution's events up by state, in the order of first entry. Visits of a Map's branches add up. */
export function statesOf(events: readonly HistoryEvent[]): StateSummary[] {
  const byId = new Map(events.map((event) => [event.id!, event]));
  const states = new Map<string, StateSummary & { open: number; total: number }>();
  /** The entry of the state that an event belongs to, found along the chain of causes. */
  const entryOf = (event: HistoryEvent): HistoryEvent | undefined => {
    let at: HistoryEvent | undefined = event;
    while (at && !at.stateEnteredEventDetails) at = byId.get(at.previousEventId ?? 0);
    return at;
  };
  const openEntries = new Map<string, number[]>();
  for (const event of events) {
    const entered = event.stateEnteredEventDetails?.name;
    if (entered !== undefined) {
      const state = states.get(entered) ?? { name: entered, visits: 0, failures: 0, ms: null, open: 0, total: 0 };
      state.visits++;
      state.open++;
      states.set(entered, state);
      openEntries.set(entered, [...(openEntries.get(entered) ?? []), event.timestamp!.getTime()]);
    }
    const exited = event.stateExitedEventDetails?.name;
    const leaving = exited === undefined ? undefined : states.get(exited);
    if (leaving) {
      leaving.open--;
      leaving.total += event.timestamp!.getTime() - (openEntries.get(exited!)?.shift() ?? event.timestamp!.getTime());
    }
    if (
      /^(Task|LambdaFunction|Activity)(Failed|TimedOut|StartFailed|SubmitFailed|ScheduleFailed)$/.test(event.type ?? "")
    ) {
      const name = entryOf(event)?.stateEnteredEventDetails?.name;
      const state = name === undefined ? undefined : states.get(name);
      if (state) state.failures++;
    }
  }
  return [...states.values()].map(({ name, visits, failures, open, total }) => ({
    name,
    visits,
    failures,
    ms: open > 0 ? null : total,
  }));
}
