import { createHmac } from "node:crypto";

/**
 * Replaces values by pseudonyms: equal values of one day have equal ones, and nobody without the secret can try values out.
 * Each day has a key of its own, so nobody is followed from one day to the next.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2104
 */
export class KeyedHash {
  readonly #secret: Uint8Array;
  #date = "";
  #dayKey = Buffer.alloc(0);

  /** @throws {Error} When the secret has less than 32 bytes. */
  constructor(secret: Uint8Array) {
    if (secret.length < 32) throw new Error(`The hash secret has ${secret.length} bytes, expected at least 32`);
    this.#secret = secret;
  }

  /**
   * @param date - `YYYY-MM-DD` of the event.
   * @returns 32 hexadecimal digits: the first half of HMAC-SHA256.
   */
  hash(value: string | Uint8Array, date: string): string {
    if (date !== this.#date) {
      this.#dayKey = createHmac("sha256", this.#secret).update(date).digest();
      this.#date = date;
    }
    return createHmac("sha256", this.#dayKey).update(value).digest("hex").slice(0, 32);
  }
}
