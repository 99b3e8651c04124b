import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { asl } from "../../../cli/commands/asl.ts";

const folder = mkdtempSync(join(tmpdir(), "sluice-asl-"));
const file = (name: string, value: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
};
let printed = "";

beforeEach(() => {
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const calls = file("calls.json", {
  StartAt: "Call",
  States: {
    Call: {
      Type: "Task",
      Resource: "arn:aws:states:::lambda:invoke",
      Parameters: { FunctionName: "f", "Payload.$": "$" },
      OutputPath: "$.Payload",
      Next: "Rest",
    },
    Rest: { Type: "Wait", Seconds: 86400, End: true },
  },
});

describe("sluice asl", () => {
  it("runs a definition with the mocks of a conformance case, days of waiting at once", async () => {
    const mocks = file("mocks.json", { lambdas: { f: { behaviour: "echo" } }, name: "mine" });
    expect(await asl.run(["run", calls, "--input", file("input.json", { a: 1 }), "--mocks", mocks, "--history"])).toBe(
      0,
    );
    const { status, output, history } = JSON.parse(printed);
    expect({ status, output }).toEqual({ status: "SUCCEEDED", output: { a: 1 } });
    expect(history[0]).toMatchObject({ id: 1, previousEventId: 0, type: "ExecutionStarted" });
    expect(Date.parse(history.at(-1).timestamp) - Date.parse(history[0].timestamp)).toBe(86_400_000);
  });

  it("says by its exit status that an execution failed, and prints how", async () => {
    const mocks = file("raise.json", {
      lambdas: { f: { behaviour: "raise", errorType: "Broken", errorMessage: "why" } },
    });
    expect(await asl.run(["run", calls, "--mocks", mocks])).toBe(1);
    expect(JSON.parse(printed)).toMatchObject({ status: "FAILED", error: "Broken" });
  });

  it("validates", async () => {
    expect(await asl.run(["validate", calls])).toBe(0);
    expect(await asl.run(["validate", file("bad.json", { StartAt: "A", States: {} })])).toBe(1);
    expect(printed).toContain("MISSING_TRANSITION_TARGET");
  });

  it("refuses what it does not know", async () => {
    await expect(asl.run(["run", calls, "--clock", "broken"])).rejects.toThrow(/virtual and real/);
    await expect(asl.run(["conform", join(folder, "nowhere")])).rejects.toThrow(/Which folder/);
  });

  it("prints what differs first in a case that fails", async () => {
    const succeed = { StartAt: "S", States: { S: { Type: "Succeed" } } };
    const base = {
      group: "g",
      kind: "execution",
      type: "STANDARD",
      name: "m",
      definition: succeed,
      input: { a: 1 },
      placeholders: {},
    };
    const cases = mkdtempSync(join(folder, "cases-"));
    writeFileSync(
      join(cases, "two.json"),
      JSON.stringify([
        { ...base, id: "x::right", expect: { status: "SUCCEEDED", output: { a: 1 } } },
        { ...base, id: "x::wrong", expect: { status: "SUCCEEDED", output: { a: 2 } } },
      ]),
    );
    expect(await asl.run(["conform", cases])).toBe(1);
    expect(printed).toBe("g: 1 passed, 1 failed\n  wrong: output/a: expected 2, got 1\n1 passed, 1 failed\n");
  });
});
