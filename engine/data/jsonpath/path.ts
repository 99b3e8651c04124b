/**
 * JSONPath as Step Functions understands it: the Jayway dialect, with `$$` for the context object and `$name` for a
 * variable. A path is parsed once and evaluated many times.
 */
import type { Json } from "../../values/json.ts";

export type Step =
  | { kind: "property"; names: string[] }
  | { kind: "index"; indexes: number[] }
  | { kind: "slice"; from: number | undefined; to: number | undefined; step: number }
  | { kind: "wildcard" }
  | { kind: "descend" }
  | { kind: "filter"; test: FilterNode }
  | { kind: "function"; name: string };

export type FilterNode =
  | { kind: "or" | "and"; terms: FilterNode[] }
  | { kind: "not"; term: FilterNode }
  | { kind: "compare"; operator: string; left: Operand; right: Operand }
  | { kind: "exists"; operand: Operand };

export type Operand = { literal: Json } | { path: Step[]; root: boolean } | { regex: RegExp };

export interface Path {
  /** As written. */
  text: string;
  source: "input" | "context" | "variable";
  /** Name of the variable, when the source is one. */
  variable?: string;
  steps: readonly Step[];
  /** Whether it can only name a single node. */
  definite: boolean;
}

/** The text is not a path. */
export class PathSyntaxError extends Error {
  override readonly name = "PathSyntaxError";
}

/** A definite path led nowhere. The message is Jayway's. */
export class PathNotFound extends Error {
  override readonly name = "PathNotFound";
}
