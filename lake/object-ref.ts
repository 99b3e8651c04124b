/** One object in S3: which bucket, and the key as it is (not form-encoded, as SQS events have it). */
export interface ObjectRef {
  bucket: string;
  key: string;
}

/** The object the way people and the AWS CLI write it. */
export function s3Uri({ bucket, key }: ObjectRef): string {
  return `s3://${bucket}/${key}`;
}
