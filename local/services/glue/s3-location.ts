/** Addresses such as `s3://bucket/key`, which say where tables and results lie. */

/** A bucket and a key or key prefix, the key without a leading slash. */
export interface S3Location {
  bucket: string;
  key: string;
}

/**
 * Takes an `s3://bucket/key` address apart.
 *
 * @returns Null when the text is not an S3 address. `s3a://` and `s3n://` are Hive's older names for the same thing.
 */
export function parseS3Location(uri: string): S3Location | null {
  const match = /^s3[an]?:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  return match ? { bucket: match[1]!, key: match[2] ?? "" } : null;
}

/** The address as a folder: exactly one slash at the end, so that `cloudfront` does not match `cloudfront-v2/`. */
export function asFolder({ bucket, key }: S3Location): S3Location {
  return { bucket, key: key === "" || key.endsWith("/") ? key : `${key}/` };
}
