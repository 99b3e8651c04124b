/** Statements for what functions and services do, each on the least it is done to. */
import { ledger } from "./ledger.ts";
import { arnOf } from "./names.ts";
import type { Statement } from "./roles.ts";

/** A bucket, or the ARN of one that is not there yet. */
type BucketArn = Pick<sst.aws.Bucket, "arn">;

/** @param prefix - Only keys that begin with it. */
export function readObjects(bucket: BucketArn, prefix = ""): Statement {
  return { actions: ["s3:GetObject"], resources: [$interpolate`${bucket.arn}/${prefix}*`] };
}

export function writeObjects(bucket: sst.aws.Bucket, prefix = ""): Statement {
  return { actions: ["s3:PutObject"], resources: [$interpolate`${bucket.arn}/${prefix}*`] };
}

/** Writes objects in parts, and clears the parts of a failed upload away. */
export function uploadObjects(bucket: sst.aws.Bucket, prefix = ""): Statement {
  return { actions: ["s3:PutObject", "s3:AbortMultipartUpload"], resources: [$interpolate`${bucket.arn}/${prefix}*`] };
}

export function deleteObjects(bucket: sst.aws.Bucket, prefix = ""): Statement {
  return { actions: ["s3:DeleteObject"], resources: [$interpolate`${bucket.arn}/${prefix}*`] };
}

/** Whoever may list a bucket is told that an object is missing (404); others are only told that they may not (403). */
export function listObjects(bucket: BucketArn, prefix?: string): Statement {
  return {
    actions: ["s3:ListBucket"],
    resources: [bucket.arn],
    ...(prefix ? { conditions: [{ test: "StringLike", variable: "s3:prefix", values: [prefix, `${prefix}*`] }] } : {}),
  };
}

type LedgerAction = "GetItem" | "BatchGetItem" | "Query" | "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem";

/** @param actions - DynamoDB's names. A transaction asks for the actions that it is made of. */
export function onLedger(...actions: LedgerAction[]): Statement {
  return { actions: actions.map((action) => `dynamodb:${action}`), resources: [ledger.arn] };
}

/** Only items whose partition key begins with a prefix, such as `link#`. */
export function onLedgerItems(prefix: string, ...actions: LedgerAction[]): Statement {
  return {
    ...onLedger(...actions),
    conditions: [{ test: "ForAllValues:StringLike", variable: "dynamodb:LeadingKeys", values: [`${prefix}*`] }],
  };
}

/** A machine's ARN before the machine exists: its tasks may need to ask about its executions. */
export function machineArn(physicalName: string): $util.Output<string> {
  return arnOf("states", `stateMachine:${physicalName}`);
}

export function executionsOf(physicalName: string): $util.Output<string> {
  return arnOf("states", `execution:${physicalName}:*`);
}
