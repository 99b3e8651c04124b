/**
 * The shapes of API answers against which TestState's mocks are checked: types, lengths, ranges and enumerations from the
 * services' API references. An operation that is not here is not checked.
 */
import type { Shape } from "./shape.ts";

const string = (least?: number, most?: number): Shape => ({
  kind: "string",
  ...(least === undefined ? {} : { least }),
  ...(most === undefined ? {} : { most }),
});
const oneOf = (...values: string[]): Shape => ({ kind: "string", values });
const number = (least?: number, most?: number): Shape => ({
  kind: "number",
  ...(least === undefined ? {} : { least }),
  ...(most === undefined ? {} : { most }),
});
const boolean: Shape = { kind: "boolean" };
const blob = (least?: number, most?: number): Shape => ({
  kind: "blob",
  ...(least === undefined ? {} : { least }),
  ...(most === undefined ? {} : { most }),
});
const list = (of: Shape): Shape => ({ kind: "list", of });
const map = (of: Shape): Shape => ({ kind: "map", of });
const structure = (members: Record<string, Shape>): Shape => ({ kind: "structure", members });
const required = (shape: Shape): Shape => ({ ...shape, required: true });

const attributeValue: Shape = structure({
  S: string(),
  N: string(),
  B: blob(),
  SS: list(string()),
  NS: list(string()),
  BS: list(blob()),
  M: map({ kind: "any" }),
  L: list({ kind: "any" }),
  NULL: boolean,
  BOOL: boolean,
});
const capacity: Record<string, Shape> = {
  CapacityUnits: number(),
  ReadCapacityUnits: number(),
  WriteCapacityUnits: number(),
};
const consumedCapacity = structure({
  TableName: string(),
  ...capacity,
  Table: structure(capacity),
  LocalSecondaryIndexes: map(structure(capacity)),
  GlobalSecondaryIndexes: map(structure(capacity)),
});
const item = map(attributeValue);
const writeItem: Record<string, Shape> = {
  Attributes: item,
  ConsumedCapacity: consumedCapacity,
  ItemCollectionMetrics: structure({ ItemCollectionKey: item, SizeEstimateRangeGB: list(number()) }),
};
const getItem: Record<string, Shape> = { Item: item, ConsumedCapacity: consumedCapacity };
const page = {
  Items: list(item),
  Count: number(),
  ScannedCount: number(),
  LastEvaluatedKey: item,
  ConsumedCapacity: consumedCapacity,
};

const startExecution = { ExecutionArn: required(string(1, 256)), StartDate: required(string()) };
const executionStatus = oneOf("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE");
const describeExecution = {
  ExecutionArn: required(string(1, 256)),
  StateMachineArn: required(string(1, 256)),
  Name: string(1, 80),
  Status: required(executionStatus),
  StartDate: required(string()),
  StopDate: string(),
  Input: { kind: "any" } as Shape,
  Output: { kind: "any" } as Shape,
  Error: string(0, 256),
  Cause: string(0, 32768),
};
const putEvents = {
  FailedEntryCount: number(),
  Entries: list(structure({ EventId: string(), ErrorCode: string(), ErrorMessage: string() })),
};
const sendMessage = {
  MD5OfMessageBody: string(),
  MD5OfMessageAttributes: string(),
  MD5OfMessageSystemAttributes: string(),
  MessageId: string(),
  SequenceNumber: string(),
};
const publish = { MessageId: string(), SequenceNumber: string() };

