/** The child executions of map runs: starts and stops them, and hands their ends back to the Map that waits for them. */
import { listExecutions } from "./execution-queries.ts";
import type { ExecutionStarts } from "./execution-starts.ts";
import type { LiveExecutions } from "./live-executions.ts";
import type { Chance } from "./ports/chance.ts";
import type { Store } from "./ports/store.ts";
import type { ExecutionRecord } from "./records/execution-record.ts";
import type { MapRunRecord } from "./records/map-run-record.ts";
import type { StateMachines } from "./state-machines.ts";
import type { ChildExecutions, NewChild } from "./states/child-executions.ts";
import { unqualified, withoutLabel } from "./values/arn.ts";

export class MapRunChildren implements ChildExecutions {
  readonly #store: Store;
  readonly #chance: Chance;
  readonly #stateMachines: StateMachines;
  readonly #live: LiveExecutions;
  readonly #starts: () => ExecutionStarts;

  constructor(
    { store, chance }: { store: Store; chance: Chance },
    stateMachines: StateMachines,
    live: LiveExecutions,
    starts: () => ExecutionStarts,
  ) {
    this.#store = store;
    this.#chance = chance;
    this.#stateMachines = stateMachines;
    this.#live = live;
    this.#starts = starts;
  }

  start(
    { record, frameId }: { record: ExecutionRecord; frameId: number },
    run: MapRunRecord,
    { group, index, itemCount, input }: NewChild,
  ): ExecutionRecord {
    const machine = this.#stateMachines.get(withoutLabel(unqualified(record.stateMachineArn).arn))!;
    return this.#starts().open({
      name: this.#chance.uuid(),
      input,
      resolved: {
        machine: {
          ...machine,
          arn: `${withoutLabel(record.stateMachineArn)}/${run.label}`,
          name: `${withoutLabel(record.stateMachineName)}/${run.label}`,
          type: run.childType,
        },
        revisionId: record.revisionId,
      },
      group,
      mapRunArn: run.arn,
      parent: { serial: record.serial, frame: frameId, index, itemCount },
    });
  }

  redrive(arn: string): void {
    this.#starts().redrive(arn);
  }

  describe(arn: string): ExecutionRecord {
    return this.#live.describe(arn)!;
  }

  open(run: MapRunRecord): ExecutionRecord[] {
    const { records } = listExecutions(this.#store, this.#live, run.arn, { status: "RUNNING", limit: Infinity });
    return records;
  }

  async stop(run: MapRunRecord): Promise<void> {
    for (const record of this.open(run)) await this.#live.stop(record.arn, {});
  }

  ended(record: ExecutionRecord): void {
    if (record.parent) this.#live.bySerial(record.parent.serial)?.childExecutionEnded(record);
  }
}
