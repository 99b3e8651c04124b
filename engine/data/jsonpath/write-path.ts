/** Writes a value at a path, as `ResultPath` does. */
import { isObject, type Json } from "../../values/json.ts";
import { type Path, PathNotFound } from "./path.ts";

/**
 * A copy of `root` with `value` at a reference path; missing objects on the way are made.
 * @throws {PathNotFound} The path runs through something that is not an object.
 */
export function writePath(path: Path, root: Json, value: Json): Json {
  return writeSteps(path, 0, root, value);
}

function writeSteps(path: Path, at: number, node: Json | undefined, value: Json): Json {
  const step = path.steps[at];
  if (!step) return value;
  if (step.kind === "property" && step.names.length === 1) {
    if (node !== undefined && node !== null && !isObject(node)) throw new PathNotFound(path.text);
    const name = step.names[0]!;
    const object = node ?? {};
    return {
      ...object,
      [name]: writeSteps(path, at + 1, Object.hasOwn(object, name) ? object[name] : undefined, value),
    };
  }
  if (step.kind === "index" && step.indexes.length === 1) {
    const index = step.indexes[0]!;
    if (!Array.isArray(node) || index < 0 || index >= node.length) throw new PathNotFound(path.text);
    return node.map((item, i) => (i === index ? writeSteps(path, at + 1, item, value) : item));
  }
  throw new PathNotFound(path.text);
}
