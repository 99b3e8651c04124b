import { describe, expect, it } from "vitest";
import { type ApiCall, apiTaskHost, type TaskCall, VirtualClock } from "../../../engine/index.ts";
import { parseResource } from "../../../engine/integrations/resource.ts";

const clock = new VirtualClock();

/** A Task state's call, answered by `answers` in turn; what was asked for is kept in `calls`. */
async function invoke(resource: string, input: object, ...answers: (object | Error)[]) {
  const calls: ApiCall[] = [];
  const host = apiTaskHost({
    clock,
    region: "us-east-1",
    callApi: async (call) => {
      calls.push(call);
      const answer = answers.shift()!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  const { service, action, pattern } = parseResource(resource);
  const call = {
    service,
    action,
    pattern,
    resource,
    input,
    region: "us-east-1",
    taskToken: "token",
    invocationId: "id",
    executionArn: "execution-arn",
    stateMachineArn: "machine-arn",
    stateName: "State",
  } as TaskCall;
  const answer = await host.invoke(call);
  return { answer, calls, host, call };
}

const refused = (code: string, message: string, statusCode = 400) =>
  Object.assign(new Error(message), { code, statusCode });
const bytes = (text: string) => Buffer.from(text, "utf8");

describe("integrations", () => {
  it("shapes lambda:invoke", async () => {
    const { answer, calls } = await invoke(
      "arn:aws:states:::lambda:invoke",
      { FunctionName: "f", Payload: { a: 1 } },
      { StatusCode: 200, ExecutedVersion: "$LATEST", Payload: bytes('{"b":2}') },
    );
    expect(calls[0]).toMatchObject({
      service: "lambda",
      action: "invoke",
      input: { FunctionName: "f", Payload: '{"a":1}' },
    });
    expect(answer).toMatchObject({ status: "succeeded", output: { Payload: { b: 2 }, StatusCode: 200 } });
  });

  it("names a function's error after its type and gives the whole document as the cause", async () => {
    const document = '{"errorType":"QualityTooLow","errorMessage":"12 %","trace":[]}';
    const { answer } = await invoke(
      "arn:aws:lambda:us-east-1:000000000000:function:f",
      { a: 1 },
      { StatusCode: 200, FunctionError: "Unhandled", Payload: bytes(document) },
    );
    expect(answer).toEqual({ status: "failed", error: "QualityTooLow", cause: document });
  });

  it("names what an API refused with the service in front", async () => {
    const missing = await invoke(
      "arn:aws:states:::lambda:invoke",
      { FunctionName: "f" },
      refused("ResourceNotFoundException", "Function not found", 404),
    );
    expect(missing.answer).toMatchObject({ status: "failed", error: "Lambda.ResourceNotFoundException" });
    const bucket = await invoke(
      "arn:aws:states:::aws-sdk:s3:listObjects",
      { Bucket: "b" },
      refused("NoSuchBucket", "The specified bucket does not exist", 404),
    );
    expect(bucket.answer).toMatchObject({
      error: "S3.NoSuchBucketException",
      cause: expect.stringContaining("(Service: S3, Status Code: 404"),
    });
    const table = await invoke("arn:aws:states:::dynamodb:putItem", {}, refused("ValidationException", "no item"));
    expect(table.answer).toMatchObject({ error: "DynamoDB.AmazonDynamoDBException" });
  });

  it("fails putEvents when one entry was not taken", async () => {
    const { answer, calls } = await invoke(
      "arn:aws:states:::events:putEvents",
      { Entries: [{ Source: "s", DetailType: "t", Detail: { a: 1 } }] },
      { FailedEntryCount: 1, Entries: [{ ErrorCode: "MalformedDetail" }] },
    );
    expect((calls[0]!.input["Entries"] as object[])[0]).toMatchObject({
      Detail: '{"a":1}',
      Resources: ["machine-arn", "execution-arn"],
    });
    expect(answer).toMatchObject({ status: "failed", error: "EventBridge.FailedEntry" });
  });

  it("polls a job until it ends", async () => {
    const { answer, host, call, calls } = await invoke(
      "arn:aws:states:::athena:startQueryExecution.sync",
      { QueryString: "SELECT 1" },
      { QueryExecutionId: "q" },
      { QueryExecution: { Status: { State: "RUNNING" } } },
      { QueryExecution: { Status: { State: "SUCCEEDED" } } },
    );
    expect(answer).toMatchObject({ status: "submitted" });
    let ended: unknown;
    void host.follow!(call, (answer as { output: object }).output as never)!.then((end) => {
      ended = end;
    });
    await clock.run(() => ended !== undefined);
    expect(ended).toMatchObject({
      status: "succeeded",
      output: { QueryExecution: { Status: { State: "SUCCEEDED" } } },
    });
    expect(calls.map(({ action }) => action)).toEqual([
      "startQueryExecution",
      "getQueryExecution",
      "getQueryExecution",
    ]);
  });

  it("shows camel-case APIs in Pascal case, with dates as text", async () => {
    const { answer, calls } = await invoke(
      "arn:aws:states:::aws-sdk:sfn:startExecution",
      { StateMachineArn: "arn", Input: "{}" },
      { executionArn: "x", startDate: new Date(0), $metadata: {} },
    );
    expect(calls[0]!.input).toEqual({ stateMachineArn: "arn", input: "{}" });
    expect(answer).toEqual({
      status: "succeeded",
      output: { ExecutionArn: "x", StartDate: "1970-01-01T00:00:00.000Z" },
    });
  });

  it("sends JSON as text where the API takes text", async () => {
    const { calls } = await invoke(
      "arn:aws:states:::aws-sdk:s3:putObject",
      { Bucket: "b", Key: "k", Body: { a: [1] } },
      {},
    );
    expect(calls[0]!.input).toEqual({ Bucket: "b", Key: "k", Body: '{"a":[1]}' });
  });

  it("knows no integration that it lacks", () => {
    expect(() => parseResource("arn:aws:states:::bedrock:invokeModel")).toThrow(/bedrock:invokeModel is not available/);
    expect(() => parseResource("arn:aws:states:::sqs:sendMessage.sync")).toThrow(
      /sqs:sendMessage.sync is not available/,
    );
  });
});
