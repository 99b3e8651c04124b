import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { hashes } from "../../lake/pii/policy.ts";
import config from "../../sluice.config.ts";
import { synth } from "../../stacks/synth/synth.ts";
import { type Bundle, bundleAll, fileOf } from "./bundle.ts";
import { elsewhere, prod } from "./stages.ts";

/** Without a source that hashes there is no secret, and nobody is told of one. */
const hasSecret = Object.values(config.sources).some(({ pii }) => hashes(pii));

/** What each call of an AWS client needs to be allowed. */
const ACTIONS: Record<string, string[]> = {
  GetObject: ["s3:GetObject"],
  HeadObject: ["s3:GetObject"],
  PutObject: ["s3:PutObject"],
  CreateMultipartUpload: ["s3:PutObject"],
  UploadPart: ["s3:PutObject"],
  CompleteMultipartUpload: ["s3:PutObject"],
  AbortMultipartUpload: ["s3:AbortMultipartUpload"],
  // Puts in one piece or in parts, and clears away what has failed.
  Upload: ["s3:PutObject", "s3:AbortMultipartUpload"],
  CopyObject: ["s3:GetObject", "s3:PutObject"],
  UploadPartCopy: ["s3:GetObject", "s3:PutObject"],
  DeleteObject: ["s3:DeleteObject"],
  DeleteObjects: ["s3:DeleteObject"],
  ListObjectsV2: ["s3:ListBucket"],
  // The document client's names.
  Get: ["dynamodb:GetItem"],
  Put: ["dynamodb:PutItem"],
  Update: ["dynamodb:UpdateItem"],
  Delete: ["dynamodb:DeleteItem"],
  Query: ["dynamodb:Query"],
  BatchGet: ["dynamodb:BatchGetItem"],
  BatchWrite: ["dynamodb:BatchWriteItem"],
  DescribeExecution: ["states:DescribeExecution"],
  BatchCreatePartition: ["glue:BatchCreatePartition"],
  GetTable: ["glue:GetTable"],
  StartCrawler: ["glue:StartCrawler"],
  GetCrawler: ["glue:GetCrawler"],
  StartQueryExecution: ["athena:StartQueryExecution"],
  GetQueryExecution: ["athena:GetQueryExecution"],
  StopQueryExecution: ["athena:StopQueryExecution"],
  Publish: ["sns:Publish"],
  GetQueueUrl: ["sqs:GetQueueUrl"],
  SendMessage: ["sqs:SendMessage"],
  GetSecretValue: hasSecret ? ["secretsmanager:GetSecretValue"] : [],
};

/** What a function may do that no call of its own shows. */
const WITHOUT_CALL: Record<string, RegExp> = {
  // Athena does these in the caller's name.
  RunAthenaQuery: /^(glue:|s3:|athena:GetDataCatalog$)/,
  // SNS does these in the publisher's name.
  Notify: /^kms:/,
  NotifyOfNoData: /^kms:/,
  NotifyOfFailure: /^kms:/,
};
const logs = /^logs:(CreateLogStream|PutLogEvents)$/;
/** Turns "no access" into "not there" for a missing object. */
const list = "s3:ListBucket";

const functions = Object.entries(prod.document.functions);
let bundles: Map<string, Bundle>;
/** By file: the type of its handler, after its bundle was loaded. */
let loaded: Record<string, string>;

beforeAll(async () => {
  const codes = functions.map(([, code]) => code);
  bundles = await bundleAll(codes);
  loaded = loadAlone(codes.filter(({ install }) => install.length === 0).map(fileOf));
}, 60_000);

