/** The query and the report machine on a virtual clock, with tasks that answer what a test says. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { apiTaskHost, Engine, MemoryStore, seededChance, VirtualClock } from "../../engine/index.ts";
import { statesService } from "../../local/services/stepfunctions/service.ts";

const REGION = "eu-central-1";
const ACCOUNT = "111122223333";

/** A task by its file's name: what the call'th invocation answers; an error is thrown as Lambda would hand it over. */
type Tasks = Record<string, (input: Record<string, unknown>, call: number) => unknown>;

const named = (name: string, message = "as the test says") => Object.assign(new Error(message), { name });

async function run(machine: "query" | "report", input: object, tasks: Tasks) {
  const clock = new VirtualClock(Date.parse("2026-01-18T05:00:00Z"));
  const calls: { task: string; input: Record<string, unknown> }[] = [];
  const host = apiTaskHost({
    clock,
    region: REGION,
    callApi: async ({ service, action, input }) => {
      if (`${service}:${action}` !== "lambda:invoke") throw new Error(`The machines do not call ${service}:${action}`);
      const { FunctionName, Payload } = input as { FunctionName: string; Payload: string };
      const task = FunctionName.split(":").at(-1)!;
      const payload = JSON.parse(Payload);
      const call = calls.filter((earlier) => earlier.task === task).length;
      calls.push({ task, input: payload });
      try {
        return { StatusCode: 200, Payload: JSON.stringify(tasks[task]!(payload, call)) };
      } catch (error) {
        const { name, message } = error as Error;
        const failure = { errorType: name, errorMessage: message, trace: [] };
        return { StatusCode: 200, FunctionError: "Unhandled", Payload: JSON.stringify(failure) };
      }
    },
  });
  const engine = new Engine({
    store: new MemoryStore(),
    host,
    clock,
    chance: seededChance(1),
    region: REGION,
    accountId: ACCOUNT,
  });
  const service = statesService(engine);
  const context = { region: REGION, accountId: ACCOUNT, now: () => clock.now() };
  const machineArn = (name: string) => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;
  for (const name of ["query", "report"]) {
    const text = readFileSync(new URL(`../../statemachines/${name}.asl.json`, import.meta.url), "utf8");
    const definition = text.replaceAll(/\$\{([\w-]+)\}/g, (_, part: string) =>
      part === "query" ? machineArn("query") : `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${part}`,
    );
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/machine`;
    await service.operations.CreateStateMachine!({ name, definition, roleArn }, context);
  }
  const { arn } = engine.startExecution({ stateMachineArn: machineArn(machine), input: JSON.stringify(input) });
  await clock.run(() => engine.openExecutions === 0);
  const { status, output, error, cause } = engine.describe(arn)!;
  return {
    status,
    output: output === undefined ? undefined : JSON.parse(output),
    error,
    cause,
    calls,
    seconds: (clock.now() - Date.parse("2026-01-18T05:00:00Z")) / 1000,
    count: (task: string) => calls.filter((call) => call.task === task).length,
  };
}

const result = { bucket: "results", key: "athena/q.csv" };
const queryTasks: Tasks = {
  "run-athena-query": (_, call) => ({ queryExecutionId: `q-${call}` }),
  "poll-query": ({ queryExecutionId }) => ({ queryExecutionId, status: "succeeded", result, scannedBytes: 5 }),
};
const files = { pdf: result, html: result, json: result, csv: result, mail: result };
const reportTasks: Tasks = {
  ...queryTasks,
  "plan-report": ({ report, date }) => ({
    report,
    date: date ?? "2026-01-17",
    queries: ["a", "b"].map((name) => ({ name, parameters: { table: "alb" }, maxWaitSeconds: 60 })),
  }),
  "render-pdf": () => ({ status: "drawn", version: 1 }),
  publish: () => ({ report: "alb-daily", date: "2026-01-17", version: 1, ...files, link: "https://l" }),
  notify: () => ({ mailSubject: "published", mailMessageId: "m" }),
  "notify-of-no-data": () => ({ mailSubject: "no data", mailMessageId: "m" }),
  "notify-of-failure": () => ({ mailSubject: "failed", mailMessageId: "m" }),
};

describe("the query machine", () => {
  it("waits longer and longer and goes along when a query is queued again", async () => {
    const progress = ["queued", "running", "queued", "running", "succeeded"];
    const { output, seconds, calls } = await run(
      "query",
      { name: "a", parameters: { table: "alb" } },
      {
        ...queryTasks,
        "poll-query": ({ queryExecutionId }, call) => ({
          queryExecutionId,
          status: progress[call],
          scannedBytes: 5,
          result,
        }),
      },
    );
    expect(output).toMatchObject({ queryExecutionId: "q-0", status: "succeeded", result });
    expect(seconds).toBe(1 + 2 + 4 + 8 + 15);
    expect(calls[0]!.input).toMatchObject({ name: "a", sql: null, parameters: { table: "alb" } });
  });

  it("runs a query again that Athena interrupted, as another one, and three times at most", async () => {
    const interrupted = { ...queryTasks, "poll-query": () => ({ status: "interrupted", reason: "no capacity" }) };
    const { status, error, cause, calls, count } = await run("query", { sql: "SELECT 1" }, interrupted);
    expect([status, error, cause]).toEqual(["FAILED", "QueryFailed", "no capacity"]);
    expect(count("run-athena-query")).toBe(3);
    const tokens = calls.filter(({ task }) => task === "run-athena-query").map(({ input }) => input.token);
    expect(new Set(tokens).size).toBe(3);
  });

  it("fails by the name of what happened", async () => {
    for (const name of ["QueryFailed", "QueryTimedOut"]) {
      const failing = {
        ...queryTasks,
        "poll-query": () => {
          throw named(name, "because");
        },
      };
      expect(await run("query", { sql: "SELECT 1" }, failing)).toMatchObject({
        status: "FAILED",
        error: name,
        cause: "because",
      });
    }
  });

  it("tells poll-query how long it has waited, for that decides about the budget", async () => {
    const waited: unknown[] = [];
    await run(
      "query",
      { sql: "SELECT 1", maxWaitSeconds: 20 },
      {
        ...queryTasks,
        "poll-query": ({ waitedSeconds, maxWaitSeconds }) => {
          waited.push(waitedSeconds);
          if (Number(waitedSeconds) >= Number(maxWaitSeconds)) throw named("QueryTimedOut");
          return { status: "running", scannedBytes: 0 };
        },
      },
    );
    expect(waited).toEqual([1, 3, 7, 15, 30]);
  });
});

describe("the report machine", () => {
  it("runs every query, hands the results over by reference and says where the report lies", async () => {
    const { output, calls } = await run("report", { report: "alb-daily" }, reportTasks);
    expect(output).toEqual({
      status: "PUBLISHED",
      report: "alb-daily",
      date: "2026-01-17",
      version: 1,
      ...files,
      link: "https://l",
      mailSubject: "published",
      mailMessageId: "m",
    });
    expect(calls.find(({ task }) => task === "plan-report")!.input).toMatchObject({ forceMail: false });
    expect(calls.find(({ task }) => task === "notify")!.input).toMatchObject({
      execution: expect.stringContaining(":execution:report:"),
    });
    const rendered = calls.find(({ task }) => task === "render-pdf")!.input;
    expect(rendered.results).toEqual(
      ["a", "b"].map((name) => ({ name, queryExecutionId: "q-" + (name === "a" ? 0 : 1), result, scannedBytes: 5 })),
    );
  });

  it("asks again when the data was not settled, and publishes when it is", async () => {
    const { output, count, seconds } = await run(
      "report",
      { report: "alb-daily" },
      {
        ...reportTasks,
        "render-pdf": (_, call) => {
          if (call < 2) throw named("ReportIncomplete", "not equal");
          return { status: "drawn", version: 1 };
        },
      },
    );
    expect(output.status).toBe("PUBLISHED");
    expect([count("render-pdf"), count("run-athena-query")]).toEqual([3, 6]);
    expect(seconds).toBeGreaterThan(90);
  });

  it("gives up on data that does not settle, tells people and fails", async () => {
    const { status, error, cause, calls, count } = await run(
      "report",
      { report: "alb-daily" },
      {
        ...reportTasks,
        "render-pdf": () => {
          throw named("ReportIncomplete", "not equal");
        },
      },
    );
    expect([status, error, cause]).toEqual(["FAILED", "ReportIncomplete", "not equal"]);
    expect(count("render-pdf")).toBe(4);
    expect(calls.at(-1)).toMatchObject({
      task: "notify-of-failure",
      input: { error: "ReportIncomplete", input: { report: "alb-daily" } },
    });
  });

  it("draws again when its version was taken", async () => {
    const { output, count } = await run(
      "report",
      { report: "alb-daily" },
      {
        ...reportTasks,
        publish: (input, call) => {
          if (call === 0) throw named("VersionTaken");
          return reportTasks.publish!(input, call);
        },
      },
    );
    expect(output.status).toBe("PUBLISHED");
    expect([count("render-pdf"), count("publish")]).toEqual([2, 2]);
  });

  it("is published though its e-mail was not sent", async () => {
    const notSent = {
      ...reportTasks,
      notify: () => {
        throw named("MailNotSent", "no topic");
      },
    };
    const { status, output } = await run("report", { report: "alb-daily" }, notSent);
    expect(status).toBe("SUCCEEDED");
    expect(output).toMatchObject({ status: "PUBLISHED_NOT_SENT", error: "MailNotSent", cause: "no topic", ...files });
  });

  it("says when there is no data, and publishes nothing", async () => {
    const empty = { ...reportTasks, "render-pdf": () => ({ status: "no-data", arrived: ["1 quarantined"] }) };
    const { output, count, calls } = await run("report", { report: "alb-daily" }, empty);
    expect(output).toMatchObject({
      status: "NO_DATA",
      report: "alb-daily",
      date: "2026-01-17",
      mailSubject: "no data",
    });
    expect(count("publish")).toBe(0);
    expect(calls.at(-1)!.input).toMatchObject({ arrived: ["1 quarantined"] });
  });

  it("fails when a query fails, after it said so, and also when saying so fails", async () => {
    const broken = {
      ...reportTasks,
      "poll-query": () => {
        throw named("QueryFailed", "no such column");
      },
    };
    const told = await run("report", { report: "alb-daily" }, broken);
    expect([told.status, told.error]).toEqual(["FAILED", "States.TaskFailed"]);
    expect(told.cause).toContain("no such column");
    expect(told.calls.at(-1)!.task).toBe("notify-of-failure");
    const untold = await run(
      "report",
      { report: "alb-daily" },
      {
        ...broken,
        "notify-of-failure": () => {
          throw named("MailNotSent");
        },
      },
    );
    expect(untold.status).toBe("FAILED");
    expect(untold.cause).toMatch(/could not be sent either \(MailNotSent\).*no such column/s);
  });
});
