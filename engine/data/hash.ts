/** Hashes by the names that AWS gives to the algorithms. */
import { createHash } from "node:crypto";

const HASHES = new Set(["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"]);

export function hash(plain: string, algorithm: string): string {
  return createHash(algorithm.replace("SHA-", "sha").toLowerCase()).update(plain, "utf8").digest("hex");
}

export function isHashAlgorithm(name: string): boolean {
  return HASHES.has(name);
}
