/**
 * Runs the machine of this folder over a SQLite journal, from the start or from where the last process ended, and dies
 * where it is told to: `node worker.ts DIR [before|after N]`.
 *
 * DIR/engine.db is the journal, DIR/calls.log the world outside: each call made, each token handed out.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  Engine,
  EngineError,
  SqliteStore,
  seededChance,
  type TaskAnswer,
  VirtualClock,
} from "../../../engine/index.ts";
import type { Change } from "../../../engine/ports/store.ts";
import { addMachine, machineArn } from "../run-machine.ts";
import { child, machine } from "./machine.ts";

class MortalStore extends SqliteStore {
  writes = 0;
  moment: string | undefined;
  at = 0;

  override write(changes: readonly Change[]): void {
    this.writes++;
    if (this.moment === "before" && this.writes === this.at) process.kill(process.pid, "SIGKILL");
    super.write(changes);
    if (this.moment === "after" && this.writes === this.at) process.kill(process.pid, "SIGKILL");
  }
}

/** @returns How many writes the journal took. */
export async function run(dir: string, kill?: { moment: string; at: number }): Promise<number> {
  const calls = join(dir, "calls.log");
  const clock = new VirtualClock();
  const store = new MortalStore(join(dir, "engine.db"));
  const begun = store.get("counters", "execution") !== undefined;
  const engine = new Engine({
    clock,
    chance: seededChance(begun ? 2 : 1),
    store,
    host: {
      async invoke(call): Promise<TaskAnswer> {
        appendFileSync(calls, `call ${call.invocationId}\n`);
        if (call.service === "sqs") {
          appendFileSync(calls, `token ${call.taskToken}\n`);
          answerLater(call.taskToken);
          return { status: "submitted", output: {} };
        }
        const { failWhileBelow = 0, attempt = 0 } = call.input as { failWhileBelow?: number; attempt?: number };
        if (attempt < failWhileBelow) return { status: "failed", error: "Busy", cause: `attempt ${attempt}` };
        return { status: "succeeded", output: call.input };
      },
    },
  });
  const answerLater = (token: string) =>
    clock.at(clock.now() + 1000, () => {
      try {
        engine.sendTaskSuccess(token, '{"answer":"yes"}');
      } catch (error) {
        // A token that was answered before the crash is no longer open.
        if (!(error instanceof EngineError)) throw error;
      }
    });

  addMachine(engine, "child", child);
  addMachine(engine, "test", machine);
  store.writes = 0;
  store.moment = kill?.moment;
  store.at = kill?.at ?? 0;
  if (begun) {
    engine.resume();
    const log = existsSync(calls) ? readFileSync(calls, "utf8") : "";
    for (const line of log.split("\n")) if (line.startsWith("token ")) answerLater(line.slice("token ".length));
  } else {
    engine.startExecution({ stateMachineArn: machineArn("test"), name: "run" });
  }
  await clock.run(() => engine.openExecutions === 0);
  engine.close();
  return store.writes;
}

if (import.meta.filename === process.argv[1]) {
  const [, , dir, moment, at] = process.argv as [string, string, string, string, string];
  await run(dir, { moment, at: Number(at) });
}
