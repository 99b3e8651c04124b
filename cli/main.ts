/** `sluice COMMAND …`: finds the command, runs it, and turns how it ended into an exit status. */
import { type Command, say, UsageError, WorkFailed } from "./command.ts";

/** One line each, and the file that does it: loaded only when asked for, so that help does not wait for the AWS SDK. */
const commands: Record<string, { summary: string; load(): Promise<Command> }> = {
  demo: {
    summary: "sample logs in, reports out, and where to look (npm start)",
    load: async () => (await import("./commands/demo/demo.ts")).demo,
  },
  up: {
    summary: "start the embedded cloud and keep it running",
    load: async () => (await import("./commands/up/up.ts")).up,
  },
  ingest: {
    summary: "put log files into the lake and follow them",
    load: async () => (await import("./commands/ingest.ts")).ingest,
  },
  query: {
    summary: "ask the lake in SQL",
    load: async () => (await import("./commands/query/query.ts")).query,
  },
  report: {
    summary: "run a report now and say where it lies",
    load: async () => (await import("./commands/report.ts")).report,
  },
  executions: {
    summary: "what the state machines did: list, show, history",
    load: async () => (await import("./commands/executions/executions.ts")).executions,
  },
  generate: {
    summary: "write made-up logs of a source, the same for the same seed",
    load: async () => (await import("./commands/generate.ts")).generate,
  },
  sources: {
    summary: "propose a source from a sample file; list keys that have no column",
    load: async () => (await import("./commands/sources/sources.ts")).sources,
  },
  asl: {
    summary: "run or check a state machine by itself",
    load: async () => (await import("./commands/asl.ts")).asl,
  },
};

/**
 * Runs one command line.
 *
 * @returns The exit status: 0 done, 1 the work failed, 2 wrong usage. Why is said on stderr.
 */
export async function sluice(argv: string[]): Promise<number> {
  return dispatch(argv).catch((error: unknown) => explain(error, argv[0]));
}

async function dispatch([name, ...argv]: string[]): Promise<number> {
  if (name === undefined) {
    process.stderr.write(overview());
    return 2;
  }
  if (name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(overview());
    return 0;
  }
  const known = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!known)
    throw new UsageError(`There is no command "${name}". The commands are: ${Object.keys(commands).join(", ")}`);
  const command = await known.load();
  if (
    argv
      .slice(0, argv.includes("--") ? argv.indexOf("--") : undefined)
      .some((word) => word === "--help" || word === "-h")
  ) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(argv);
}

function overview(): string {
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`);
  return `sluice: raw files in S3 become a typed Parquet lake, and the lake becomes reports.

Usage: sluice COMMAND [OPTIONS]

${lines.join("\n")}

"sluice COMMAND --help" says more. Exit status: 0 done, 1 the work failed, 2 wrong usage.
Commands work on the embedded cloud in .sluice (--dir), started for the command's own duration when none is running,
or on a deployed stage (--stage NAME).
`;
}

/** Tells a person about an error: everything for a bug, no stack for what was foreseen. */
function explain(error: unknown, name: string | undefined): number {
  if (error instanceof UsageError) {
    say(`sluice: ${error.message}\nTry "sluice ${name && Object.hasOwn(commands, name) ? `${name} ` : ""}--help".`);
    return 2;
  }
  if (error instanceof WorkFailed) say(`sluice: ${error.message}`);
  else if (isServiceException(error)) say(`sluice: AWS refused with ${error.name}: ${error.message}`);
  else if (error instanceof Error && isExpected(error)) say(`sluice: ${error.message}`);
  else
    say(
      `sluice: this is a bug, please report it.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  return 1;
}

/** Every error of the AWS SDK that carries the service's own words. */
function isServiceException(error: unknown): error is Error {
  return error instanceof Error && "$metadata" in error && "$fault" in error;
}

/** Errors of other parts that are written for people. */
function isExpected(error: Error): boolean {
  return ["InvalidLakeConfig", "CloudError", "CredentialsProviderError"].includes(error.name);
}

/** Runs the command line of this process. */
export async function start(): Promise<void> {
  // The launcher holds the other end of this channel: when it is killed, so are we, and nothing is left behind.
  if (process.channel) {
    process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
    process.channel.unref();
  }
  // A reader that has seen enough ("| head") is not a failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
  process.exitCode = await sluice(process.argv.slice(2));
}
