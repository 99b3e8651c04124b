/** Conformance cases as they lie in a folder: recordings of what AWS did. Their README gives the format. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject } from "../../engine/index.ts";

export interface TaskStep {
  result: "started" | "submitted" | "succeeded" | "failed" | "timed_out";
  output?: Json;
  error?: string;
  cause?: string;
  workerName?: string;
}

export interface RecordedTask {
  state: string;
  event: string;
  resource: string;
  parameters?: Json;
  input?: Json;
  steps: TaskStep[];
}

export type LambdaBehaviour =
  | { behaviour: "echo" }
  | { behaviour: "const"; value: Json }
  | { behaviour: "raise"; errorType: string; errorMessage: string; payload?: Json }
  | { behaviour: "delay"; seconds: number; then: LambdaBehaviour }
  | { behaviour: "raw_bytes"; repeat: string; count: number }
  | { behaviour: "prefix_python_repr"; prefix: string };

/** The surroundings of a machine when it runs: the part of a case that `--mocks` takes. */
export interface Surroundings {
  tasks?: RecordedTask[];
  lambdas?: Record<string, LambdaBehaviour>;
  activities?: string[];
  s3?: { bucket: string; key: string; body: string }[];
  state_machines?: Json;
}

export interface Placeholders {
  tokens?: string[];
  literals?: Record<string, string>;
  substituted?: Record<string, string>;
}

export interface Case extends Surroundings {
  id: string;
  group: string;
  kind: "execution" | "create_error" | "validate" | "test_state" | "variable_references" | "map_run";
  /** When it was recorded, `dd-mm-yyyy, hh:mm:ss`. */
  recorded?: string;
  type?: "STANDARD" | "EXPRESS";
  mode?: "express_sync" | "express_async";
  name?: string;
  roleArn?: string;
  executionName?: string;
  clock?: string | number;
  definition: JsonObject;
  definition_text?: string;
  input?: Json;
  input_absent?: boolean;
  logging?: { level: "ALL" | "ERROR" | "FATAL" | "OFF"; includeExecutionData?: boolean };
  stop?: { error?: string; cause?: string };
  api?: "CreateStateMachine" | "UpdateStateMachine";
  request?: JsonObject;
  expect: JsonObject & { ordering?: "total" | "causal" | "parallel-sorted" };
  placeholders: Placeholders;
}

/** All cases of a folder's `*.json` files, in the order of their names. */
export function readCases(directory: string): Case[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .flatMap((name) => JSON.parse(readFileSync(join(directory, name), "utf8")) as Case[]);
}
