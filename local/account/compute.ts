/** Functions, state machines, and the pipes that start them. */

import { join } from "node:path";
import { apiTaskHost, Engine, SqliteStore } from "../../engine/index.ts";
import { AsyncEvents } from "../services/lambda/async-events.ts";
import { Functions } from "../services/lambda/functions.ts";
import { lambdaService } from "../services/lambda/service.ts";
import { Pipes } from "../services/pipes/pipes.ts";
import { taskCalls } from "../services/stepfunctions/call-services.ts";
import { writeExecutionLogs } from "../services/stepfunctions/execution-logs.ts";
import { statesService } from "../services/stepfunctions/service.ts";
import { watchExecutions } from "../services/stepfunctions/watch-executions.ts";
import { stsService } from "../services/sts/service.ts";
import type { Messaging } from "./messaging.ts";
import type { Monitoring } from "./monitoring.ts";
import type { Ground } from "./shared-parts.ts";

export type Compute = ReturnType<typeof computeOn>;

/** Sees each line that a function prints. */
export type FunctionLogListener = (functionName: string, text: string) => void;

export function computeOn(
  ground: Ground,
  messaging: Messaging,
  monitoring: Monitoring,
  onFunctionLog: FunctionLogListener,
) {
  const { store, now, log, deliveries, registry, call, clock, place } = ground;
  const functions = functionsOn(ground, monitoring, onFunctionLog);
  const asyncEvents = new AsyncEvents({
    store,
    functions,
    now,
    log,
    onFailure: (targetArn, document) => deliveries.enqueue({ targetArn, payload: JSON.stringify(document) }),
  });
  registry.add(lambdaService({ functions, asyncEvents }));
  registry.add(stsService({ roleOf: (accessKeyId) => functions.roleOf(accessKeyId) }));

  const engine = engineOn(ground);
  const unwatchExecutions = tellOfExecutions(engine, ground, messaging, monitoring);
  registry.add(statesService(engine));

  const pipes = new Pipes({ queues: messaging.queues, call, clock, region: place.region, log });
  return { functions, asyncEvents, engine, unwatchExecutions, pipes };
}

function functionsOn(
  { place, endpoint, faults, now }: Ground,
  { logGroups, metrics }: Monitoring,
  onFunctionLog: FunctionLogListener,
): Functions {
  return new Functions({
    place,
    endpoint,
    faults,
    now,
    onLog({ functionName, logGroup, logStream, timeMs, text }) {
      logGroups.write(logGroup, logStream, timeMs, text);
      onFunctionLog(functionName, text);
    },
    onInvoked({ functionName, durationMs, failed }) {
      const metric = (name: string) => ({ namespace: "AWS/Lambda", name, dimensions: { FunctionName: functionName } });
      metrics.record(metric("Invocations"), 1, now());
      metrics.record(metric("Duration"), durationMs, now());
      metrics.record(metric("Errors"), failed ? 1 : 0, now());
    },
  });
}

function engineOn({ dir, place, clock, call, endpoint }: Ground): Engine {
  const { region } = place;
  return new Engine({
    store: new SqliteStore(join(dir, "engine.db")),
    host: apiTaskHost({ clock, region, callApi: taskCalls(call, endpoint, region) }),
    ...place,
  });
}

/** @returns A function that ends it. */
function tellOfExecutions(
  engine: Engine,
  { place, now }: Ground,
  { bus }: Messaging,
  { logGroups, metrics }: Monitoring,
): () => void {
  const unwatch = watchExecutions(engine, { bus, metrics, context: { ...place, now } });
  const endLogs = writeExecutionLogs(engine, logGroups, (arn) => engine.stateMachines.get(arn)?.loggingConfiguration);
  return () => {
    unwatch();
    endLogs();
  };
}
