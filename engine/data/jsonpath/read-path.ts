/** Reads the values that a path leads to. Failures have Jayway's texts. */
import { isObject, type Json } from "../../values/json.ts";
import { compare } from "./filter-comparison.ts";
import { javaText, javaType } from "./java-text.ts";
import { type FilterNode, type Operand, type Path, PathNotFound, type Step } from "./path.ts";

/**
 * The node that a definite path names, or the array of nodes that any other path finds.
 * @throws {PathNotFound} A definite path leads nowhere.
 */
export function readPath(path: Path, root: Json): Json {
  return path.definite ? walkDefinite(path.steps, root) : walkAll(path.steps, [root], root);
}

function walkDefinite(steps: readonly Step[], root: Json): Json {
  let node: Json = root;
  let walked = "$";
  steps.forEach((step, i) => {
    const last = i === steps.length - 1;
    if (step.kind === "property") {
      const name = step.names[0]!;
      const next = `${walked}['${name}']`;
      if (!isObject(node)) {
        throw new PathNotFound(
          `Expected to find an object with property ['${name}'] in path ${walked} but found '${javaType(node)}'. This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonProvider'.`,
        );
      }
      if (!Object.hasOwn(node, name)) {
        throw new PathNotFound(last ? `No results for path: ${next}` : `Missing property in path ${next}`);
      }
      node = node[name]!;
      walked = next;
    } else if (step.kind === "index") {
      const index = step.indexes[0]!;
      const next = `${walked}[${index}]`;
      if (!Array.isArray(node)) {
        throw new PathNotFound(
          node === null
            ? `The path ${walked} is null`
            : `Filter: [${index}] can only be applied to arrays. Current context is: ${javaText(node)}`,
        );
      }
      const effective = index < 0 ? node.length + index : index;
      if (effective < 0 || effective >= node.length) {
        throw new PathNotFound(`No results for path: ${compiledText(steps)}`);
      }
      node = node[effective]!;
      walked = next;
    } else if (step.kind === "function") {
      node = applyFunction(step.name, node);
    }
  });
  return node;
}

function walkAll(steps: readonly Step[], start: Json[], root: Json): Json[] {
  let nodes = start;
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    if (step.kind === "function") {
      nodes = [applyFunction(step.name, nodes)];
      continue;
    }
    const next: Json[] = [];
    for (const node of nodes) expand(step, node, root, next);
    nodes = next;
  }
  return nodes;
}

function expand(step: Step, node: Json, root: Json, found: Json[]): void {
  switch (step.kind) {
    case "property":
      if (!isObject(node)) return;
      if (step.names.length === 1) {
        if (Object.hasOwn(node, step.names[0]!)) found.push(node[step.names[0]!]!);
        return;
      }
      found.push(
        Object.fromEntries(step.names.filter((name) => Object.hasOwn(node, name)).map((name) => [name, node[name]!])),
      );
      return;
    case "index":
      if (!Array.isArray(node)) return;
      for (const index of step.indexes) {
        const effective = index < 0 ? node.length + index : index;
        if (effective >= 0 && effective < node.length) found.push(node[effective]!);
      }
      return;
    case "slice": {
      if (!Array.isArray(node)) return;
      const clamp = (n: number) => Math.min(node.length, Math.max(0, n < 0 ? node.length + n : n));
      const from = clamp(step.from ?? 0);
      const to = step.to === undefined ? node.length : clamp(step.to);
      for (let i = from; i < to; i += Math.max(1, step.step)) found.push(node[i]!);
      return;
    }
    case "wildcard":
      if (Array.isArray(node)) found.push(...node);
      else if (isObject(node)) found.push(...Object.values(node));
      return;
    case "descend":
      found.push(node);
      if (Array.isArray(node)) for (const child of node) expand(step, child, root, found);
      else if (isObject(node)) for (const child of Object.values(node)) expand(step, child, root, found);
      return;
    case "filter":
      if (Array.isArray(node)) {
        for (const child of node) if (holds(step.test, child, root)) found.push(child);
      } else if (isObject(node) && holds(step.test, node, root)) {
        found.push(node);
      }
      return;
    case "function":
      found.push(applyFunction(step.name, node));
  }
}

function holds(test: FilterNode, node: Json, root: Json): boolean {
  switch (test.kind) {
    case "or":
      return test.terms.some((term) => holds(term, node, root));
    case "and":
      return test.terms.every((term) => holds(term, node, root));
    case "not":
      return !holds(test.term, node, root);
    case "exists":
      return operandValue(test.operand, node, root) !== undefined;
    case "compare": {
      const left = operandValue(test.left, node, root);
      if (test.operator === "=~") {
        return "regex" in test.right && typeof left === "string" && test.right.regex.test(left);
      }
      return compare(test.operator, left, operandValue(test.right, node, root));
    }
  }
}

function operandValue(operand: Operand, node: Json, root: Json): Json | undefined {
  if ("literal" in operand) return operand.literal;
  if ("regex" in operand) return undefined;
  const found = walkAll(operand.path, [operand.root ? root : node], root);
  return found[0];
}

function applyFunction(name: string, node: Json): Json {
  const numbers = () => (Array.isArray(node) ? node.filter((item): item is number => typeof item === "number") : []);
  switch (name) {
    case "length":
    case "size":
      if (Array.isArray(node) || typeof node === "string") return node.length;
      return isObject(node) ? Object.keys(node).length : null;
    case "min":
      return Math.min(...numbers());
    case "max":
      return Math.max(...numbers());
    case "sum":
      return numbers().reduce((sum, n) => sum + n, 0);
    case "avg":
      return numbers().reduce((sum, n) => sum + n, 0) / numbers().length;
    case "keys":
      return isObject(node) ? Object.keys(node) : [];
    default:
      throw new PathNotFound(`Function with name: ${name} does not exist.`);
  }
}

/** A definite path as Jayway writes it once it is compiled. */
function compiledText(steps: readonly Step[]): string {
  return steps.reduce((text, step) => {
    if (step.kind === "property") return `${text}['${step.names[0]!}']`;
    if (step.kind === "index") return `${text}[${step.indexes[0]!}]`;
    return step.kind === "function" ? `${text}.${step.name}()` : text;
  }, "$");
}
