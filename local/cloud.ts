/**
 * The embedded cloud: one process that deploys the synthesised stacks into itself and speaks AWS on loopback.
 *
 * ```ts
 * const cloud = await startCloud({ dir: ".sluice", port: 4400, manifest, root: process.cwd(), log: console.error });
 * // AWS_ENDPOINT_URL=cloud.endpoint makes any SDK client or the AWS CLI talk to it.
 * await cloud.stop();
 * ```
 *
 * Where to look:
 *
 * - `services/` a folder per AWS service, all in the style that `wire/service.ts` describes; Step Functions runs on `engine/`
 *   at the top of the tree.
 * - `account/` makes all services and connects them, group by group.
 * - `deploy/` brings up a manifest: a file per resource type in `resources/`.
 * - `wire/` the HTTP server and AWS's protocols.
 * - `delivery/` events on their way to their targets.
 * - `store.ts` what survives; `faults.ts` what goes wrong on purpose; `running-cloud.ts` one cloud per folder.
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Engine } from "../engine/index.ts";
import { Account } from "./account/account.ts";
import { Deployment } from "./deploy/deployment.ts";
import { FUNCTION_URL_PATH } from "./deploy/local-urls.ts";
import type { Manifest } from "./deploy/manifest.ts";
import { FaultPlan, type FaultPlanInput } from "./faults.ts";
import { lockFolder, removeNote, writeNote } from "./running-cloud.ts";
import { answerFunctionUrl } from "./services/lambda/function-url.ts";
import type { Objects } from "./services/s3/objects.ts";
import type { Mail } from "./services/sns/outbox.ts";
import { type RunningServer, startServer } from "./wire/server.ts";

export interface CloudOptions {
  /** The folder of all state. */
  dir: string;
  /** 0 for any free port. */
  port: number;
  manifest: Manifest;
  /** The project's folder: handlers are relative to it. */
  root: string;
  /** Where the functions' bundles are kept; clouds may share it. Default: beside the project's packages. */
  bundleFolder?: string;
  log(line: string): void;
  /** Answers requests that are not for AWS, such as the console's pages; says whether it did. */
  pages?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** A plan of faults. Default: the plan in `SLUICE_FAULTS`. */
  faults?: FaultPlanInput;
  /** Sees each line that a function prints. */
  onFunctionLog?: (functionName: string, text: string) => void;
}

export interface Cloud {
  /** Such as `http://127.0.0.1:4400`. */
  endpoint: string;
  manifest: Manifest;
  /** Calls any service in process: `call("states", "ListExecutions", {...})`. */
  call(namespace: string, operation: string, input: object): Promise<Record<string, unknown>>;
  engine: Engine;
  objects: Objects;
  /** The e-mail that has been "sent", oldest first, and the file of each. */
  mail(): (Mail & { path: string })[];
  /** Deploys again: a changed manifest or changed code. Executions in progress go on. */
  redeploy(manifest: Manifest): Promise<void>;
  /** Ends within a second or two. What is in progress goes on at the next start. */
  stop(): Promise<void>;
}

/** @throws {Error} When another cloud has the folder or the port, or when the manifest cannot be deployed. */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
  const releaseFolder = lockFolder(options.dir);
  try {
    const cloud = new EmbeddedCloud(options, releaseFolder);
    await cloud.start();
    return cloud;
  } catch (error) {
    releaseFolder();
    throw error;
  }
}

class EmbeddedCloud implements Cloud {
  readonly #options: CloudOptions;
  readonly #releaseFolder: () => void;
  readonly #account: Account;
  readonly #deployment: Deployment;
  #server: RunningServer | undefined;
  #ending: Promise<void> | undefined;
  endpoint = "";
  manifest: Manifest;

  constructor(options: CloudOptions, releaseFolder: () => void) {
    const { dir, root, log, manifest, bundleFolder } = options;
    this.#options = options;
    this.#releaseFolder = releaseFolder;
    this.manifest = manifest;
    this.#account = new Account({
      dir,
      place: { region: manifest.region, accountId: manifest.accountId },
      endpoint: () => this.endpoint,
      log,
      faults: options.faults ? new FaultPlan(options.faults) : FaultPlan.fromEnvironment(),
      onFunctionLog: options.onFunctionLog ?? (() => {}),
    });
    this.#deployment = new Deployment({ account: this.#account, root, bundleFolder });
  }

  async start(): Promise<void> {
    // Requests that come before everything is up wait for it.
    const { promise: ready, resolve: isReady, reject: failed } = Promise.withResolvers<void>();
    ready.catch(() => {});
    try {
      this.#server = await this.#serve(ready);
      this.endpoint = this.#server.endpoint;
      await this.#deployment.bringUp(this.manifest);
      writeNote(this.#options.dir, this.endpoint);
    } catch (error) {
      failed(error);
      await this.stop();
      throw error;
    }
    this.#account.start();
    isReady();
  }

  #serve(ready: Promise<void>): Promise<RunningServer> {
    const { ground, storage, compute } = this.#account;
    return startServer({
      port: this.#options.port,
      services: ground.registry,
      log: ground.log,
      pages: this.#options.pages,
      ready,
      s3: storage.s3,
      functionUrl: (name, path, request, response) =>
        answerFunctionUrl(compute.functions, { name, path, accountId: ground.place.accountId }, request, response),
      functionUrlPath: FUNCTION_URL_PATH,
    });
  }

  /** Asked twice, as by an impatient Ctrl-C, it still ends once. */
  stop(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** First the work ends, then the requests, then the stores close: nothing is left that could touch them. */
  async #end(): Promise<void> {
    removeNote(this.#options.dir);
    this.#deployment.close();
    await this.#account.stop();
    await this.#server?.close();
    await this.#account.close();
    this.#releaseFolder();
  }

  async redeploy(manifest: Manifest): Promise<void> {
    await this.#deployment.bringUp(manifest);
    this.#account.compute.pipes.start();
    this.manifest = manifest;
  }

  call(namespace: string, operation: string, input: object): Promise<Record<string, unknown>> {
    return this.#account.ground.registry.call(namespace, operation, input);
  }

  get engine(): Engine {
    return this.#account.compute.engine;
  }

  get objects(): Objects {
    return this.#account.storage.objects;
  }

  mail(): (Mail & { path: string })[] {
    const { outbox } = this.#account.messaging;
    return outbox.list().map((mail) => ({ ...mail, path: outbox.pathOf(mail) }));
  }
}
