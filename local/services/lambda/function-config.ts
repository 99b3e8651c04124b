/** One deployed function. */
export interface FunctionConfig {
  name: string;
  arn: string;
  /** As SST has it: the file without its ending, a dot, the export; relative to the project, `functions/parse.handler`. */
  handler: string;
  runtime: string;
  memoryMb: number;
  timeoutSeconds: number;
  /** How many copies of it may run at a time; undefined for as many as are asked for. */
  reservedConcurrency?: number | undefined;
  environment: Record<string, string>;
  /** Packages that stay outside the bundle. */
  install: string[];
  /** Files and folders of the project that lie beside the bundle, as SST copies them. */
  copyFiles?: { from: string; to: string }[];
  roleArn: string;
  logGroup: string;
  description: string;
  /** How often an asynchronous invocation is tried again after it failed. */
  asyncRetries: number;
  /** Where an asynchronous invocation goes that failed for good. */
  onFailureArn: string | undefined;
}
