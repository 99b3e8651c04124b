/**
 * The lake that a command works on: the embedded cloud of a folder, or a deployed stage. Everything after this file is
 * the same for both; the endpoint and the credentials are the only difference.
 */
import { resolve } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { DescribeStateMachineCommand, SFNClient, StateMachineDoesNotExist } from "@aws-sdk/client-sfn";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { findRunningCloud } from "../local/running-cloud.ts";
import config from "../sluice.config.ts";
import { WorkFailed } from "./command.ts";
import { startLocalCloud } from "./local-cloud.ts";

/** The stage that the embedded cloud deploys. */
const LOCAL_STAGE = "local";

const { name: PROJECT, region: REGION } = config.project;

/** The embedded cloud accepts any credentials; these are the ones to show to people. */
const LOCAL_CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" } as const;

/** Time between two looks at what is awaited: a laptop answers at once, AWS counts calls. */
const LOCAL_POLL_MS = 150;
const STAGE_POLL_MS = 2000;

export interface Target {
  stage: string;
  region: string;
  /** The embedded cloud's; undefined for a deployed stage. */
  local: { dir: string; endpoint: string; startedHere: boolean } | undefined;
  pollMs: number;
  s3: S3Client;
  stepFunctions: SFNClient;
  athena: AthenaClient;
  ledger: DynamoDBDocumentClient;
  /** Physical names, as `stacks/` gives them. */
  names: {
    rawBucket: string;
    quarantineBucket: string;
    ledgerTable: string;
    database: string;
    workgroup: string;
    /** The beginning of the names of all state machines. */
    stateMachinePrefix: string;
  };
  /** @param machine - Such as "Ingest". */
  stateMachineArn(machine: string): string;
  /** Ends the embedded cloud if this command started it. */
  close(): Promise<void>;
}

/**
 * Finds the lake and connects to it; starts the embedded cloud when none is running on the folder.
 *
 * @throws {WorkFailed} When the stage is not deployed, or the embedded cloud cannot start.
 */
export async function openTarget(options: { dir: string; stage?: string | undefined }): Promise<Target> {
  return options.stage === undefined ? openLocal(options.dir) : openStage(options.stage);
}

/** Opens the lake for the length of `work` and closes it however that ends. */
export async function withTarget<T>(
  options: { dir: string; stage?: string | undefined },
  work: (target: Target) => Promise<T>,
): Promise<T> {
  const target = await openTarget(options);
  try {
    return await work(target);
  } finally {
    await target.close();
  }
}

async function openLocal(folder: string): Promise<Target> {
  const dir = resolve(folder);
  const running = findRunningCloud(dir);
  const cloud = running ? undefined : await startLocalCloud({ dir, port: 0 });
  const endpoint = running?.endpoint ?? cloud!.endpoint;
  const connection = { endpoint, region: REGION, credentials: LOCAL_CREDENTIALS };
  return connect({
    stage: LOCAL_STAGE,
    accountId: "111122223333",
    partition: "aws",
    connection,
    local: { dir, endpoint, startedHere: cloud !== undefined },
    close: async () => cloud?.stop(),
  });
}

async function openStage(stage: string): Promise<Target> {
  const region = process.env.AWS_REGION ?? REGION;
  const sts = new STSClient({ region });
  const { Account: accountId, Arn: arn } = await sts
    .send(new GetCallerIdentityCommand({}))
    .finally(() => sts.destroy());
  const partition = arn!.split(":")[1]!;
  const target = connect({
    stage,
    accountId: accountId!,
    partition,
    connection: { region },
    local: undefined,
    close: async () => {},
  });
  try {
    await target.stepFunctions.send(
      new DescribeStateMachineCommand({ stateMachineArn: target.stateMachineArn("Ingest") }),
    );
  } catch (error) {
    await target.close();
    if (!(error instanceof StateMachineDoesNotExist)) throw error;
    throw new WorkFailed(
      `Stage "${stage}" is not deployed in ${region} of account ${accountId}. Deploy it with "npx sst deploy --stage ${stage}", ` +
        "or check AWS_PROFILE and AWS_REGION.",
    );
  }
  return target;
}

function connect(options: {
  stage: string;
  accountId: string;
  partition: string;
  connection: { endpoint?: string; region: string; credentials?: { accessKeyId: string; secretAccessKey: string } };
  local: Target["local"];
  close(): Promise<unknown>;
}): Target {
  const { stage, connection } = options;
  const s3 = new S3Client({ ...connection, forcePathStyle: options.local !== undefined });
  const stepFunctions = new SFNClient(connection);
  const athena = new AthenaClient(connection);
  const ledger = DynamoDBDocumentClient.from(new DynamoDBClient(connection));
  const prefix = `${PROJECT}-${stage}-`;
  return {
    stage,
    region: connection.region,
    local: options.local,
    pollMs: options.local ? LOCAL_POLL_MS : STAGE_POLL_MS,
    s3,
    stepFunctions,
    athena,
    ledger,
    names: {
      rawBucket: `${prefix}raw-${options.accountId}`.toLowerCase(),
      quarantineBucket: `${prefix}quarantine-${options.accountId}`.toLowerCase(),
      ledgerTable: `${prefix}Ledger`,
      database: `${PROJECT}_${stage}`.toLowerCase().replaceAll("-", "_"),
      workgroup: `${prefix}Workgroup`,
      stateMachinePrefix: prefix,
    },
    stateMachineArn: (machine) =>
      `arn:${options.partition}:states:${connection.region}:${options.accountId}:stateMachine:${prefix}${machine}`,
    close: async () => {
      for (const client of [s3, stepFunctions, athena, ledger]) client.destroy();
      await options.close();
    },
  };
}

/** A command that a person can paste: the AWS CLI with the credentials that the embedded cloud takes. */
export function awsCliLine(endpoint: string, command: string): string {
  const { accessKeyId, secretAccessKey } = LOCAL_CREDENTIALS;
  return `AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_DEFAULT_REGION=${REGION} aws --endpoint-url ${endpoint} ${command}`;
}