const storageClass = oneOf(
  "STANDARD",
  "REDUCED_REDUNDANCY",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER",
  "DEEP_ARCHIVE",
  "OUTPOSTS",
  "GLACIER_IR",
  "SNOW",
  "EXPRESS_ONEZONE",
  "FSX_OPENZFS",
);
const encryption = {
  ServerSideEncryption: oneOf("AES256", "aws:fsx", "aws:kms", "aws:kms:dsse"),
  SSECustomerAlgorithm: string(),
  SSECustomerKeyMD5: string(),
  SSEKMSKeyId: string(),
  BucketKeyEnabled: boolean,
  RequestCharged: oneOf("requester"),
};
const checksums = {
  ChecksumCRC32: string(),
  ChecksumCRC32C: string(),
  ChecksumCRC64NVME: string(),
  ChecksumSHA1: string(),
  ChecksumSHA256: string(),
  ChecksumType: oneOf("COMPOSITE", "FULL_OBJECT"),
};
const s3Object = {
  DeleteMarker: boolean,
  AcceptRanges: string(),
  Expiration: string(),
  Restore: string(),
  LastModified: string(),
  ContentLength: number(),
  ETag: string(),
  ...checksums,
  MissingMeta: number(),
  VersionId: string(),
  CacheControl: string(),
  ContentDisposition: string(),
  ContentEncoding: string(),
  ContentLanguage: string(),
  ContentRange: string(),
  ContentType: string(),
  Expires: string(),
  ExpiresString: string(),
  WebsiteRedirectLocation: string(),
  ...encryption,
  Metadata: map(string()),
  StorageClass: storageClass,
  ReplicationStatus: oneOf("COMPLETE", "PENDING", "FAILED", "REPLICA", "COMPLETED"),
  PartsCount: number(),
  TagCount: number(),
  ObjectLockMode: oneOf("GOVERNANCE", "COMPLIANCE"),
  ObjectLockRetainUntilDate: string(),
  ObjectLockLegalHoldStatus: oneOf("ON", "OFF"),
};

const kmsEncryptionAlgorithm = oneOf("SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE");
const runtimes = oneOf(
  "nodejs",
  "nodejs4.3",
  "nodejs6.10",
  "nodejs8.10",
  "nodejs10.x",
  "nodejs12.x",
  "nodejs14.x",
  "nodejs16.x",
  "nodejs18.x",
  "nodejs20.x",
  "nodejs22.x",
  "nodejs24.x",
  "nodejs4.3-edge",
  "java8",
  "java8.al2",
  "java11",
  "java17",
  "java21",
  "java25",
  "python2.7",
  "python3.6",
  "python3.7",
  "python3.8",
  "python3.9",
  "python3.10",
  "python3.11",
  "python3.12",
  "python3.13",
  "python3.14",
  "dotnetcore1.0",
  "dotnetcore2.0",
  "dotnetcore2.1",
  "dotnetcore3.1",
  "dotnet6",
  "dotnet8",
  "dotnet10",
  "go1.x",
  "ruby2.5",
  "ruby2.7",
  "ruby3.2",
  "ruby3.3",
  "ruby3.4",
  "provided",
  "provided.al2",
  "provided.al2023",
); // prettier-ignore
const functionConfiguration = structure({
  FunctionName: string(),
  FunctionArn: string(),
  Runtime: runtimes,
  Role: string(),
  Handler: string(0, 128),
  CodeSize: number(),
  Description: string(0, 256),
  Timeout: number(1),
  MemorySize: number(128, 10240),
  LastModified: string(),
  CodeSha256: string(),
  Version: string(1, 1024),
  VpcConfig: structure({
    SubnetIds: list(string()),
    SecurityGroupIds: list(string()),
    VpcId: string(),
    Ipv6AllowedForDualStack: boolean,
  }),
  DeadLetterConfig: structure({ TargetArn: string() }),
  Environment: structure({ Variables: map(string()), Error: structure({ ErrorCode: string(), Message: string() }) }),
  KMSKeyArn: string(),
  TracingConfig: structure({ Mode: oneOf("Active", "PassThrough") }),
  MasterArn: string(),
  RevisionId: string(),
  Layers: list(
    structure({ Arn: string(1, 140), CodeSize: number(), SigningProfileVersionArn: string(), SigningJobArn: string() }),
  ),
  State: oneOf(
    "Pending",
    "Active",
    "Inactive",
    "Failed",
    "Deactivating",
    "Deactivated",
    "ActiveNonInvocable",
    "Deleting",
  ),
  StateReason: string(),
  StateReasonCode: string(),
  LastUpdateStatus: oneOf("Successful", "Failed", "InProgress"),
  PackageType: oneOf("Zip", "Image"),
  Architectures: list(oneOf("x86_64", "arm64")),
  EphemeralStorage: structure({ Size: required(number(512, 10240)) }),
  SnapStart: structure({ ApplyOn: oneOf("PublishedVersions", "None"), OptimizationStatus: oneOf("On", "Off") }),
  LoggingConfig: structure({ LogFormat: oneOf("JSON", "Text"), LogGroup: string(1, 512) }),
});

