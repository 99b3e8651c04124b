/** The state that a TestState call is about. */

import { type CompiledState, compileMachine } from "../../../../engine/definition/machine.ts";
import { validateState } from "../../../../engine/definition/validate.ts";
import type { Json, JsonObject } from "../../../../engine/index.ts";
import { isObject } from "../../../../engine/values/json.ts";
import { ServiceError } from "../../../service-error.ts";
import { parseJson, refuse, type TestStateInput } from "./request.ts";

/** AWS's name for a state that is tested without a machine around it. */
export const STATE_NAME = "StateName";

/**
 * Finds the state: the definition itself, or the named state of a machine.
 *
 * @throws {ServiceError} InvalidDefinition, ValidationException.
 */
export function testedState(request: TestStateInput): { state: CompiledState; name: string } {
  const definition = parseJson(request.definition, "definition");
  if (!isObject(definition))
    throw new ServiceError(
      "InvalidDefinition",
      "Invalid State Machine Definition: 'Definition must be a valid JSON object'",
    );
  let raw: Json | undefined = definition;
  let name = STATE_NAME;
  if (request.stateName !== undefined) {
    name = request.stateName;
    raw = stateNamed(definition, name);
    if (!isObject(raw)) refuse("State not found in definition");
  }
  const language = definition["QueryLanguage"] === "JSONata" ? "JSONata" : "JSONPath";
  const problems = validateState(raw as JsonObject, name, language);
  if (problems.length > 0) {
    throw new ServiceError(
      "InvalidDefinition",
      `Invalid State Machine Definition: '${problems.map((p) => `${p.code}: ${p.message}${p.location === undefined ? "" : ` at ${p.location}`}`).join(", ")}'`,
    );
  }
  const machine = compileMachine({ QueryLanguage: language, StartAt: name, States: { [name]: raw as JsonObject } });
  return { state: machine.root.states.get(name)!, name };
}

/** Looks anywhere in the machine: states of branches and item processors have names too. */
function stateNamed(group: JsonObject, name: string): Json | undefined {
  const states = isObject(group["States"]) ? group["States"] : {};
  if (Object.hasOwn(states, name)) return states[name];
  for (const state of Object.values(states)) {
    if (!isObject(state)) continue;
    const nested = [
      state["ItemProcessor"],
      state["Iterator"],
      ...(Array.isArray(state["Branches"]) ? state["Branches"] : []),
    ];
    for (const inner of nested) {
      const found = isObject(inner) ? stateNamed(inner, name) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
