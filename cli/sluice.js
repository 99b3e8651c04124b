#!/usr/bin/env node
// Starts `sluice` on the Node that this checkout pins, whatever Node the caller has (20 or later). Plain JavaScript,
// because the caller's Node may not strip types.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const launcher = realpathSync(fileURLToPath(import.meta.url));
const root = dirname(dirname(launcher));
const node = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

if (!existsSync(node)) {
  console.error(
    `sluice: the pinned Node is missing (${node}).\nRun "npm install" in ${root} first; it also needs to run install scripts.`,
  );
  process.exit(1);
}

if (realpathSync(process.execPath) === realpathSync(node)) {
  const { start } = await import("./main.ts");
  await start();
} else {
  // The fourth stream closes when this process dies, however it dies: the child then ends too (see main.ts).
  const child = spawn(node, [launcher, ...process.argv.slice(2)], { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  child.on("error", (error) => {
    console.error(`sluice: cannot start ${node}: ${error.message}`);
    process.exit(1);
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("exit", (status, signal) => {
    // A shell reports a death by signal as 128 and the signal's number.
    process.exit(signal ? 128 + constants.signals[signal] : (status ?? 1));
  });
}
