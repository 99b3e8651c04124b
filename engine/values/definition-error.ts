/** The ways in which a definition is wrong. */

/** One finding about a definition, in the shape of ValidateStateMachineDefinition. */
export interface Diagnostic {
  severity: "ERROR" | "WARNING";
  code: string;
  message: string;
  /** JSON pointer into the definition. */
  location?: string;
}

/** The definition cannot run. */
export class DefinitionError extends Error {
  override readonly name = "DefinitionError";
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(
      diagnostics
        .map((d) => `${d.code}: ${d.message}${d.location === undefined ? "" : ` at ${d.location}`}`)
        .join(", "),
    );
    this.diagnostics = diagnostics;
  }
}
