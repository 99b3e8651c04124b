import { describe, expect, it } from "vitest";
import { Engine, seededChance, VirtualClock } from "../../../../engine/index.ts";
import { statesService } from "../../../../local/services/stepfunctions/service.ts";

const roleArn = "arn:aws:iam::000000000000:role/test";
const pass = JSON.stringify({ StartAt: "A", States: { A: { Type: "Pass", End: true } } });
const waits = JSON.stringify({ StartAt: "W", States: { W: { Type: "Wait", Seconds: 60, End: true } } });

function api() {
  const clock = new VirtualClock();
  const engine = new Engine({
    clock,
    chance: seededChance(1),
    host: { invoke: async (call) => ({ status: "succeeded", output: call.input }) },
  });
  const service = statesService(engine);
  const context = { region: "us-east-1", accountId: "000000000000", now: () => clock.now() };
  // biome-ignore lint/suspicious/noExplicitAny: answers are as manifold as the API
  const call = async (operation: string, input: object): Promise<any> => service.operations[operation]!(input, context);
  const settle = () => clock.run(() => engine.openExecutions === 0);
  return { call, clock, engine, settle };
}

describe("the Step Functions API", () => {
  it("creates once, describes, updates and deletes", async () => {
    const { call } = api();
    const created = await call("CreateStateMachine", { name: "m", definition: pass, roleArn });
    expect((await call("CreateStateMachine", { name: "m", definition: pass, roleArn })).stateMachineArn).toBe(
      created.stateMachineArn,
    );
    await expect(call("CreateStateMachine", { name: "m", definition: waits, roleArn })).rejects.toMatchObject({
      code: "StateMachineAlreadyExists",
    });
    await expect(call("CreateStateMachine", { name: "a b", definition: pass, roleArn })).rejects.toMatchObject({
      code: "InvalidName",
    });
    await expect(call("CreateStateMachine", { name: "n", definition: "{}", roleArn })).rejects.toMatchObject({
      code: "InvalidDefinition",
    });
    const updated = await call("UpdateStateMachine", { stateMachineArn: created.stateMachineArn, definition: waits });
    expect(updated.revisionId).toMatch(/^[0-9a-f-]{36}$/);
    const described = await call("DescribeStateMachine", { stateMachineArn: created.stateMachineArn });
    expect(described).toMatchObject({
      definition: waits,
      status: "ACTIVE",
      type: "STANDARD",
      revisionId: updated.revisionId,
    });
    await call("DeleteStateMachine", { stateMachineArn: created.stateMachineArn });
    await expect(call("DescribeStateMachine", { stateMachineArn: created.stateMachineArn })).rejects.toMatchObject({
      code: "StateMachineDoesNotExist",
    });
  });

  it("starts an execution once per name while it runs, and never again after it", async () => {
    const { call, settle } = api();
    const { stateMachineArn } = await call("CreateStateMachine", { name: "m", definition: waits, roleArn });
    const first = await call("StartExecution", { stateMachineArn, name: "x", input: "{}" });
    expect((await call("StartExecution", { stateMachineArn, name: "x", input: "{}" })).executionArn).toBe(
      first.executionArn,
    );
    await expect(call("StartExecution", { stateMachineArn, name: "x", input: '{"a":1}' })).rejects.toMatchObject({
      code: "ExecutionAlreadyExists",
    });
    await settle();
    await expect(call("StartExecution", { stateMachineArn, name: "x", input: "{}" })).rejects.toMatchObject({
      code: "ExecutionAlreadyExists",
    });
    await expect(call("StartExecution", { stateMachineArn, input: "nonsense" })).rejects.toMatchObject({
      code: "InvalidExecutionInput",
    });
  });

  it("pages through executions and histories, in both directions", async () => {
    const { call, settle } = api();
    const { stateMachineArn } = await call("CreateStateMachine", { name: "m", definition: pass, roleArn });
    for (let i = 0; i < 5; i++) await call("StartExecution", { stateMachineArn, name: `e${i}` });
    await settle();
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await call("ListExecutions", {
        stateMachineArn,
        statusFilter: "SUCCEEDED",
        maxResults: 2,
        nextToken,
      });
      names.push(...page.executions.map(({ name }: { name: string }) => name));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(names).toEqual(["e4", "e3", "e2", "e1", "e0"]);

    const executionArn = stateMachineArn.replace(":stateMachine:", ":execution:") + ":e0";
    const ids: number[] = [];
    do {
      const page = await call("GetExecutionHistory", { executionArn, reverseOrder: true, maxResults: 3, nextToken });
      ids.push(...page.events.map(({ id }: { id: number }) => id));
      nextToken = page.nextToken;
    } while (nextToken);
    expect(ids).toEqual([4, 3, 2, 1]);
    const [first] = (await call("GetExecutionHistory", { executionArn, includeExecutionData: false })).events;
    expect(first.executionStartedEventDetails).toEqual({ inputDetails: { truncated: false }, roleArn });
  });

  it("stops an execution and the child that it waits for", async () => {
    const { call, clock, engine } = api();
    const child = await call("CreateStateMachine", { name: "child", definition: waits, roleArn });
    const { stateMachineArn } = await call("CreateStateMachine", {
      name: "m",
      roleArn,
      definition: JSON.stringify({
        QueryLanguage: "JSONata",
        StartAt: "C",
        States: {
          C: {
            Type: "Task",
            Resource: "arn:aws:states:::states:startExecution.sync:2",
            Arguments: { StateMachineArn: child.stateMachineArn },
            End: true,
          },
        },
      }),
    });
    const { executionArn } = await call("StartExecution", { stateMachineArn });
    await clock.run(() => engine.openExecutions === 2);
    await call("StopExecution", { executionArn, error: "Enough" });
    await clock.run(() => engine.openExecutions === 0, clock.now());
    expect(await call("DescribeExecution", { executionArn })).toMatchObject({ status: "ABORTED", error: "Enough" });
    const { executions } = await call("ListExecutions", { stateMachineArn: child.stateMachineArn });
    expect(executions[0].status).toBe("ABORTED");
  });

  it("publishes versions and sends traffic through aliases", async () => {
    const { call, settle } = api();
    const { stateMachineArn } = await call("CreateStateMachine", {
      name: "m",
      definition: pass,
      roleArn,
      publish: true,
    });
    await call("UpdateStateMachine", { stateMachineArn, definition: waits });
    const two = await call("PublishStateMachineVersion", { stateMachineArn });
    expect(two.stateMachineVersionArn).toBe(`${stateMachineArn}:2`);
    const alias = await call("CreateStateMachineAlias", {
      name: "live",
      routingConfiguration: [{ stateMachineVersionArn: `${stateMachineArn}:1`, weight: 100 }],
    });
    const { executionArn } = await call("StartExecution", { stateMachineArn: alias.stateMachineAliasArn });
    await settle();
    expect(await call("DescribeExecution", { executionArn })).toMatchObject({
      status: "SUCCEEDED",
      stateMachineVersionArn: `${stateMachineArn}:1`,
      stateMachineAliasArn: alias.stateMachineAliasArn,
    });
    expect((await call("DescribeStateMachineForExecution", { executionArn })).definition).toBe(pass);
    await expect(
      call("DeleteStateMachineVersion", { stateMachineVersionArn: `${stateMachineArn}:1` }),
    ).rejects.toMatchObject({ code: "ConflictException" });
  });

  it("hands activity tasks to workers", async () => {
    const { call, settle, engine } = api();
    const { activityArn } = await call("CreateActivity", { name: "work" });
    const { stateMachineArn } = await call("CreateStateMachine", {
      name: "m",
      roleArn,
      definition: JSON.stringify({ StartAt: "A", States: { A: { Type: "Task", Resource: activityArn, End: true } } }),
    });
    const { executionArn } = await call("StartExecution", { stateMachineArn, input: '{"a":1}' });
    const task = await call("GetActivityTask", { activityArn, workerName: "me" });
    expect(JSON.parse(task.input)).toEqual({ a: 1 });
    await call("SendTaskHeartbeat", { taskToken: task.taskToken });
    await call("SendTaskSuccess", { taskToken: task.taskToken, output: '"done"' });
    await settle();
    expect(engine.describe(executionArn)!.output).toBe('"done"');
    await expect(call("SendTaskSuccess", { taskToken: task.taskToken, output: "1" })).rejects.toMatchObject({
      code: "TaskTimedOut",
    });
    await expect(call("SendTaskSuccess", { taskToken: "mine", output: "1" })).rejects.toMatchObject({
      code: "InvalidToken",
    });
  });

  it("answers an express execution at once, and keeps no history of it", async () => {
    const { call, settle } = api();
    const { stateMachineArn } = await call("CreateStateMachine", {
      name: "m",
      definition: pass,
      roleArn,
      type: "EXPRESS",
    });
    const answer = call("StartSyncExecution", { stateMachineArn, input: '{"a":1}' });
    await settle();
    expect(await answer).toMatchObject({ status: "SUCCEEDED", output: '{"a":1}' });
    await expect(call("GetExecutionHistory", { executionArn: (await answer).executionArn })).rejects.toMatchObject({
      code: "InvalidArn",
    });
  });
});
