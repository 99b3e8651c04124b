import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import validate from "asl-validator";
import { describe, expect, it } from "vitest";
import { validateDefinition } from "../../engine/index.ts";
import * as errors from "../../lake/errors.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface State {
  Type: string;
  Resource?: string;
  TimeoutSeconds?: unknown;
  Arguments?: { FunctionName?: string };
  Retry?: { ErrorEquals: string[]; MaxAttempts?: number; BackoffRate?: number; JitterStrategy?: string }[];
  Catch?: { ErrorEquals: string[] }[];
  ItemProcessor?: { States: Record<string, State> };
  Branches?: { States: Record<string, State> }[];
}

function* statesOf(states: Record<string, State>): Generator<[string, State]> {
  for (const [name, state] of Object.entries(states)) {
    yield [name, state];
    for (const inner of [state.ItemProcessor, ...(state.Branches ?? [])]) if (inner) yield* statesOf(inner.States);
  }
}

const files = readdirSync(`${root}statemachines`).filter((name) => name.endsWith(".asl.json"));
const machines = files.map((file) => {
  const text = readFileSync(`${root}statemachines/${file}`, "utf8");
  return { file, text, definition: JSON.parse(text) };
});

const LAMBDA_ERRORS = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
  "Lambda.Unknown",
];

describe.each(machines)("statemachines/$file", ({ text, definition }) => {
  const states = [...statesOf(definition.States)];
  const tasks = states.filter(([, { Type }]) => Type === "Task");

  it("is a valid definition", () => {
    const verdict = validate(definition);
    expect(verdict.isValid, verdict.errorsText("\n")).toBe(true);
    const arns = text.replaceAll(/\$\{[\w-]+\}/g, "arn:aws:lambda:eu-central-1:111122223333:function:f");
    expect(validateDefinition(arns).filter(({ severity }) => severity === "ERROR")).toEqual([]);
  });

  it("opens with a comment, speaks JSONata, and ends in time", () => {
    expect(Object.keys(definition)[0]).toBe("Comment");
    expect(definition.Comment).toContain("Input");
    expect(definition.QueryLanguage).toBe("JSONata");
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
    for (const [name, { TimeoutSeconds }] of tasks) expect(TimeoutSeconds, name).toBeDefined();
  });

  it("names each Lambda task after its file", () => {
    for (const [name, { Resource, Arguments }] of tasks) {
      if (Resource !== "arn:aws:states:::lambda:invoke") continue;
      const file = /^\$\{([\w-]+)\}$/.exec(Arguments!.FunctionName!)?.[1];
      expect(existsSync(`${root}functions/${file}.ts`), name).toBe(true);
    }
  });

  it("retries transient Lambda errors with back-off and full jitter, a limited number of times", () => {
    for (const [name, { Resource, Retry = [] }] of tasks) {
      for (const { MaxAttempts, BackoffRate, JitterStrategy } of Retry) {
        expect(MaxAttempts, name).toBeGreaterThan(0);
        expect({ BackoffRate, JitterStrategy }, name).toEqual({ BackoffRate: 2, JitterStrategy: "FULL" });
      }
      if (Resource !== "arn:aws:states:::lambda:invoke") continue;
      expect(
        Retry.flatMap(({ ErrorEquals }) => ErrorEquals),
        name,
      ).toEqual(expect.arrayContaining(LAMBDA_ERRORS));
    }
  });
});

describe("errors by name", () => {
  /** What AWS SDK clients throw reaches a machine under the service's own name for it. */
  const ofServices = new Set(["TooManyRequestsException"]);
  const isOurs = (name: string) =>
    !ofServices.has(name) && !/^(States|Lambda|StepFunctions|SNS|Sns|Athena|EventBridge)\./.test(name);
  const named = new Set(
    machines
      .flatMap(({ definition }) => [...statesOf(definition.States)])
      .flatMap(([, { Retry = [], Catch = [] }]) => [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals))
      .filter(isOurs),
  );
  const code = ["aws", "functions", "lake", "reports"]
    .flatMap((folder) =>
      readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" }).map((name) => `${folder}/${name}`),
    )
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(root + name, "utf8"))
    .join("\n");

  it.each([...named])("%s, which a machine names, is an error of ours", (name) => {
    expect(Object.keys(errors)).toContain(name);
  });

  it.each(Object.keys(errors))("%s is thrown somewhere and named by a machine", (name) => {
    expect(code).toMatch(new RegExp(`(throw|return|\\?|:|=) new ${name}\\(`));
    expect([...named]).toContain(name);
  });

  it.each(Object.entries(errors))("%s carries its name as a literal", (name, ErrorClass) => {
    expect(new (ErrorClass as unknown as new (...facts: unknown[]) => Error)({}, "", "", "").name).toBe(name);
  });
});
