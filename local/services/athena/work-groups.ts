/** Workgroups. `primary` is always there, as in an account. */
import type { WorkGroupConfiguration } from "@aws-sdk/client-athena";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";

export interface WorkGroup {
  name: string;
  description?: string;
  state: "ENABLED" | "DISABLED";
  configuration: WorkGroupConfiguration;
  /** Milliseconds since the epoch. */
  creationTime: number;
}

export const PRIMARY = "primary";

const UNTOUCHED_PRIMARY: WorkGroup = { name: PRIMARY, state: "ENABLED", configuration: {}, creationTime: 0 };

export class WorkGroups {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
    store.define("CREATE TABLE IF NOT EXISTS athena_work_groups (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT");
  }

  /**
   * @param name - Default: `primary`.
   * @throws {ServiceError} `InvalidRequestException` for a group that is not there.
   */
  get(name: string = PRIMARY): WorkGroup {
    const found = this.#stored(name) ?? (name === PRIMARY ? UNTOUCHED_PRIMARY : undefined);
    if (!found) throw new ServiceError("InvalidRequestException", `WorkGroup ${name} is not found.`);
    return found;
  }

  has(name: string): boolean {
    return name === PRIMARY || this.#stored(name) !== undefined;
  }

  /** By name, `primary` first until someone has changed it. */
  list(): WorkGroup[] {
    const stored = this.#store
      .all<{ body: string }>("SELECT body FROM athena_work_groups ORDER BY name")
      .map(({ body }) => JSON.parse(body) as WorkGroup);
    return stored.some(({ name }) => name === PRIMARY) ? stored : [UNTOUCHED_PRIMARY, ...stored];
  }

  put(group: WorkGroup): void {
    this.#store.run("INSERT OR REPLACE INTO athena_work_groups VALUES (?, ?)", group.name, JSON.stringify(group));
  }

  delete(name: string): void {
    this.#store.run("DELETE FROM athena_work_groups WHERE name = ?", name);
  }

  #stored(name: string): WorkGroup | undefined {
    const row = this.#store.get<{ body: string }>("SELECT body FROM athena_work_groups WHERE name = ?", name);
    return row && (JSON.parse(row.body) as WorkGroup);
  }
}
