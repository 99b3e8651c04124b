import { vi } from "vitest";
import { sluice as run } from "../../cli/main.ts";

/**
 * Runs a command line in this process. That is the same code without the third of a second in which a process starts;
 * `spawn-sluice.ts` is for what only a process shows.
 */
export async function sluice(args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const written = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      written[stream] += typeof text === "string" ? text : Buffer.from(text).toString();
      return true;
    }),
  );
  try {
    const status = await run([...args]);
    return { status, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
