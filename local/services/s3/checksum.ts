/** The checksums that S3 clients send along: in a header, or after the body in a trailer. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";

export const ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export type ChecksumAlgorithm = (typeof ALGORITHMS)[number];

export interface Checksum {
  algorithm: ChecksumAlgorithm;
  /** Base64, with `-<parts>` after it when it is made of the parts' checksums. */
  value: string;
  type: "FULL_OBJECT" | "COMPOSITE";
}

interface Digest {
  update(bytes: Uint8Array): void;
  /** Base64. */
  finish(): Promise<string> | string;
}

export function digestOf(algorithm: ChecksumAlgorithm): Digest {
  switch (algorithm) {
    case "CRC32": {
      let state = 0;
      return {
        update: (bytes) => {
          state = crc32(bytes, state);
        },
        finish: () => {
          const bytes = Buffer.alloc(4);
          bytes.writeUInt32BE(state);
          return bytes.toString("base64");
        },
      };
    }
    case "CRC32C":
    case "CRC64NVME": {
      const hash = algorithm === "CRC32C" ? new Crc32c() : new Crc64Nvme();
      return {
        update: (bytes) => hash.update(bytes),
        finish: async () => Buffer.from(await hash.digest()).toString("base64"),
      };
    }
    case "SHA1":
    case "SHA256": {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => void hash.update(bytes), finish: () => hash.digest("base64") };
    }
  }
}

export const headerOf = (algorithm: ChecksumAlgorithm) => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** The checksum of checksums that a multipart object has when its parts bring their own. */
export async function compositeChecksum(algorithm: ChecksumAlgorithm, parts: string[]): Promise<Checksum> {
  const digest = digestOf(algorithm);
  for (const part of parts) digest.update(Buffer.from(part, "base64"));
  return { algorithm, value: `${await digest.finish()}-${parts.length}`, type: "COMPOSITE" };
}
