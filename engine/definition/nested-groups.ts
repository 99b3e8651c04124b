import { isObject, type JsonObject } from "../values/json.ts";

/**
 * Groups of states inside a state: an item processor, or the branches of a Parallel.
 * @param location - JSON pointer to the state.
 * @returns Each group with the JSON pointer to it.
 */
export function nestedGroups(state: JsonObject, location: string): [group: JsonObject, location: string][] {
  const found: [JsonObject, string][] = [];
  for (const field of ["ItemProcessor", "Iterator"]) {
    if (isObject(state[field])) found.push([state[field], `${location}/${field}`]);
  }
  if (Array.isArray(state["Branches"])) {
    for (const [i, branch] of state["Branches"].entries()) {
      if (isObject(branch)) found.push([branch, `${location}/Branches/${i}`]);
    }
  }
  return found;
}
