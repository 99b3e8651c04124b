/** A command of the CLI, and the two ways in which it may fail. */

export interface Command {
  /** The whole text of `sluice COMMAND --help`. */
  help: string;
  /**
   * @param argv - What follows the command's name.
   * @returns The exit status: 0 done, 1 the work failed.
   * @throws {UsageError} When the arguments make no sense.
   * @throws {WorkFailed} When the work could not be done.
   */
  run(argv: string[]): Promise<number>;
}

/** The caller asked for something that does not exist: exit status 2, with a pointer to the command's help. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The work was understood and could not be done: exit status 1. The message says to which object, and what to do next. */
export class WorkFailed extends Error {
  override readonly name = "WorkFailed";
}

/** Messages for people go to stderr; stdout belongs to the result. */
export function say(text = ""): void {
  process.stderr.write(`${text}\n`);
}
