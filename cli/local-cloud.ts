/** Starts the embedded cloud with this repository's stacks. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { WorkFailed } from "./command.ts";

export const DEFAULT_PORT = 4400;

/** This repository's folder. */
export const PROJECT = fileURLToPath(new URL("..", import.meta.url));

export interface LocalCloud {
  endpoint: string;
  /** Deploys the manifest and the functions as they are now. */
  redeploy(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * @param port - 0 for any free one.
 * @throws {WorkFailed} When the folder is in use, or the port is taken.
 */
export async function startLocalCloud({ dir, port }: { dir: string; port: number }): Promise<LocalCloud> {
  const { startCloud } = await import("../local/cloud.ts");
  const readManifest = async () => JSON.parse(await readFile(join(PROJECT, "local/manifest.json"), "utf8"));
  try {
    const cloud = await startCloud({ dir, port, manifest: await readManifest(), root: PROJECT, log: () => {} });
    return {
      endpoint: cloud.endpoint,
      redeploy: async () => cloud.redeploy(await readManifest()),
      stop: () => cloud.stop(),
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new WorkFailed(
        `Port ${port} is taken. Stop what listens there, or choose another with --port (0 takes any free one).`,
      );
    if (code === "EACCES" || code === "EROFS")
      throw new WorkFailed(`Cannot write to ${dir}: ${message}. Choose another folder with --dir.`);
    // What the deployer refuses (a handler that does not build, a type it has no module for, a folder in use) it words
    // for people, as plain errors. Anything else is a bug and keeps its stack.
    if (error instanceof Error && error.constructor === Error)
      throw new WorkFailed(`The embedded cloud does not start. ${message}`, { cause: error });
    throw error;
  }
}
