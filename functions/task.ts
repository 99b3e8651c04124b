/** The shell of every task: everything about Lambda that the tasks need to know. */
import { Logger } from "@aws-lambda-powertools/logger";
import type { Context } from "aws-lambda";
import { z } from "zod";
import { withTellingName } from "../lake/batch/failure.ts";

const logger = new Logger({ serviceName: "sluice" });

/** The state machine handed over another shape than the task expects. That is a bug, so no state machine catches it by name. */
class InvalidTaskInput extends Error {
  override readonly name = "InvalidTaskInput";
}

/**
 * Makes a Lambda handler of a task: checks the input's shape, puts the execution's facts into each log line, and
 * rethrows every error, because the state machine decides by its name. An error of a service gets a name that says so.
 */
export function task<Input extends z.ZodType, Result>(
  input: Input,
  run: (input: z.output<Input>) => Promise<Result>,
): (event: unknown, context: Context) => Promise<Result> {
  return async (event, context) => {
    logger.resetKeys();
    logger.addContext(context);
    const checked = input.safeParse(event);
    if (!checked.success) {
      throw new InvalidTaskInput(
        `${context.functionName} got an input of another shape: ${z.prettifyError(checked.error)}`,
      );
    }
    logger.appendKeys(logKeys(checked.data));
    try {
      const result = await run(checked.data);
      logger.info("Task done");
      return result;
    } catch (error) {
      logger.error("Task failed", error as Error);
      throw withTellingName(error);
    }
  };
}

/** The parts of an input that say which piece of work a log line is about. */
function logKeys(input: unknown): Record<string, unknown> {
  const { batch, index, chunk, write, source } = Object(input);
  return {
    ...(batch && { batchId: batch.batchId, source: batch.source }),
    ...(source && { source }),
    index,
    chunk,
    write,
  };
}
