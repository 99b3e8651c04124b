/** A cloud in a process of its own, which can be killed, and what it has counted. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, type TestContext } from "vitest";
import type { FaultPlanInput } from "../../../local/faults.ts";
import { REGION, scratchFolder } from "./a-cloud.ts";

/** The functions are built once for all clouds of a file, or a test would wait for its own build. */
const bundles = scratchFolder();
afterAll(bundles.remove);

/** A folder that is removed after the test. */
export function folderOf({ onTestFinished }: Pick<TestContext, "onTestFinished">): string {
  const scratch = scratchFolder();
  onTestFinished(scratch.remove);
  return scratch.dir;
}

/** Starts a process, which ends with the test at the latest. */
function spawnProcess(
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
  dir: string,
  faults?: FaultPlanInput,
): ChildProcess {
  const script = join(import.meta.dirname, "cloud-process.ts");
  const child = spawn(process.execPath, ["--no-warnings", script, dir, bundles.dir], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(faults && { SLUICE_FAULTS: JSON.stringify(faults) }) },
  });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone(child);
  });
  return child;
}

export async function spawnCloud(
  test: Pick<TestContext, "onTestFinished">,
  dir: string,
): Promise<{ child: ChildProcess; endpoint: string }> {
  const child = spawnProcess(test, dir);
  const endpoint = await new Promise<string>((resolve, reject) => {
    child.stdout!.once("data", (data) => resolve(String(data).trim()));
    child.once("exit", (code) => reject(new Error(`The cloud ended with ${code}`)));
  });
  return { child, endpoint };
}

/**
 * Starts a cloud that a fault kills, which may be as soon as it goes on with what it finds.
 *
 * @param work - Done once it is up. The cloud may be gone before it has taken all of it.
 */
export async function killedCloud(
  test: Pick<TestContext, "onTestFinished">,
  dir: string,
  faults: FaultPlanInput,
  work: (s3: S3Client) => Promise<void>,
): Promise<ChildProcess> {
  const child = spawnProcess(test, dir, faults);
  let working: Promise<void> | undefined;
  child.stdout!.once("data", (data) => {
    working = work(new S3Client({ ...clientOf(String(data).trim()), maxAttempts: 1 })).catch(() => {});
  });
  await gone(child);
  await working;
  return child;
}

/** Resolves when the process has ended. */
export const gone = (child: ChildProcess) =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise<void>((resolve) => void child.once("exit", () => resolve()));

export const clientOf = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

const LINE = "line\n";

/** Uploads an object of `lines` lines, which the cloud is to count. */
export async function upload(s3: S3Client, name: string, lines: number): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: "raw", Key: `logs/${name}`, Body: LINE.repeat(lines) }));
}

/** The counts that are due for the objects that the cloud took. */
export async function taken(s3: S3Client): Promise<Record<string, string>> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "raw" }));
  return Object.fromEntries(Contents.map(({ Key, Size }) => [`${Key}.count`, String(Size! / LINE.length)]));
}

/** All counts in the lake, by key: the effect of the whole pipeline, whatever was repeated. */
export async function counted(s3: S3Client): Promise<Record<string, string>> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "lake" }));
  const entries = Contents.map(async ({ Key }) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "lake", Key }));
    return [Key!, await Body!.transformToString()];
  });
  return Object.fromEntries(await Promise.all(entries));
}
