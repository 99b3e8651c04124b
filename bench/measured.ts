/** What a measured process says about itself. */
import { readFileSync } from "node:fs";

export interface Measured {
  /** From the first byte read to the last one written, without the start of Node. */
  readonly ms: number;
  /** User and system time of the same span, of all threads. */
  readonly cpuMs: number;
  /** The most memory that the process had resident at any time, its start included. */
  readonly peakRssMib: number;
  readonly rows?: number;
}

/** Runs the work and prints its figures as the last line, for `runPinned`. */
export async function measure(work: () => Promise<Pick<Measured, "rows">>): Promise<void> {
  const startMs = performance.now();
  const startCpu = process.cpuUsage();
  const more = await work();
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(startCpu);
  const measured: Measured = {
    ms: Math.round(ms),
    cpuMs: Math.round((user + system) / 1000),
    peakRssMib: Math.round(peakRssBytes() / 2 ** 20),
    ...more,
  };
  console.log(JSON.stringify(measured));
}

/** `resourceUsage().maxRSS` would count what the parent had when it forked, too; the kernel's high-water mark does not. */
function peakRssBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "utf8"))![1]);
}
