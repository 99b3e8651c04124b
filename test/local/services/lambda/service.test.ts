import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCloud, arn, quietManifest, resource, scratchFolder, type TestCloud, until } from "../../cloud/a-cloud.ts";

/** The reserved concurrency of the function. */
const RESERVED = 2;

const scratch = scratchFolder();
let cloud: TestCloud;
beforeAll(async () => {
  const url = resource(
    "aws:lambda/functionUrl:FunctionUrl",
    "MisbehaveUrl",
    { functionName: "Misbehave" },
    { functionUrl: "https://misbehaveurl.lambda-url.eu-central-1.on.aws/" },
  );
  const quiet = quietManifest();
  const resources = quiet.resources.map((each) =>
    each.name === "MisbehaveFunction"
      ? { ...each, inputs: { ...each.inputs, reservedConcurrentExecutions: RESERVED } }
      : each,
  );
  cloud = await aCloud({ dir: scratch.dir, manifest: { ...quiet, resources: [...resources, url] } });
});
afterAll(async () => {
  await cloud.stop();
  scratch.remove();
});

async function invoke(event: object) {
  const client = new LambdaClient(cloud.client);
  const answer = await client.send(new InvokeCommand({ FunctionName: "Misbehave", Payload: JSON.stringify(event) }));
  return { ...answer, value: JSON.parse(answer.Payload!.transformToString()) };
}

describe("a function", () => {
  it("runs with its environment and its context", async () => {
    const { value, StatusCode, FunctionError } = await invoke({ do: "echo" });
    expect(FunctionError).toBeUndefined();
    expect(StatusCode).toBe(200);
    expect(value).toEqual({ event: { do: "echo" }, name: "Misbehave", memory: "128", env: "hello" });
  });

  it("hands its error over as Lambda does", async () => {
    const { value, FunctionError } = await invoke({ do: "throw" });
    expect(FunctionError).toBe("Unhandled");
    expect(value).toMatchObject({ errorType: "UnknownFormat", errorMessage: "starts with .PNG" });
    expect(value.trace[0]).toBe("UnknownFormat: starts with .PNG");
    // Source maps lead back to the handler.
    expect(value.trace.join("\n")).toContain("misbehave.ts");
  });

  it("is cut off at its timeout, and the next call finds a fresh sandbox", async () => {
    const { value } = await invoke({ do: "hang" });
    expect(value.errorType).toBe("Sandbox.Timedout");
    expect(value.errorMessage).toMatch(/Task timed out after 2.00 seconds$/);
    expect((await invoke({ do: "echo" })).FunctionError).toBeUndefined();
  });

  it("is refused beyond its reserved concurrency, and is there again when a copy is free", async () => {
    const running = Array.from({ length: RESERVED }, () => invoke({ do: "hang" }));
    const client = new LambdaClient({ ...cloud.client, maxAttempts: 1 });
    const call = () => client.send(new InvokeCommand({ FunctionName: "Misbehave", Payload: '{"do":"echo"}' }));
    await until("the refusal", () =>
      call().then(
        () => false,
        (error: Error) => error.name === "TooManyRequestsException",
      ),
    );
    await Promise.all(running);
    expect((await call()).FunctionError).toBeUndefined();
  });

  it.each(["exhaust", "exit"])("that takes its runtime down (%s) fails alone", async (what) => {
    const { value, FunctionError } = await invoke({ do: what });
    expect(FunctionError).toBe("Unhandled");
    expect(value.errorType).toMatch(/^(Runtime.ExitError|Sandbox.Timedout)$/);
    expect((await invoke({ do: "echo" })).FunctionError).toBeUndefined();
  });

  it("may not answer more than 6 MB", async () => {
    expect((await invoke({ do: "large" })).value.errorType).toBe("Function.ResponseSizeTooLarge");
    await expect(invoke({ do: "print", text: "x".repeat(7 * 1024 * 1024) })).rejects.toMatchObject({
      name: "RequestTooLargeException",
    });
  });

  it("leaves what it prints in its log group", async () => {
    await invoke({ do: "print", text: "a line to find" });
    const logs = new CloudWatchLogsClient(cloud.client);
    const { events } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: "/aws/lambda/Misbehave", filterPattern: '"line to find"' }),
    );
    expect(events).toMatchObject([{ message: "a line to find" }]);
  });

  it("that is not there is named", async () => {
    const client = new LambdaClient(cloud.client);
    const asking = client.send(new GetFunctionCommand({ FunctionName: "Absent" }));
    await expect(asking).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      $metadata: { httpStatusCode: 404 },
    });
  });

  it("answers at its URL", async () => {
    const answer = await fetch(`${cloud.endpoint}/_lambda-url/Misbehave/some/path?token=abc`);
    const event = (await answer.json()) as { rawPath: string; queryStringParameters: object };
    expect(event).toMatchObject({ version: "2.0", rawPath: "/some/path", queryStringParameters: { token: "abc" } });
  });
});

describe("a Task state", () => {
  const run = async (FunctionName: string, Payload: object) => {
    const sfn = new SFNClient(cloud.client);
    const definition = JSON.stringify({
      QueryLanguage: "JSONata",
      StartAt: "Call",
      States: {
        Call: {
          Type: "Task",
          Resource: "arn:aws:states:::lambda:invoke",
          Arguments: { FunctionName, Payload },
          End: true,
        },
      },
    });
    const name = `Call-${Math.random().toString(36).slice(2)}`;
    const roleArn = "arn:aws:iam::111122223333:role/test";
    const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }));
    const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
    return until("the execution to end", async () => {
      const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      return execution.status !== "RUNNING" && execution;
    });
  };

  it("sees a handler's error by its own name", async () => {
    expect(await run(arn("lambda", "function:Misbehave"), { do: "throw" })).toMatchObject({
      status: "FAILED",
      error: "UnknownFormat",
    });
  });

  it("sees a timeout as Sandbox.Timedout", async () => {
    expect(await run("Misbehave", { do: "hang" })).toMatchObject({ status: "FAILED", error: "Sandbox.Timedout" });
  });

  it("sees a function that is not there as Lambda.ResourceNotFoundException", async () => {
    expect(await run("Absent", {})).toMatchObject({ status: "FAILED", error: "Lambda.ResourceNotFoundException" });
  });
});
