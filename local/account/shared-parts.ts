/** The ground that all services of an account stand on. */
import type { Clock } from "../../engine/index.ts";
import type { Call } from "../delivery/call.ts";
import type { Deliveries } from "../delivery/deliveries.ts";
import type { FaultPlan } from "../faults.ts";
import type { Store } from "../store.ts";
import type { Place } from "../wire/service.ts";
import type { ServiceRegistry } from "../wire/service-registry.ts";

export interface Ground {
  /** The folder of all state. */
  dir: string;
  place: Place;
  clock: Clock;
  now(): number;
  /** Where the cloud is reached, such as `http://127.0.0.1:4400`. */
  endpoint(): string;
  log(line: string): void;
  faults: FaultPlan;
  store: Store;
  registry: ServiceRegistry;
  /** Calls any service of the registry. */
  call: Call;
  deliveries: Deliveries;
}
