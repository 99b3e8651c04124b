/** `sluice up`: the embedded cloud, until Ctrl-C. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { findRunningCloud } from "../../../local/running-cloud.ts";
import { parse, wholeNumber } from "../../arguments.ts";
import { type Command, say, WorkFailed } from "../../command.ts";
import { untilInterrupted } from "../../interrupt.ts";
import { DEFAULT_PORT, PROJECT, startLocalCloud } from "../../local-cloud.ts";
import { progress } from "../../progress.ts";
import { awsCliLine } from "../../target.ts";
import { watchProject } from "./watch.ts";

export const up: Command = {
  help: `Usage: sluice up [OPTIONS]

Deploys the stacks of this repository into one process and serves AWS's protocols on loopback until Ctrl-C.
What was in the folder before is there again; executions that were cut off go on.

  --port N         port on 127.0.0.1 (default ${DEFAULT_PORT}; 0 takes any free one)
  --dir DIR        where the state lies (default .sluice)
  --json           print endpoint and folder as JSON on stdout once it is up
  --watch          deploy again when a function, a state machine, a stack or the configuration changes
`,
  async run(argv) {
    const { values } = parse(argv, {
      port: { type: "string", default: String(DEFAULT_PORT) },
      dir: { type: "string", default: ".sluice" },
      json: { type: "boolean", default: false },
      watch: { type: "boolean", default: false },
    });
    const port = wholeNumber("port", values.port);
    const dir = resolve(values.dir);
    const running = findRunningCloud(dir);
    if (running)
      throw new WorkFailed(
        `An embedded cloud is running on ${dir} already, at ${running.endpoint}. Use it, or choose another --dir.`,
      );
    const interrupted = untilInterrupted();
    const line = progress("Starting the embedded cloud");
    const cloud = await startLocalCloud({ dir, port }).finally(() => line.done());
    if (values.json) process.stdout.write(`${JSON.stringify({ endpoint: cloud.endpoint, dir })}\n`);
    say(`The embedded cloud is up: ${cloud.endpoint}, state in ${dir}`);
    say(`Try: ${awsCliLine(cloud.endpoint, "s3 ls")}`);
    const stopWatching = values.watch && watchProject({ root: PROJECT, synth, deploy: cloud.redeploy, say });
    say(values.watch ? "Watching the project's files. Ctrl-C stops it." : "Ctrl-C stops it.");
    await interrupted;
    if (stopWatching) stopWatching();
    await cloud.stop();
    return 0;
  },
};

/** Makes the manifest again, in a process of its own: the synthesiser loads SST's platform once. */
async function synth(): Promise<void> {
  if (!existsSync(join(PROJECT, ".sst/platform")))
    throw new Error('the stacks need SST\'s platform: "npm run sst:install" once');
  const script = join(PROJECT, "stacks/synth/write-manifest.ts");
  await promisify(execFile)(process.execPath, [script], { cwd: PROJECT }).catch(({ stderr, message }) => {
    throw new Error(`the stacks do not synthesise: ${stderr || message}`);
  });
}
