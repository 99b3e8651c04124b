import { describe, expect, it } from "vitest";
import type { Json } from "../../../../engine/values/json.ts";
import { runMachine } from "../../run-machine.ts";

/** What a Pass state makes of an expression, or why it fails. */
async function evaluate(
  expression: string,
  input: Json = {},
): Promise<{ output?: Json; error?: string; cause?: string }> {
  const { record } = await runMachine(
    {
      QueryLanguage: "JSONata",
      StartAt: "P",
      States: { P: { Type: "Pass", Output: { v: `{% ${expression} %}` }, End: true } },
    },
    input,
  );
  if (record.status === "SUCCEEDED") return { output: (JSON.parse(record.output!) as { v: Json }).v };
  return { error: record.error!, cause: record.cause! };
}

describe("JSONata", () => {
  it.each<[string, Json]>([
    ["$partition([1, 2, 3], 2)", [[1, 2], [3]]],
    ["$range(0, 10, 4)", [0, 4, 8]],
    ["$range(3, 1, -1)", [3, 2, 1]],
    ["$parse('{\"a\": [1]}').a", [1]],
    ["$hash('input data', 'MD5')", "812f45842bc6d66ee14572ce20db8e86"],
    ["$random(7) = $random(7)", true],
    ["$length($uuid())", 36],
    ["$now() = $fromMillis($millis())", true],
    ["$now()", "2026-01-01T00:00:00.000Z"],
    ["$states.context.State.Name", "P"],
  ])("gives AWS's %s", async (expression, expected) => {
    expect(await evaluate(expression)).toEqual({ output: expected });
  });

  it.each([
    ["$eval('1')", "threw an error during evaluation. T1006: Attempted to invoke a non-function"],
    ["$states.input.nothing", "returned nothing (undefined)."],
    [
      "1 + 'a'",
      'threw an error during evaluation. T2002: The right side of the "+" operator must evaluate to a number',
    ],
    ["function($x) { $x }", "returned nothing (undefined)."],
  ])("says what is wrong with %s", async (expression, problem) => {
    expect(await evaluate(expression)).toEqual({
      error: "States.QueryEvaluationError",
      cause: `An error occurred while executing the state 'P' (entered at the event id #2). The JSONata expression '${expression}' specified for the field 'Output/v' ${problem}`,
    });
  });

  it("ends an expression that loops for ever", async () => {
    expect((await evaluate("($f := function($x) { $f($x) }; $f(1))")).cause).toContain("timeout");
  });

  it("lets Assign and Output see the same variables, and branches their own", async () => {
    const { record } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "A",
        States: {
          A: { Type: "Pass", Assign: { x: 1 }, Next: "B" },
          B: { Type: "Pass", Assign: { x: "{% $x + 1 %}" }, Output: "{% $x %}", Next: "C" },
          C: {
            Type: "Parallel",
            Branches: [
              {
                StartAt: "D",
                States: {
                  D: { Type: "Pass", Assign: { y: "{% $x * 10 %}" }, Next: "E" },
                  E: { Type: "Pass", Output: "{% $y %}", End: true },
                },
              },
              { StartAt: "F", States: { F: { Type: "Pass", Output: "{% $exists($y) %}", End: true } } },
            ],
            Output: { before: "{% $states.input %}", branches: "{% $states.result %}", outside: "{% $exists($y) %}" },
            End: true,
          },
        },
      },
      {},
    );
    expect(JSON.parse(record.output!)).toEqual({ before: 1, branches: [20, false], outside: false });
  });

  it("does not let variables grow without end", async () => {
    const { record } = await runMachine(
      {
        QueryLanguage: "JSONata",
        StartAt: "Grow",
        States: {
          Grow: { Type: "Pass", Assign: { a: "{% $pad('x', 200000) %}" }, Next: "More" },
          More: { Type: "Pass", Assign: { b: "{% $a %}" }, Next: "Many" },
          Many: {
            Type: "Map",
            Items: [1],
            ItemProcessor: {
              StartAt: "C",
              States: {
                C: { Type: "Pass", Assign: { c: "{% $a %}" }, Next: "D" },
                D: { Type: "Pass", Assign: { d: "{% $a %}" }, Next: "E" },
                E: { Type: "Pass", Assign: { e: "{% $a %}" }, Next: "F" },
                F: { Type: "Pass", Assign: { f: "{% $a %}" }, End: true },
              },
            },
            End: true,
          },
        },
      },
      {},
    );
    expect(record).toMatchObject({ status: "FAILED", error: "States.DataLimitExceeded" });
    expect(record.cause).toContain("'F'");
  });
});
