/** One execution, state by state. */
import { DescribeExecutionCommand, ExecutionDoesNotExist } from "@aws-sdk/client-sfn";
import { WorkFailed } from "../../command.ts";
import { failureOf } from "../../follow-execution.ts";
import type { Target } from "../../target.ts";
import { duration } from "./duration.ts";
import { allEvents } from "./history.ts";
import { statesOf } from "./state-summary.ts";

const LONGEST_VALUE = 500;

/** Prints how an execution went: its states, input, and output or failure. */
export async function show(target: Target, executionArn: string, json: boolean): Promise<void> {
  const execution = await target.stepFunctions
    .send(new DescribeExecutionCommand({ executionArn }))
    .catch((error: unknown) => {
      throw error instanceof ExecutionDoesNotExist
        ? new WorkFailed(`There is no execution ${executionArn}. See "sluice executions list".`)
        : error;
    });
  const states = statesOf(await allEvents(target, executionArn));
  const { status, startDate, stopDate, input, output, error } = execution;
  if (json) {
    const shown = {
      executionArn,
      status,
      startedAt: startDate,
      stoppedAt: stopDate ?? null,
      input: parsed(input),
      output: parsed(output),
      error: error ?? null,
      cause: execution.cause ?? null,
      states,
    };
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  const lines = [
    executionArn,
    `${status}, started ${startDate?.toISOString()}, ${duration(startDate!.toISOString(), stopDate?.toISOString() ?? null)}`,
    "",
    ...states.map(({ name, visits, failures, ms }) => {
      const notes = [visits > 1 ? `${visits} times` : "", failures > 0 ? `${failures} failed attempts` : ""].filter(
        Boolean,
      );
      return `  ${name.padEnd(28)} ${(ms === null ? "not ended" : `${ms} ms`).padStart(11)}${notes.length > 0 ? `  ${notes.join(", ")}` : ""}`;
    }),
    "",
    `input:  ${shortened(input)}`,
    status === "SUCCEEDED"
      ? `output: ${shortened(output)}`
      : status === "RUNNING"
        ? ""
        : `failed: ${failureOf(execution)}`,
  ];
  process.stdout.write(`${lines.join("\n").trimEnd()}\n`);
}

/** Inputs are events of up to 256 KiB; all of it is in the JSON. */
function shortened(text = ""): string {
  return text.length > LONGEST_VALUE
    ? `${text.slice(0, LONGEST_VALUE)}\u2026 (${text.length} characters; --json has all)`
    : text;
}

function parsed(text: string | undefined): unknown {
  return text === undefined ? null : JSON.parse(text);
}
