import { describe, expect, it } from "vitest";
import { OWN_ARN, permissionsOf } from "../../../stacks/state-machine/machine-permissions.ts";

const call = (FunctionName: string) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Arguments: { FunctionName },
});

describe("permissionsOf", () => {
  it("finds tasks inside maps and branches, and names each target once", () => {
    const definition = {
      States: {
        First: call("arn:a"),
        Each: { Type: "Map", ItemProcessor: { States: { Again: call("arn:a"), Other: call("arn:b") } } },
        Both: { Type: "Parallel", Branches: [{ States: { Third: call("arn:c") } }] },
      },
    };
    expect(permissionsOf("M", definition)).toEqual(
      ["arn:a", "arn:b", "arn:c"].map((value) => ({
        actions: ["lambda:InvokeFunction"],
        target: { kind: "function", value },
      })),
    );
  });

  it("lets a machine that waits for another one watch and stop it", () => {
    const wait = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution.sync:2",
      Arguments: { StateMachineArn: "arn:m" },
    };
    expect(permissionsOf("M", { States: { wait } }).map(({ actions }) => actions)).toEqual([
      ["states:StartExecution"],
      ["states:DescribeExecution", "states:StopExecution"],
      ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
    ]);
  });

  it("lets a machine that only starts another one do no more", () => {
    const start = {
      Type: "Task",
      Resource: "arn:aws:states:::states:startExecution",
      Arguments: { StateMachineArn: OWN_ARN },
    };
    expect(permissionsOf("M", { States: { start } })).toEqual([
      { actions: ["states:StartExecution"], target: { kind: "machine", value: OWN_ARN } },
    ]);
  });

  it("refuses an integration that it knows nothing about, and says where it is", () => {
    const run = { Type: "Task", Resource: "arn:aws:states:::ecs:runTask.sync", Arguments: {} };
    expect(() => permissionsOf("Collect", { States: { "Pull pages": run } })).toThrow(
      'Collect, "Pull pages": no permissions are known for arn:aws:states:::ecs:runTask.sync',
    );
  });
});
