import { DescribeExecutionCommand, ExecutionDoesNotExist } from "@aws-sdk/client-sfn";
import { stepFunctions } from "./clients.ts";
import { inParallel } from "./in-parallel.ts";

const CONCURRENT_CALLS = 8;

/** Finds the executions that run now. Step Functions forgets an execution 90 days after its end. */
export async function runningOf(executionArns: readonly string[]): Promise<Set<string>> {
  const running = await inParallel(executionArns, CONCURRENT_CALLS, async (executionArn) => {
    try {
      const { status } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      return status === "RUNNING";
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return false;
      throw error;
    }
  });
  return new Set(executionArns.filter((_, i) => running[i]));
}