/** Loads bundles in a process that has nothing else: one process for all, as it takes longer to start than they do to load. */
function loadAlone(files: string[]): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), "bundles-"));
  try {
    for (const file of files) writeFileSync(join(folder, `${file}.mjs`), bundles.get(file)!.text);
    const script = `const loaded = {};
      for (const file of ${JSON.stringify(files)})
        loaded[file] = await import("./" + file + ".mjs").then(({ handler }) => typeof handler, String);
      console.log(JSON.stringify(loaded));`;
    const env = { PATH: process.env.PATH, AWS_REGION: "eu-central-1" };
    const options = { cwd: folder, env, encoding: "utf8" } as const;
    return JSON.parse(execFileSync(process.execPath, ["--input-type=module", "-e", script], options));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(functions)("%s", (name, code) => {
  const { inputs } = prod.one("aws:lambda/function", `${name}Function`);
  let built: Bundle;
  beforeAll(() => {
    built = bundles.get(fileOf(code))!;
  });
  const granted = new Set(prod.permissions(`${name}Role`).statements.flatMap(({ Action }) => Action));

  it("runs on Node.js 24, arm64, and logs JSON that ends some day", () => {
    expect(inputs).toMatchObject({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      loggingConfig: { logFormat: "JSON" },
    });
    expect(prod.one("aws:cloudwatch/logGroup", `${name}LogGroup`).inputs.retentionInDays).toBe(30);
  });

  it("exports its handler in a bundle that starts fast", () => {
    expect(built.exports).toContain("handler");
    expect(built.bytes).toBeLessThan(5_000_000);
  });

  // What is installed beside a bundle is not here to load.
  it.skipIf(code.install.length > 0)("loads where there is nothing but the bundle", () => {
    expect(loaded[fileOf(code)]).toBe("function");
  });

  it("has every package beside it in one version, today and tomorrow", () => {
    const floating = Object.entries(code.versions).filter(([, version]) => !/^\d+\.\d+\.\d+/.test(version));
    expect(floating).toEqual([]);
  });

  it("gets the environment that it reads and no more", () => {
    const read = new Set([...built.ours.matchAll(/\benvironment\d*\("([A-Z_]+)"\)/g)].map(([, variable]) => variable!));
    const given = Object.keys(inputs.environment.variables).filter((variable) => !variable.startsWith("SST_"));
    if (!hasSecret) read.delete("PII_SECRET_ARN");
    expect(given.sort()).toEqual([...read].sort());
  });

  it("may do what it calls and no more", () => {
    const calls = new Set(
      [...built.ours.matchAll(/new (\w+?Command|Upload)\d*\(/g)].map(([, call]) => call!.replace(/Command$/, "")),
    );
    const unknown = [...calls].filter((call) => !(call in ACTIONS));
    expect(unknown).toEqual([]);
    const needed = new Set([...calls].flatMap((call) => ACTIONS[call]!));
    expect([...needed].filter((action) => !granted.has(action))).toEqual([]);
    const surplus = [...granted].filter(
      (action) => !needed.has(action) && !logs.test(action) && action !== list && !WITHOUT_CALL[name]?.test(action),
    );
    expect(surplus).toEqual([]);
  });
});

it("a function has copies set aside only where the configuration says so", () => {
  const reserved = (graph: typeof prod) =>
    graph
      .all("aws:lambda/function")
      .map(({ name, inputs }) => [name, inputs.reservedConcurrentExecutions])
      .filter(([, copies]) => copies !== undefined);
  // A new account has ten copies in all, and AWS refuses to set any aside.
  expect(reserved(prod)).toEqual([]);
  expect(reserved(elsewhere)).toEqual([
    ["DecompressFunction", 10],
    ["ParseFunction", 20],
  ]);
});

it("a function that copies are set aside for has to be there", async () => {
  const config = resolve(import.meta.dirname, "configs/unknown-function.ts");
  await expect(synth("local", { config })).rejects.toThrow(
    /concurrency\.reserved\.parser: is 5, expected nothing, or one of the functions: claim-batch, /,
  );
});

it("nobody but AWS may call a function, except the one that opens reports", () => {
  const callers = prod.all("aws:lambda/permission").map(({ inputs }) => [inputs.function, inputs.principal]);
  expect(new Set(callers.map(([name]) => name))).toEqual(new Set(["sluice-prod-OpenReport"]));
  expect(prod.all("aws:lambda/functionUrl").map(({ inputs }) => inputs.functionName)).toEqual([
    "sluice-prod-OpenReport",
  ]);
});
