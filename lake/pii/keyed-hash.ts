import { createHmac } from "node:crypto";
import { PiiKeyUnusable } from "../errors.ts";

/** As many as the hash gives: a shorter secret could be tried out sooner than the hash. */
export const SECRET_BYTES = 32;
/** Days whose keys are held. */
const MAX_DAY_KEYS = 512;

/**
 * Replaces values by pseudonyms: equal values of one day have equal ones, and nobody without the secret can try values out.
 * Each day has a key of its own, so nobody is followed from one day to the next. The day is that of the event, so a file
 * that is read again, whenever that is, gives the same pseudonyms.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2104
 */
export class KeyedHash {
  readonly #secret: Uint8Array;
  readonly #dayKeys = new Map<string, Uint8Array>();

  /** @throws {PiiKeyUnusable} When the secret is too short. */
  constructor(secret: Uint8Array) {
    if (secret.length < SECRET_BYTES)
      throw new PiiKeyUnusable(`it has ${secret.length} bytes, expected at least ${SECRET_BYTES}`);
    this.#secret = secret;
  }

  /**
   * @param date - `YYYY-MM-DD` of the event.
   * @returns 32 hexadecimal digits: the first half of HMAC-SHA256.
   */
  hash(value: string | Uint8Array, date: string): string {
    return createHmac("sha256", this.#dayKey(date)).update(value).digest("hex").slice(0, 32);
  }

  #dayKey(date: string): Uint8Array {
    let key = this.#dayKeys.get(date);
    if (!key) {
      if (this.#dayKeys.size === MAX_DAY_KEYS) this.#dayKeys.clear();
      key = createHmac("sha256", this.#secret).update(date).digest();
      this.#dayKeys.set(date, key);
    }
    return key;
  }
}
