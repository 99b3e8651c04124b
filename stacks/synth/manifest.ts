/**
 * The manifest: what the stacks create, as `local/deploy` reads it. It changes only when the infrastructure does, so it
 * holds no hash of code, no path of this machine and nothing that only a deployment by SST needs.
 */
import type { Graph, Resource, Values } from "./graph.ts";

export interface ManifestResource {
  urn: string;
  type: string;
  name: string;
  parent: string;
  inputs: Values;
  attributes: Values;
  references: Record<string, string[]>;
  options: { protect: boolean; retainOnDelete: boolean };
}

interface ManifestFunction {
  /** File and export, such as `functions/parse.handler`. */
  handler: string;
  runtime: string;
  /** MB. */
  memory: number;
  /** Seconds. */
  timeout: number;
  /** MB of /tmp. */
  storage: number;
  /** The name in AWS, such as `sluice-local-Parse`. */
  functionName: string;
  environment: Record<string, string>;
  /** Packages installed beside the bundle instead of bundled. */
  install: string[];
  copyFiles: { from: string; to: string }[];
}

export interface Manifest {
  app: string;
  stage: string;
  region: string;
  accountId: string;
  resources: ManifestResource[];
  /** By the name of the function's component, such as `DetectFormat`. */
  functions: Record<string, ManifestFunction>;
}

/**
 * Leaves out what SST adds for itself and nobody of ours reads: the components (they group resources), the archives
 * of code in SST's own bucket, the key and the records of its links.
 */
function isOfTheLake({ component, type }: Resource): boolean {
  return (
    !component &&
    !type.startsWith("sst:") &&
    !["aws:s3/bucketObjectv2", "random:index/randomBytes"].includes(type.replace(/:\w+$/, ""))
  );
}

/** Inputs that say where the code is. They hold an archive's hash, which changes with every line of a handler. */
const CODE_INPUTS = ["s3Bucket", "s3Key", "s3ObjectVersion", "sourceCodeHash"];

export function manifestOf(graph: Graph, accountId: string): Manifest {
  const { app, stage, region, functions } = graph.document;
  const resources = graph.resources.filter(isOfTheLake);
  const kept = new Set(resources.map(({ urn }) => urn));
  return sorted({
    app,
    stage,
    region,
    accountId,
    resources: resources.map(({ urn, type, name, parent, inputs, attributes, references, options }) => ({
      urn,
      type,
      name,
      parent,
      inputs: type === "aws:lambda/function:Function" ? withoutCode(inputs) : inputs,
      attributes,
      references: Object.fromEntries(
        Object.entries(references)
          .map(([input, urns]) => [input, urns.filter((other) => kept.has(other))] as const)
          .filter(([input, urns]) => urns.length > 0 && !CODE_INPUTS.includes(input)),
      ),
      options: { protect: options.protect, retainOnDelete: options.retainOnDelete },
    })),
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, { handler, runtime, install, copyFiles }]) => {
        const { inputs, attributes } = graph.one("aws:lambda/function", `${name}Function`);
        const settings: ManifestFunction = {
          handler,
          runtime,
          memory: inputs.memorySize,
          timeout: inputs.timeout,
          storage: inputs.ephemeralStorage.size,
          functionName: attributes.name,
          environment: withoutSst(inputs.environment.variables),
          install,
          copyFiles,
        };
        return [name, settings];
      }),
    ),
  });
}

/** The manifest as the file holds it. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function withoutCode(inputs: Values): Values {
  const kept = Object.fromEntries(Object.entries(inputs).filter(([name]) => !CODE_INPUTS.includes(name)));
  return { ...kept, environment: { variables: withoutSst(inputs.environment.variables) } };
}

/** Our functions link to nothing, so the key to SST's links is of no use to them. */
function withoutSst(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !name.startsWith("SST_")));
}

/** The same value with the keys of every object in order. */
function sorted<T>(value: T): T {
  if (Array.isArray(value)) return value.map(sorted) as T;
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)])) as T;
}
