/**
 * Links that live as long as they say: a random token in the ledger that stands for an object. A presigned URL cannot
 * outlive the credentials that signed it, which for a Lambda function is hours; so the link leads to a function that signs
 * a fresh one for each visit.
 */

import { GetObjectCommand } from "@aws-sdk/client-s3";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { ObjectRef } from "../../lake/object-ref.ts";
import { documents, s3 } from "../clients.ts";
import { environment } from "../environment.ts";

/** The files of one report version, by extension, that a token opens. */
interface Link {
  report: string;
  date: string;
  version: number;
  files: Readonly<Record<string, ObjectRef>>;
  /** Milliseconds since 1970. */
  expiresAtMs: number;
}

/** Stores the link under its token, or moves its end when it is there already. */
export async function putLink(token: string, link: Link): Promise<void> {
  await documents.send(
    new PutCommand({
      TableName: environment("LEDGER_TABLE"),
      Item: {
        pk: `link#${token}`,
        sk: "link",
        report: link.report,
        date: link.date,
        version: link.version,
        files: link.files,
        expiresAtMs: link.expiresAtMs,
        // DynamoDB's own clean-up counts seconds and may come days late, so `findLink` looks at the time itself.
        expiresAt: Math.ceil(link.expiresAtMs / 1000),
      },
    }),
  );
}

export async function findLink(token: string): Promise<Link | undefined> {
  const { Item } = await documents.send(
    new GetCommand({ TableName: environment("LEDGER_TABLE"), Key: { pk: `link#${token}`, sk: "link" } }),
  );
  return Item as Link | undefined;
}

/** A URL that opens the object in a browser for `seconds`, under the given file name. */
export async function presignedUrl({ bucket, key }: ObjectRef, fileName: string, seconds: number): Promise<string> {
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    ResponseContentDisposition: `inline; filename="${fileName}"`,
    ResponseCacheControl: "private, no-store",
  });
  return getSignedUrl(s3, command, { expiresIn: seconds });
}
