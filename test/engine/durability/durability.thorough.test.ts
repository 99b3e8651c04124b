import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Engine, type HistoryEvent, SqliteStore } from "../../../engine/index.ts";
import { run } from "./worker.ts";

const worker = fileURLToPath(new URL("./worker.ts", import.meta.url));
const arn = "arn:aws:states:us-east-1:000000000000:execution:test:run";
const PROCESSES = 2;

/** A process of its own that has to end by SIGKILL. */
function runToDeath(dir: string, moment: string, at: number): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [worker, dir, moment, String(at)], { timeout: 60_000 }, (error, _stdout, stderr) => {
      if (error?.signal === "SIGKILL") resolve();
      else reject(new Error(`It was to die ${moment} write ${at}: ${error?.message ?? "it lived"}\n${stderr}`));
    });
  });
}

/** Reads a journal that no process has open. */
function read<T>(dir: string, use: (engine: Engine) => T): T {
  const engine = new Engine({
    store: new SqliteStore(join(dir, "engine.db")),
    host: { invoke: () => Promise.reject(new Error("only reading")) },
  });
  try {
    return use(engine);
  } finally {
    engine.close();
  }
}

const callsOf = (dir: string) =>
  existsSync(join(dir, "calls.log"))
    ? readFileSync(join(dir, "calls.log"), "utf8")
        .split("\n")
        .filter((line) => line.startsWith("call "))
        .map((line) => line.slice(5))
    : [];

/** The calls whose end is in the journal. */
function finishedCalls(history: HistoryEvent[]): string[] {
  const byId = new Map(history.map((event) => [event.id, event]));
  return history
    .filter(({ type }) => type === "TaskSucceeded" || type === "TaskFailed")
    .map((event) => {
      let scheduled: HistoryEvent = event;
      while (scheduled.type !== "TaskScheduled") scheduled = byId.get(scheduled.previousEventId)!;
      return `${arn}/${scheduled.id}`;
    });
}

/** What a run amounts to, whatever the order in which branches took turns. */
function essence(dir: string) {
  return read(dir, (engine) => {
    const record = engine.describe(arn)!;
    const types = engine
      .history(arn)
      .map(
        ({ type, ...event }) =>
          `${type} ${JSON.stringify(event["stateExitedEventDetails"] ?? "").replaceAll(/"[^"]*mapRun[^"]*"/gi, "")}`,
      );
    return { status: record.status, output: JSON.parse(record.output ?? "null") as unknown, types: types.sort() };
  });
}

describe("the journal", () => {
  it("brings a killed process to the same end from every write, and runs no finished task twice", {
    timeout: 240_000,
  }, async () => {
    const base = mkdtempSync(join(tmpdir(), "sluice-durability-"));
    const folder = (name: string) => mkdtempSync(join(base, `${name}-`));
    try {
      const calm = folder("calm");
      const writes = await run(calm);
      const expected = essence(calm);
      expect(expected.status).toBe("SUCCEEDED");
      expect(expected.output).toEqual({
        inline: [11, 12, 13],
        retried: 2,
        far: [1, 2, 3],
        answer: "yes",
        child: "child",
        caught: "Busy",
      });
      expect(writes).toBeGreaterThan(20);

      const deaths = Array.from({ length: writes }, (_, i) => i + 1).flatMap((at) => [
        { moment: "before", at },
        { moment: "after", at },
      ]);
      const die = async ({ moment, at }: { moment: string; at: number }) => {
        const dir = folder(`${moment}-${at}`);
        await runToDeath(dir, moment, at);
        const { before, finished } = read(dir, (engine) => ({
          before: callsOf(dir).length,
          finished: engine.describe(arn) ? finishedCalls(engine.history(arn)) : [],
        }));
        await run(dir);
        expect(essence(dir), `killed ${moment} write ${at}`).toEqual(expected);
        const again = callsOf(dir).slice(before);
        expect(
          again.filter((call) => finished.includes(call)),
          `killed ${moment} write ${at}`,
        ).toEqual([]);
      };
      const work = async () => {
        for (let death = deaths.pop(); death; death = deaths.pop()) await die(death);
      };
      await Promise.all(Array.from({ length: PROCESSES }, work));
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });
});
