/** Limits on the size of variables. */
import type { Frame } from "../records/frame.ts";
import { type JsonObject, toText } from "../values/json.ts";
import { StatesError, stateProblem } from "../values/states-error.ts";

/** For all variables in scope together. */
const VARIABLES_LIMIT_BYTES = 1024 * 1024;
/** AWS's limit for all that one Assign field writes. */
const ASSIGN_LIMIT_BYTES = 256 * 1024;

/**
 * Counts the bytes that an Assign field is about to write.
 * @throws {StatesError} States.DataLimitExceeded.
 */
export function checkVariables(frames: ReadonlyMap<number, Frame>, frame: Frame, assigned: JsonObject): void {
  let assignedBytes = 0;
  let replacedBytes = 0;
  for (const [name, value] of Object.entries(assigned)) {
    assignedBytes += Buffer.byteLength(toText(value));
    if (Object.hasOwn(frame.variables, name)) replacedBytes += Buffer.byteLength(toText(frame.variables[name]!));
  }
  const ownBytes = frame.variableBytes + assignedBytes - replacedBytes;
  let totalBytes = ownBytes;
  for (let above = frame.parent; above !== null; ) {
    const parent = frames.get(above)!;
    totalBytes += parent.variableBytes;
    above = parent.parent;
  }
  if (assignedBytes > ASSIGN_LIMIT_BYTES || totalBytes > VARIABLES_LIMIT_BYTES) {
    throw new StatesError(
      "States.DataLimitExceeded",
      stateProblem(
        { stateName: frame.state, enteredEventId: frame.enteredEventId },
        "The size of the variables exceeds the maximum number of bytes service limit.",
      ),
    );
  }
  frame.variableBytes = ownBytes;
}
