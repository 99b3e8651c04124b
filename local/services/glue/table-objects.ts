/** The objects in which tables lie: all that the crawlers and Athena know of object storage. Local S3 provides them. */

/** One stored object. */
export interface TableObject {
  key: string;
  /** Bytes. */
  size: number;
}

export interface TableObjects {
  /** Every object whose key starts with `prefix`, in key order. An absent bucket is an error. */
  list(bucket: string, prefix: string): AsyncIterable<TableObject>;
  /** The plain file that holds an object's bytes. The file need not exist. */
  localPath(bucket: string, key: string): string;
  /** Stores or replaces an object whole. */
  put(bucket: string, key: string, body: Uint8Array): Promise<void>;
}
