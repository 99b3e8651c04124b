/** The ways in which a state fails. */

/** The failure of a state, as Retry and Catch see it. Either part may be absent: a Fail state need not name an error. */
export interface Failure {
  error?: string | undefined;
  cause?: string | undefined;
  /** See `StatesError`. */
  heartbeat?: boolean | undefined;
}

/** A state failed with an error that Retry and Catch may match by name. */
export class StatesError extends Error {
  override readonly name: string = "StatesError";
  readonly error: string | undefined;
  override readonly cause: string | undefined;

  /** A missed heartbeat. Its name is `States.Timeout`; `States.HeartbeatTimeout` matches it too. */
  readonly heartbeat: boolean;

  constructor(error: string | undefined, cause?: string, heartbeat = false) {
    super(`${error ?? "(no error name)"}${cause === undefined ? "" : `: ${cause}`}`);
    this.heartbeat = heartbeat;
    this.error = error;
    this.cause = cause;
  }
}

/**
 * A JSONata expression could not be evaluated or gave the wrong type. It has a history event of its own.
 * @property location - The field, such as `Output/result`; absent where no single field is to blame.
 */
export class QueryEvaluationError extends StatesError {
  override readonly name = "QueryEvaluationError";
  readonly location: string | undefined;
  readonly state: string;

  constructor(scope: { stateName: string; enteredEventId: number }, problem: string, location?: string) {
    super("States.QueryEvaluationError", stateProblem(scope, problem));
    this.location = location;
    this.state = scope.stateName;
  }
}

/** A path, a template or a field of a JSONPath state could not be resolved. Nothing but its own name catches it. */
export class RuntimeError extends StatesError {
  override readonly name = "RuntimeError";

  constructor(scope: { stateName: string; enteredEventId: number }, problem: string, error = "States.Runtime") {
    super(error, stateProblem(scope, problem));
  }
}

/** A field has a value that it must not have: a failed evaluation in JSONata, a runtime error in JSONPath. */
export function badFieldValue(
  scope: { stateName: string; enteredEventId: number },
  language: "JSONPath" | "JSONata",
  field: string,
  problem: string,
): StatesError {
  return language === "JSONata" ? new QueryEvaluationError(scope, problem, field) : new RuntimeError(scope, problem);
}

/** Puts AWS's sentence in front of a problem inside a state. */
export function stateProblem(scope: { stateName: string; enteredEventId: number }, problem: string): string {
  return `An error occurred while executing the state '${scope.stateName}' (entered at the event id #${scope.enteredEventId}). ${problem}`;
}

/**
 * A payload is larger than 256 KiB.
 * @param name - The state, or, where a task's answer was too large, the resource.
 */
export function payloadTooLarge(name: string): StatesError {
  return new StatesError(
    "States.DataLimitExceeded",
    `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
