import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import validate from "asl-validator";
import { describe, expect, it } from "vitest";
import { validateDefinition } from "../../engine/index.ts";
import { environmentErrors as nameOfEnvironment } from "../../lake/batch/failure.ts";
import * as errors from "../../lake/errors.ts";
import { formatted } from "../../statemachines/format-machines.ts";
import { environmentErrors } from "../../statemachines/retriers.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface State {
  Type: string;
  Comment?: string;
  Resource?: string;
  TimeoutSeconds?: number;
  Arguments?: { FunctionName?: string; StateMachineArn?: string };
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

/** The value's name, where it is one placeholder and nothing else: `${write-parquet}`. */
const placeholder = (value = "") => /^\$\{([\w-]+)\}$/.exec(value)?.[1];

/** "Write Parquet" as its file is named, and as its function. */
const kebabCase = (name: string) => name.toLowerCase().replaceAll(" ", "-");
const camelCase = (name: string) => kebabCase(name).replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

describe.each(machines)("statemachines/$file", ({ text, definition }) => {
  const states = [...statesOf(definition.States)];
  const tasks = states.filter(([, { Type }]) => Type === "Task");

  it("is a valid definition", () => {
    const verdict = validate(definition);
    expect(verdict.isValid, verdict.errorsText("\n")).toBe(true);
    const arns = text.replaceAll(/\$\{[\w-]+\}/g, "arn:aws:lambda:eu-central-1:111122223333:function:f");
    expect(validateDefinition(arns).filter(({ severity }) => severity === "ERROR")).toEqual([]);
  });

  it("has the shared retriers, key order and layout that `npm run asl:format` writes", () => {
    expect(text).toBe(formatted(text));
  });

  it("opens with a comment, speaks JSONata, and ends in time", () => {
    expect(Object.keys(definition)[0]).toBe("Comment");
    expect(definition.Comment).toContain("Input");
    expect(definition.QueryLanguage).toBe("JSONata");
    expect(definition.TimeoutSeconds).toBeGreaterThan(0);
  });

  it("says of each task what it does, and limits how long it may take", () => {
    for (const [name, { Comment, TimeoutSeconds }] of tasks) {
      expect(Comment, name).toMatch(/^[A-Z].*\.$/);
      expect(TimeoutSeconds, name).toBeGreaterThan(0);
    }
  });

  it("outwaits every machine that it starts and waits for", () => {
    for (const [name, { Resource, Arguments, TimeoutSeconds }] of tasks) {
      if (Resource !== "arn:aws:states:::states:startExecution.sync:2") continue;
      const child = machines.find(({ file }) => file === `${placeholder(Arguments!.StateMachineArn)}.asl.json`)!;
      expect(TimeoutSeconds, name).toBeGreaterThan(child.definition.TimeoutSeconds);
      expect(definition.TimeoutSeconds, name).toBeGreaterThan(TimeoutSeconds!);
    }
  });

  it("gives a state, its placeholder, its file and the function in it one name", () => {
    for (const [name, { Resource, Arguments }] of tasks) {
      if (Resource !== "arn:aws:states:::lambda:invoke") continue;
      expect(placeholder(Arguments!.FunctionName), name).toBe(kebabCase(name));
      const code = readFileSync(`${root}functions/${kebabCase(name)}.ts`, "utf8");
      expect(code).toContain(`\nexport async function ${camelCase(name)}(`);
      expect(code).toContain(`\nexport const handler = task(${camelCase(name)}Input, ${camelCase(name)});\n`);
    }
  });

  it("retries every task with back-off and full jitter, a limited number of times", () => {
    for (const [name, { Retry = [] }] of tasks) {
      expect(Retry, name).not.toEqual([]);
      for (const { MaxAttempts, BackoffRate, JitterStrategy } of Retry) {
        expect(MaxAttempts, name).toBeGreaterThan(0);
        expect({ BackoffRate, JitterStrategy }, name).toEqual({ BackoffRate: 2, JitterStrategy: "FULL" });
      }
    }
  });
});

it("each file of functions/ is the task of one state", () => {
  const states = machines.flatMap(({ definition }) =>
    [...statesOf(definition.States)].map(([name]) => kebabCase(name)),
  );
  const files = readdirSync(`${root}functions`).map((file) => file.replace(/\.ts$/, ""));
  const others = files.filter((file) => states.filter((state) => state === file).length !== 1);
  // What all tasks share, and what a function URL calls.
  expect(others.sort()).toEqual(["open-report", "task"]);
});

describe("asl:format", () => {
  const machine = (state: object) => `${JSON.stringify({ Comment: "C", States: { "Do it": state } })}`;
  const retryOf = (text: string) => JSON.parse(formatted(text)).States["Do it"].Retry;

  it("adds the retrier of what a task calls, in front of its own", () => {
    const own = { ErrorEquals: ["OurOwn"], IntervalSeconds: 9 };
    const retry = retryOf(machine({ Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Retry: [own] }));
    expect(retry.map(({ ErrorEquals }: { ErrorEquals: string[] }) => ErrorEquals[0])).toEqual([
      "Lambda.TooManyRequestsException",
      "Lambda.ClientExecutionTimeoutException",
      "Sandbox.Timedout",
      "ThrottlingException",
      "OurOwn",
    ]);
  });

  it("replaces a shared retrier that was edited by hand", () => {
    const edited = [
      { ErrorEquals: ["Lambda.Unknown", "Lambda.ServiceException"], MaxAttempts: 1 },
      { ErrorEquals: ["LedgerBusy"], MaxAttempts: 99 },
    ];
    const retry = retryOf(machine({ Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Retry: edited }));
    expect(retry.map(({ MaxAttempts }: { MaxAttempts: number }) => MaxAttempts)).toEqual([40, 5, 2, 24, 6]);
    expect(retry[4].ErrorEquals).toEqual(["LedgerBusy"]);
  });

  it("refuses a key that it knows no place for", () => {
    expect(() => formatted(machine({ Type: "Task", Recource: "" }))).toThrow(/"Recource"/);
  });
});

describe("errors by name", () => {
  /** What AWS SDK clients throw reaches a machine under the service's own name for it. */
  const ofServices = new Set<string>(environmentErrors.filter((name) => !(name in errors)));
  const isOurs = (name: string) =>
    !ofServices.has(name) && !/^(States|Lambda|Sandbox|Runtime|StepFunctions|SNS|Sns|Athena|EventBridge)\./.test(name);
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

  it("the failures of services that are retried are those that no object is set aside for", () => {
    expect([...environmentErrors].sort()).toEqual([...nameOfEnvironment].sort());
  });

  it.each(Object.entries(errors))("%s carries its name as a literal", (name, ErrorClass) => {
    expect(new (ErrorClass as unknown as new (...facts: unknown[]) => Error)({}, "", "", "").name).toBe(name);
  });
});
