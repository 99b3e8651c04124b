import { describe, expect, it } from "vitest";
import { validateDefinition } from "../../../engine/index.ts";

const found = (definition: object | string, type?: "STANDARD" | "EXPRESS") =>
  validateDefinition(typeof definition === "string" ? definition : JSON.stringify(definition), type).map(
    ({ code, message, location }) => `${code}: ${message} at ${location}`,
  );
const task = (resource: string) => ({ StartAt: "T", States: { T: { Type: "Task", Resource: resource, End: true } } });

describe("validateDefinition", () => {
  it("finds targets that do not exist and states that nothing leads to, in AWS's words", () => {
    const definition = {
      StartAt: "pass1",
      States: { pass1: { Type: "Pass", Next: "pass3" }, pass2: { Type: "Pass", End: true } },
    };
    expect(found(definition).sort()).toEqual([
      "MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next",
      'MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2',
    ]);
  });

  it("names an integration that we lack", () => {
    expect(found(task("arn:aws:states:::bedrock:invokeModel"))[0]).toMatch(/bedrock:invokeModel is not available/);
  });

  it("lets express machines wait for nothing", () => {
    const waits = task("arn:aws:states:::sqs:sendMessage.waitForTaskToken");
    expect(found(waits)).toEqual([]);
    expect(found(waits, "EXPRESS")).toEqual([
      "SCHEMA_VALIDATION_FAILED: Express state machine does not support '.waitForTaskToken' service integration at /States/T/Resource",
    ]);
  });

  it("refuses fields of the other query language, and expressions that cannot be read", () => {
    const state = (more: object) => ({
      QueryLanguage: "JSONata",
      StartAt: "P",
      States: { P: { Type: "Pass", End: true, ...more } },
    });
    expect(found(state({ ResultPath: "$.a" }))).toHaveLength(1);
    expect(found(state({ Output: "{% 1 + %}" }))[0]).toContain("/States/P/Output");
    expect(found({ ...state({}), States: { P: { Type: "Wait", Seconds: "{% ( %}", End: true } } })[0]).toContain(
      "/States/P/Seconds",
    );
  });

  it("refuses a name that stands twice in one machine", () => {
    const inner = { StartAt: "A", States: { A: { Type: "Pass", End: true } } };
    expect(found({ StartAt: "A", States: { A: { Type: "Map", ItemProcessor: inner, End: true } } })).toEqual([
      "DUPLICATE_STATE_NAME: Duplicate State name: A at /States/A/ItemProcessor/States/A",
    ]);
  });
});
