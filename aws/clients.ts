/**
 * One client per service and process, so that connections are used again. The SDK's own attempts cover what passes in
 * seconds; whatever lasts longer is the state machine's business.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GlueClient } from "@aws-sdk/client-glue";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

const MAX_ATTEMPTS = 5;

export const s3 = new S3Client({ maxAttempts: MAX_ATTEMPTS });

export const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: MAX_ATTEMPTS }), {
  marshallOptions: { removeUndefinedValues: true },
});

export const glue = new GlueClient({ maxAttempts: MAX_ATTEMPTS });

export const stepFunctions = new SFNClient({ maxAttempts: MAX_ATTEMPTS });
