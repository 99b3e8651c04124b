/**
 * The data of a state: reading its input and shaping its output. JSONPath and JSONata both implement `StateData`; a
 * state does not know which of them it has.
 */
import type { Chance } from "../ports/chance.ts";
import type { Json, JsonObject } from "../values/json.ts";

export type QueryLanguage = "JSONPath" | "JSONata";

/** Everything that an expression can see while one state runs. */
export interface DataScope {
  stateName: string;
  /** Id of the event that entered the state; AWS quotes it in its error texts. */
  enteredEventId: number;
  /** The state's input as it was handed over. */
  input: Json;
  /** The context object (`$$`, `$states.context`). */
  context: JsonObject;
  /** Variables in scope; inherited ones sit on the prototype chain. */
  variables: JsonObject;
  chance: Chance;
  nowMs: number;
  /** Called with each stage of a state's data on its way, for TestState. */
  trace?: ((stage: TraceStage, value: Json) => void) | undefined;
}

/** Stages by the names TestState gives them. */
type TraceStage =
  | "afterInputPath"
  | "afterParameters"
  | "afterArguments"
  | "afterResultSelector"
  | "afterResultPath"
  | "afterItemsPath";

export interface Completion {
  output: Json;
  /** Values for variables, in the order in which they were written. */
  assigned?: JsonObject | undefined;
}

/** A field that holds one value, and the values that it may have. */
export interface ScalarField {
  /** Name in the definition, such as `TimeoutSeconds`; JSONPath also looks for `TimeoutSecondsPath`. */
  name: string;
  /** The type that an expression has to give. */
  type: "integer" | "number" | "string" | "timestamp" | "any";
}

/** The data side of one state. */
export interface StateData {
  readonly language: QueryLanguage;
  /** The input after `InputPath`. */
  selectInput(scope: DataScope): Json;
  /** The data that the state works on: `Arguments`, or `Parameters` applied to the selected input. */
  arguments(scope: DataScope): Promise<Json>;
  /** Whether the definition gives the field, literally or by expression. */
  has(field: string): boolean;
  /** The value of a scalar field; undefined when the definition does not give it. */
  scalar(scope: DataScope, field: ScalarField): Promise<Json | undefined>;
  /** Any other template of the state: `ItemSelector`, `ItemReader/Parameters`, `ResultWriter/...`. */
  template(scope: DataScope, field: string): Promise<Json | undefined>;
  /** The array a Map runs over. */
  items(scope: DataScope): Promise<Json[]>;
  /** Output and assignments of a state that did its work. */
  complete(scope: DataScope, result: Json): Promise<Completion>;
  /** Output and assignments of a state whose failure was caught by `Catch[index]`. */
  caught(scope: DataScope, index: number, errorOutput: JsonObject): Promise<Completion>;
  /** The rule of a Choice that holds, by its index, or -1 for the default; with the output of that rule. */
  choose(scope: DataScope): Promise<{ index: number; completion: Completion }>;
}
