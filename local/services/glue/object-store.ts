/** What the catalog, its crawlers and Athena need of object storage. Local S3 gives it; nothing else of S3 is known here. */

/** One stored object. */
export interface StoredObject {
  key: string;
  /** Bytes. */
  size: number;
}

export interface ObjectStore {
  /** Every object whose key starts with `prefix`, in key order. An absent bucket is an error. */
  list(bucket: string, prefix: string): AsyncIterable<StoredObject>;
  /** The plain file that holds an object's bytes. The file need not exist. */
  localPath(bucket: string, key: string): string;
  /** Stores or replaces an object whole. */
  put(bucket: string, key: string, body: Uint8Array): Promise<void>;
}

/** A bucket and a key or key prefix, the key without a leading slash. */
export interface S3Location {
  bucket: string;
  key: string;
}

/**
 * Takes an `s3://bucket/key` address apart.
 *
 * @returns Null when the text is no S3 address. `s3a://` and `s3n://` are Hive's older names for the same thing.
 */
export function parseS3Location(uri: string): S3Location | null {
  const match = /^s3[an]?:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  return match ? { bucket: match[1]!, key: match[2] ?? "" } : null;
}

/** The address as a folder: exactly one slash at the end, so that `cloudfront` does not match `cloudfront-v2/`. */
export function asFolder({ bucket, key }: S3Location): S3Location {
  return { bucket, key: key === "" || key.endsWith("/") ? key : `${key}/` };
}
