/** A refusal of the engine, by the name that Step Functions gives it, such as `ExecutionDoesNotExist`. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
