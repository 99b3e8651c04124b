/** The manifest that `npm run synth` writes: the resources that the stacks create, with every value resolved. */

// biome-ignore lint/suspicious/noExplicitAny: the values of resources have as many shapes as AWS has resource types
export type Values = Record<string, any>;

export interface ManifestResource {
  urn: string;
  /** Pulumi's type, such as `aws:sqs/queue:Queue`. */
  type: string;
  name: string;
  inputs: Values;
  /** Values that AWS would have given: ids, ARNs, names. */
  attributes: Values;
}

export interface ManifestFunction {
  /** File and export, such as `functions/parse.handler`. */
  handler: string;
  runtime: string;
  /** Name of the deployed function, such as `sluice-local-Parse`. */
  functionName: string;
  /** Packages that stay outside the bundle. */
  install: string[];
  /** Files and folders of the project that the function finds beside its bundle. */
  copyFiles?: { from: string; to: string }[];
}

export interface Manifest {
  app: string;
  stage: string;
  region: string;
  accountId: string;
  resources: ManifestResource[];
  /** By component name, such as `Parse`. */
  functions: Record<string, ManifestFunction>;
}
