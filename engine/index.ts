/**
 * An engine for the Amazon States Language that does what AWS Step Functions does, history included.
 * README.md says how to embed it and where to look.
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
