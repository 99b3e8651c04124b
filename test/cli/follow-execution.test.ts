import { describe, expect, it } from "vitest";
import { failureOf } from "../../cli/follow-execution.ts";

describe("failureOf", () => {
  it("takes the task's own message out of the cause", () => {
    const cause = JSON.stringify({ errorType: "QueryFailed", errorMessage: "Athena query 1 failed", trace: [] });
    expect(failureOf({ error: "QueryFailed", cause })).toBe("QueryFailed: Athena query 1 failed");
  });

  it("goes down to the innermost of nested executions", () => {
    const innermost = JSON.stringify({ errorType: "QueryFailed", errorMessage: "no such column" });
    const nested = JSON.stringify({
      ExecutionArn: "arn:…:Query:1",
      Status: "FAILED",
      Error: "QueryFailed",
      Cause: innermost,
    });
    expect(failureOf({ error: "States.TaskFailed", cause: nested })).toBe("QueryFailed: no such column");
  });

  it("keeps a sentence, and says the status when there is nothing else", () => {
    expect(failureOf({ error: "BatchBusy", cause: "Another execution runs it." })).toBe(
      "BatchBusy: Another execution runs it.",
    );
    expect(failureOf({ status: "ABORTED" })).toBe("ABORTED");
    expect(failureOf({ error: "Oops", cause: '"just text"' })).toBe('Oops: "just text"');
  });
});
