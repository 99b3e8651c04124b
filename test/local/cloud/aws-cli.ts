/** The AWS CLI on a cloud of the tests. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { environmentWithPython } from "../../tiers/inputs.ts";
import { REGION, type TestCloud } from "./a-cloud.ts";

/** The settings of the person who runs the tests must not count. */
const env = {
  ...environmentWithPython,
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  AWS_DEFAULT_REGION: REGION,
  AWS_CONFIG_FILE: "/nonexistent",
  AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
};

/** @returns What it prints. */
export async function aws({ endpoint }: TestCloud, ...args: string[]): Promise<string> {
  const all = ["--endpoint-url", endpoint, "--output", "json", ...args];
  return (await promisify(execFile)("aws", all, { env })).stdout;
}

// biome-ignore lint/suspicious/noExplicitAny: answers are as manifold as the API
export async function awsJson(cloud: TestCloud, ...args: string[]): Promise<any> {
  return JSON.parse(await aws(cloud, ...args));
}
