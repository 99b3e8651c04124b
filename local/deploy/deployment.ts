/** The deployment of a manifest to an account. It can be repeated with a changed manifest or changed code. */
import { join } from "node:path";
import type { Account } from "../account/account.ts";
import { deploy } from "./bring-up.ts";
import type { Manifest } from "./manifest.ts";

interface DeploymentOptions {
  account: Account;
  /** The project's folder: handlers are relative to it. */
  root: string;
  /** Where the functions' bundles are kept. Default: beside the project's packages. */
  bundleFolder: string | undefined;
}

export class Deployment {
  readonly #options: DeploymentOptions;
  readonly #closing = new AbortController();

  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  /**
   * Brings up what the manifest describes. The pipes among it are not started.
   *
   * @throws {Error} When the manifest cannot be deployed, or the cloud stops meanwhile.
   */
  async bringUp(manifest: Manifest): Promise<void> {
    const { account, root, bundleFolder = join(root, "node_modules/.cache/sluice/bundles") } = this.#options;
    const { ground, messaging, monitoring, storage, compute } = account;
    const { signal } = this.#closing;
    const target = { ...ground, ...messaging, ...monitoring, ...storage };
    const deployed = await deploy({ manifest, target, store: ground.store, root, bundleFolder, signal });
    await compute.pipes.deploy(deployed.pipes);
    signal.throwIfAborted();
    compute.functions.deploy(deployed.functions, deployed.bundles);
  }

  /** Ends a deployment in progress before its next step. */
  close(): void {
    this.#closing.abort(new Error("The embedded cloud is stopping"));
  }
}
