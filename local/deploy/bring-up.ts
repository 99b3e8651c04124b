/** Brings up what the manifest describes, and brings what is there up to date. */
import { bundleFunctions } from "../services/lambda/bundles.ts";
import type { FunctionConfig } from "../services/lambda/function-config.ts";
import type { PipeSettings } from "../services/pipes/pipe.ts";
import type { Store } from "../store.ts";
import type { Manifest, ManifestResource } from "./manifest.ts";
import type { DeployContext, DeployTarget } from "./resource-type.ts";
import { RESOURCE_TYPES } from "./resource-types.ts";

interface Deployed {
  functions: FunctionConfig[];
  /** File URLs of the functions' bundles. */
  bundles: Map<string, string>;
  pipes: PipeSettings[];
}

interface DeployOptions {
  manifest: Manifest;
  target: DeployTarget;
  store: Store;
  /** The project: handlers are relative to it. */
  root: string;
  bundleFolder: string;
  /** Ends the deployment before its next step. */
  signal: AbortSignal;
}

/**
 * @throws {Error} With the names of all types that no module here brings up, before anything is changed.
 */
export async function deploy(options: DeployOptions): Promise<Deployed> {
  const { manifest, target, store, root, bundleFolder, signal } = options;
  const resources = manifest.resources.filter(({ type }) => !type.startsWith("sst:"));
  const unknown = [...new Set(resources.map(({ type }) => type).filter((type) => !(type in RESOURCE_TYPES)))];
  if (unknown.length > 0) throw new Error(`The embedded cloud has no ${unknown.join(", no ")}: add it to local/deploy`);

  const codes = new Map(Object.values(manifest.functions).map((code) => [code.functionName, code]));
  const context: DeployContext = {
    ...target,
    manifest,
    codeOf: (functionName) => codes.get(functionName),
    resources: (type) => resources.filter((resource) => resource.type === type),
    functions: [],
    pipes: [],
  };
  for (const [type, module] of Object.entries(RESOURCE_TYPES)) {
    for (const resource of context.resources(type)) {
      signal.throwIfAborted();
      try {
        await module.deploy(resource, context);
      } catch (error) {
        throw new Error(`Cannot deploy ${type} "${resource.name}": ${(error as Error).message}`, { cause: error });
      }
    }
  }
  await removeDropped(store, resources, context, signal);
  const bundles =
    context.functions.length > 0 ? await bundleFunctions(root, bundleFolder, context.functions) : new Map();
  signal.throwIfAborted();
  return { functions: context.functions, bundles, pipes: context.pipes };
}

/** Removes what an earlier manifest had and this one has not, as far as it acts on its own. */
async function removeDropped(
  store: Store,
  resources: ManifestResource[],
  context: DeployContext,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  store.define("CREATE TABLE IF NOT EXISTS deployed (urn TEXT PRIMARY KEY, resource TEXT NOT NULL) STRICT");
  const current = new Set(resources.map(({ urn }) => urn));
  for (const row of store.all<{ urn: string; resource: string }>("SELECT * FROM deployed")) {
    if (current.has(row.urn)) continue;
    const resource = JSON.parse(row.resource) as ManifestResource;
    await RESOURCE_TYPES[resource.type]?.remove?.(resource, context);
    signal.throwIfAborted();
    store.run("DELETE FROM deployed WHERE urn = ?", row.urn);
  }
  store.transaction(() => {
    for (const { urn, type, name, inputs, attributes } of resources) {
      const text = JSON.stringify({ urn, type, name, inputs, attributes });
      store.run("INSERT OR REPLACE INTO deployed VALUES (?, ?)", urn, text);
    }
  });
}