export const resultShapes: Record<string, Record<string, Shape>> = {
  "lambda:invoke": {
    StatusCode: number(),
    FunctionError: string(),
    LogResult: string(),
    Payload: { kind: "any" },
    ExecutedVersion: string(1, 1024),
  },
  "states:startExecution": startExecution,
  "states:startExecution.sync": describeExecution,
  "states:startExecution.sync:2": describeExecution,
  "sqs:sendMessage": sendMessage,
  "sns:publish": publish,
  "events:putEvents": putEvents,
  "dynamodb:getItem": getItem,
  "dynamodb:putItem": writeItem,
  "dynamodb:updateItem": writeItem,
  "dynamodb:deleteItem": writeItem,
  "aws-sdk:dynamodb:getItem": getItem,
  "aws-sdk:dynamodb:putItem": writeItem,
  "aws-sdk:dynamodb:updateItem": writeItem,
  "aws-sdk:dynamodb:deleteItem": writeItem,
  "aws-sdk:dynamodb:query": page,
  "aws-sdk:dynamodb:scan": page,
  "aws-sdk:sfn:startExecution": startExecution,
  "aws-sdk:sfn:describeExecution": describeExecution,
  "aws-sdk:sqs:sendMessage": sendMessage,
  "aws-sdk:sns:publish": publish,
  "aws-sdk:eventbridge:putEvents": putEvents,
  "aws-sdk:s3:getObject": { Body: blob(), ...s3Object },
  "aws-sdk:s3:headObject": { ...s3Object, ArchiveStatus: oneOf("ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS") },
  "aws-sdk:s3:putObject": {
    Expiration: string(),
    ETag: string(),
    ...checksums,
    VersionId: string(),
    ...encryption,
    SSEKMSEncryptionContext: string(),
    Size: number(),
  },
  "aws-sdk:s3:listBuckets": {
    Buckets: list(structure({ Name: string(), CreationDate: string(), BucketRegion: string(), BucketArn: string() })),
    Owner: structure({ DisplayName: string(), ID: string() }),
    ContinuationToken: string(),
    Prefix: string(),
  },
  "aws-sdk:s3:listObjectsV2": {
    IsTruncated: boolean,
    Contents: list(
      structure({ Key: string(1), LastModified: string(), ETag: string(), Size: number(), StorageClass: storageClass }),
    ),
    Name: string(),
    Prefix: string(),
    Delimiter: string(),
    MaxKeys: number(),
    CommonPrefixes: list(structure({ Prefix: string() })),
    KeyCount: number(),
    ContinuationToken: string(),
    NextContinuationToken: string(),
    StartAfter: string(),
  },
  "aws-sdk:kms:encrypt": {
    CiphertextBlob: blob(1, 6144),
    KeyId: string(1, 2048),
    EncryptionAlgorithm: kmsEncryptionAlgorithm,
  },
  "aws-sdk:kms:decrypt": {
    KeyId: string(1, 2048),
    Plaintext: blob(1, 4096),
    EncryptionAlgorithm: kmsEncryptionAlgorithm,
    CiphertextForRecipient: blob(1, 6144),
  },
  "aws-sdk:lambda:getFunction": {
    Configuration: functionConfiguration,
    Code: structure({
      RepositoryType: string(),
      Location: string(),
      ImageUri: string(),
      ResolvedImageUri: string(),
      SourceKMSKeyArn: string(),
    }),
    Tags: map(string()),
    TagsError: structure({ ErrorCode: required(string(10, 21)), Message: required(string(84, 1000)) }),
    Concurrency: structure({ ReservedConcurrentExecutions: number(0) }),
  },
  "aws-sdk:lambda:invoke": {
    StatusCode: number(),
    FunctionError: string(),
    LogResult: string(),
    Payload: { kind: "any" },
    ExecutedVersion: string(1, 1024),
  },
};
