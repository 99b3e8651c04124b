import { mayQuote, type PiiPolicy } from "./policy.ts";

/**
 * Does work on a source's text. Errors of the language quote their input ("Unexpected token …"). Such a bug still fails the
 * run, but where the policy does not allow to quote the text, the error loses its message.
 */
export async function withholding<Result>(
  policy: PiiPolicy | undefined,
  work: () => Promise<Result> | Result,
): Promise<Result> {
  if (mayQuote(policy)) return work();
  try {
    return await work();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError)
      throw withoutMessage(error);
    throw error;
  }
}

function withoutMessage({ name, stack = "" }: Error): Error {
  const error = new Error("The message is withheld: it may quote text that the source's PII policy protects");
  error.name = name;
  const frames = stack.split("\n").filter((line) => /^ {4}at /.test(line));
  error.stack = [`${name}: ${error.message}`, ...frames].join("\n");
  return error;
}
