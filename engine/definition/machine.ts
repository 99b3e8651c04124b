/** Compiled definitions: every path, expression and resource of a definition is read once, here. */
import { JsonataData } from "../data/jsonata/jsonata-data.ts";
import { JsonPathData } from "../data/jsonpath/jsonpath-data.ts";
import type { QueryLanguage, StateData } from "../data/state-data.ts";
import { parseResource, type TaskResource, UnknownIntegration } from "../integrations/resource.ts";
import { DefinitionError, type Diagnostic } from "../values/definition-error.ts";
import { isObject, type JsonObject } from "../values/json.ts";

export type StateType = "Pass" | "Task" | "Choice" | "Wait" | "Succeed" | "Fail" | "Parallel" | "Map";

export interface Retrier {
  errorEquals: string[];
  intervalSeconds: number;
  maxAttempts: number;
  backoffRate: number;
  maxDelaySeconds: number | undefined;
  fullJitter: boolean;
}

export interface Catcher {
  errorEquals: string[];
  next: string;
}

export interface CompiledState {
  name: string;
  type: StateType;
  raw: JsonObject;
  /** JSON pointer into the definition. */
  location: string;
  data: StateData;
  /** Undefined ends the branch. */
  next: string | undefined;
  retry: Retrier[];
  catch: Catcher[];
  /** Task only. */
  resource?: TaskResource;
  /** One for a Map, one per branch for a Parallel. */
  groups: StateGroup[];
}

/** States that belong together: the machine itself, a branch, or an item processor. */
export interface StateGroup {
  /** Names the group inside its machine: "" is the machine itself. */
  path: string;
  startAt: string;
  states: Map<string, CompiledState>;
}

export interface CompiledMachine {
  comment: string | undefined;
  /** Seconds for a whole execution. */
  timeoutSeconds: number | undefined;
  root: StateGroup;
  groups: Map<string, StateGroup>;
  definition: JsonObject;
}

/**
 * Compiles a definition that `validateDefinition` has passed.
 * @throws {DefinitionError} A path, an expression or a resource is wrong.
 */
export function compileMachine(definition: JsonObject): CompiledMachine {
  const groups = new Map<string, StateGroup>();
  const problems: Diagnostic[] = [];
  const language = definition["QueryLanguage"] === "JSONata" ? "JSONata" : "JSONPath";
  const root = compileGroup(definition, "", "", language, groups, problems);
  if (problems.length > 0) throw new DefinitionError(problems);
  return {
    comment: typeof definition["Comment"] === "string" ? definition["Comment"] : undefined,
    timeoutSeconds: typeof definition["TimeoutSeconds"] === "number" ? definition["TimeoutSeconds"] : undefined,
    root,
    groups,
    definition,
  };
}

function compileGroup(
  raw: JsonObject,
  path: string,
  location: string,
  inherited: QueryLanguage,
  groups: Map<string, StateGroup>,
  problems: Diagnostic[],
): StateGroup {
  const language = raw["QueryLanguage"] === "JSONata" ? "JSONata" : inherited;
  const group: StateGroup = { path, startAt: String(raw["StartAt"]), states: new Map() };
  groups.set(path, group);
  for (const [name, state] of Object.entries(isObject(raw["States"]) ? raw["States"] : {})) {
    if (!isObject(state)) continue;
    try {
      group.states.set(name, compileState(name, state, path, `${location}/States/${name}`, language, groups, problems));
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push(...error.diagnostics);
    }
  }
  return group;
}

function compileState(
  name: string,
  raw: JsonObject,
  groupPath: string,
  location: string,
  inherited: QueryLanguage,
  groups: Map<string, StateGroup>,
  problems: Diagnostic[],
): CompiledState {
  const language = (raw["QueryLanguage"] as QueryLanguage | undefined) ?? inherited;
  const type = raw["Type"] as StateType;
  const nested: [JsonObject, string][] = [];
  if (type === "Parallel" && Array.isArray(raw["Branches"])) {
    for (const [i, branch] of raw["Branches"].entries()) {
      if (isObject(branch)) nested.push([branch, `${location}/Branches/${i}`]);
    }
  } else if (type === "Map") {
    const field = isObject(raw["ItemProcessor"]) ? "ItemProcessor" : "Iterator";
    if (isObject(raw[field])) nested.push([raw[field], `${location}/${field}`]);
  }
  const state: CompiledState = {
    name,
    type,
    raw,
    location,
    data: language === "JSONata" ? new JsonataData(raw, location) : new JsonPathData(raw, location),
    next: typeof raw["Next"] === "string" ? raw["Next"] : undefined,
    retry: (Array.isArray(raw["Retry"]) ? raw["Retry"] : []).filter(isObject).map(compileRetrier),
    catch: (Array.isArray(raw["Catch"]) ? raw["Catch"] : []).filter(isObject).map((catcher) => ({
      errorEquals: (catcher["ErrorEquals"] ?? []) as string[],
      next: String(catcher["Next"]),
    })),
    groups: nested.map(([group, groupLocation], i) =>
      compileGroup(group, `${groupPath}/${name}#${i}`, groupLocation, inherited, groups, problems),
    ),
  };
  if (type === "Task") {
    try {
      state.resource = parseResource(String(raw["Resource"]));
    } catch (error) {
      if (!(error instanceof UnknownIntegration)) throw error;
      throw new DefinitionError([
        {
          severity: "ERROR",
          code: "SCHEMA_VALIDATION_FAILED",
          message: error.message,
          location: `${location}/Resource`,
        },
      ]);
    }
  }
  return state;
}

function compileRetrier(raw: JsonObject): Retrier {
  const number = (name: string, otherwise: number) => (typeof raw[name] === "number" ? raw[name] : otherwise);
  return {
    errorEquals: (raw["ErrorEquals"] ?? []) as string[],
    intervalSeconds: number("IntervalSeconds", 1),
    maxAttempts: number("MaxAttempts", 3),
    backoffRate: number("BackoffRate", 2),
    maxDelaySeconds: typeof raw["MaxDelaySeconds"] === "number" ? raw["MaxDelaySeconds"] : undefined,
    fullJitter: raw["JitterStrategy"] === "FULL",
  };
}
