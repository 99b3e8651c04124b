/**
 * An engine for the Amazon States Language that does what AWS Step Functions does, history included. It knows nothing of
 * HTTP, of AWS accounts or of this lake; it is embedded like this:
 *
 * ```ts
 * import { apiTaskHost, Engine, realClock, SqliteStore } from "./engine/index.ts";
 * import { statesService } from "./states/service.ts";
 *
 * const engine = new Engine({
 *   store: new SqliteStore(`${dir}/engine.db`),     // or MemoryStore; WAL, survives kill -9
 *   host: apiTaskHost({
 *     clock: realClock,
 *     region,
 *     // Every Task state ends here as an AWS API call. `service` and `action` are named as in aws-sdk:<service>:<action>,
 *     // `input` has the shape of the JS SDK's command, and so has what you give back. Throw refusals with `code`
 *     // (`ResourceNotFoundException`), `message` and `statusCode`, as ServiceError does.
 *     callApi: ({ service, action, input }) => myServices[service].operations[pascal(action)](input, context),
 *   }),
 *   region,
 *   accountId,
 * });
 * const states = statesService(engine);             // the API: CreateStateMachine, StartExecution, ...
 * engine.resume();                                  // once, when everything that tasks call is up
 * engine.onStatusChange((execution) => { ... });    // start and end of each execution: EventBridge events, metrics
 * engine.onEvent((execution, event) => { ... });    // each history event, Express too: CloudWatch Logs
 * engine.close();                                   // open executions stay open in the store
 * ```
 *
 * What reaches `callApi`: `lambda:invoke` (`Payload` is JSON text; answer `{ StatusCode, Payload, FunctionError? }`),
 * `sqs:sendMessage`, `sns:publish`, `events:putEvents`, `dynamodb:*`, `ecs:runTask` and `describeTasks`, `glue:startJobRun`
 * and `getJobRun`, `athena:startQueryExecution` and `getQueryExecution`, `s3:getObject`, `listObjectsV2` and `putObject` (for a
 * distributed Map's reader and writer), and whatever a machine calls as `aws-sdk:...` (`sfn`, `s3`, `glue`, ...).
 * Child executions (`states:startExecution`) and activities never leave the engine.
 *
 * In tests give it a `VirtualClock` and `seededChance(n)`: `await clock.run(() => engine.openExecutions === 0)` lets
 * days of waits pass at once, the same way each time. Work that leaves the event loop has to `clock.hold()` it.
 *
 * Where to look: `execution.ts` how an execution lives; `states/` a file per state type; `retry.ts` retries and
 * catchers; `history.ts` every event; `data/` JSONPath and JSONata; `integrations/` a file per service; `store.ts` the journal.
 */
export { type ApiTaskHostOptions, apiTaskHost } from "./api-host/api-task-host.ts";
export type { CallApi } from "./api-host/call-api.ts";
export { validateDefinition } from "./definition/validate.ts";
export type { StartOptions } from "./execution-starts.ts";
export type { ApiCall } from "./integrations/integration.ts";
export type { EventListener, StatusListener } from "./listeners.ts";
export { type Chance, seededChance, trueChance } from "./ports/chance.ts";
export { type Clock, realClock } from "./ports/clock.ts";
export { MemoryStore } from "./ports/memory-store.ts";
export { SqliteStore } from "./ports/sqlite-store.ts";
export type { Store } from "./ports/store.ts";
export type { TaskAnswer, TaskCall, TaskHost } from "./ports/task-host.ts";
export { VirtualClock } from "./ports/virtual-clock.ts";
export type { ExecutionRecord, ExecutionStatus, ExecutionType } from "./records/execution-record.ts";
export type { HistoryEvent } from "./records/history.ts";
export { Engine, type EngineOptions } from "./step-functions-engine.ts";
export { DefinitionError, type Diagnostic } from "./values/definition-error.ts";
export { EngineError } from "./values/engine-error.ts";
export type { Json, JsonObject } from "./values/json.ts";
export type { Failure } from "./values/states-error.ts";
