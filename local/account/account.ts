/** One account in one region: all its services, made and connected. */

import { join } from "node:path";
import { realClock } from "../../engine/index.ts";
import { Deliveries } from "../delivery/deliveries.ts";
import type { FaultPlan } from "../faults.ts";
import { Store } from "../store.ts";
import type { Place } from "../wire/service.ts";
import { ServiceRegistry } from "../wire/service-registry.ts";
import { type Analytics, analyticsOn } from "./analytics.ts";
import { type Compute, computeOn, type FunctionLogListener } from "./compute.ts";
import { type Messaging, messagingOn } from "./messaging.ts";
import { type Monitoring, monitoringOn } from "./monitoring.ts";
import type { Ground } from "./shared-parts.ts";
import { type Storage, storageOn } from "./storage.ts";

interface AccountOptions {
  /** The folder of all state. */
  dir: string;
  place: Place;
  /** Where the cloud is reached, such as `http://127.0.0.1:4400`. */
  endpoint(): string;
  log(line: string): void;
  faults: FaultPlan;
  onFunctionLog: FunctionLogListener;
}

export class Account {
  readonly ground: Ground;
  readonly messaging: Messaging;
  readonly monitoring: Monitoring;
  readonly storage: Storage;
  readonly compute: Compute;
  readonly analytics: Analytics;

  constructor({ onFunctionLog, ...options }: AccountOptions) {
    const { dir, place, faults, log } = options;
    const clock = realClock;
    const now = () => clock.now();
    const store = new Store(join(dir, "cloud.db"));
    const registry = new ServiceRegistry({ context: { ...place, now }, faults, log });
    const call = registry.call.bind(registry);
    const deliveries = new Deliveries({ store, call, clock, log });
    this.ground = { ...options, clock, now, store, registry, call, deliveries };
    this.messaging = messagingOn(this.ground);
    this.monitoring = monitoringOn(this.ground, this.messaging);
    this.storage = storageOn(this.ground, this.messaging);
    this.compute = computeOn(this.ground, this.messaging, this.monitoring, onFunctionLog);
    this.analytics = analyticsOn(this.ground, this.storage);
  }

  /** Goes on with what an earlier process left unfinished, and begins what is due. */
  start(): void {
    this.compute.asyncEvents.start();
    this.ground.deliveries.start();
    this.compute.engine.resume();
    this.compute.pipes.start();
    this.messaging.schedules.start();
    this.monitoring.alarms.start();
    this.storage.housekeeping.start();
  }

  /**
   * Ends all work: first what begins something, then what carries it out. What this cuts short is unfinished, not failed:
   * the next start goes on with it. From here on every call is refused.
   */
  async stop(): Promise<void> {
    const { ground, messaging, monitoring, storage, compute, analytics } = this;
    messaging.schedules.close();
    monitoring.alarms.close();
    await Promise.all([compute.pipes.close(), storage.housekeeping.close()]);
    await ground.deliveries.close();
    // The engine lets go of its tasks before they are cut off, or their executions would fail.
    compute.unwatchExecutions();
    compute.engine.close();
    await Promise.all([
      ground.registry.close(),
      compute.functions.close(),
      compute.asyncEvents.close(),
      analytics.executions.close(),
      analytics.crawlers.close(),
    ]);
  }

  /** Closes the stores. Call it when nothing can call a service any more. */
  async close(): Promise<void> {
    this.monitoring.logGroups.close();
    await this.storage.dynalite.close();
    this.ground.store.close();
  }
}
