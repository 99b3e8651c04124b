/** Statements for what functions and services do, each on the least it is done to. */
import { ledger } from "./ledger.ts";
import { arnOf } from "./names.ts";
import type { Statement } from "./roles.ts";

/** @param prefix - Only keys that begin with it. */
export function readObjects(bucket: sst.aws.Bucket, prefix = ""): Statement {
  return { actions: ["s3:GetObject"], resources: [$interpolate`${bucket.arn}/${prefix}*`] };
}

/** Also in parts, where a failed upload has to be cleared away. */
export function writeObjects(bucket: sst.aws.Bucket, prefix = ""): Statement {
  return { actions: ["s3:PutObject", "s3:AbortMultipartUpload"], resources: [$interpolate`${bucket.arn}/${prefix}*`] };
}

export function deleteObjects(bucket: sst.aws.Bucket, prefix = ""): Statement {
  return { actions: ["s3:DeleteObject"], resources: [$interpolate`${bucket.arn}/${prefix}*`] };
}

/** Whoever may list a bucket is told that an object is missing (404); others are only told that they may not (403). */
export function listObjects(bucket: sst.aws.Bucket, prefix?: string): Statement {
  return {
    actions: ["s3:ListBucket"],
    resources: [bucket.arn],
    ...(prefix ? { conditions: [{ test: "StringLike", variable: "s3:prefix", values: [prefix, `${prefix}*`] }] } : {}),
  };
}

export function readLedger(): Statement {
  return { actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"], resources: [ledger.arn] };
}

/** Items are never deleted: links expire by themselves, all else is the record of what happened. */
export function writeLedger(): Statement {
  return {
    actions: ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem", "dynamodb:BatchWriteItem"],
    resources: [ledger.arn],
  };
}

/** A machine's ARN before the machine exists: its tasks may need to ask about its executions. */
export function machineArn(physicalName: string): $util.Output<string> {
  return arnOf("states", `stateMachine:${physicalName}`);
}

export function executionsOf(physicalName: string): $util.Output<string> {
  return arnOf("states", `execution:${physicalName}:*`);
}
