import { createHmac, hash } from "node:crypto";
import { PiiKeyUnusable } from "../errors.ts";

/** The hash's own length: a shorter secret could be guessed sooner than the hash. */
const SECRET_BYTES = 32;
/** Days whose keys are held. */
const MAX_DAY_KEYS = 512;

/** Bytes of a block of SHA-256 and of its result. */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/**
 * Replaces values by pseudonyms. Equal values of one day have equal pseudonyms, and without the secret values cannot be tried
 * out. Each day has its own key, so a person cannot be followed from one day to the next. The day is the event's, so a file that
 * is read again later gives the same pseudonyms.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2104
 */
export class KeyedHash {
  readonly #secret: Uint8Array;
  readonly #days = new Map<string, DayKey>();
  /** Input of the first hash: the padded key and the value. */
  #inner = Buffer.alloc(BLOCK_BYTES + 1024);
  readonly #outer = Buffer.alloc(BLOCK_BYTES + HASH_BYTES);

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
  hash(value: string, date: string): string {
    const { innerPad, outerPad } = this.#day(date);
    const mostBytes = BLOCK_BYTES + 3 * value.length;
    if (mostBytes > this.#inner.length) this.#inner = Buffer.alloc(2 * mostBytes);
    // In two calls, because `createHmac` makes an object that costs six times the hash.
    this.#inner.set(innerPad);
    const length = BLOCK_BYTES + this.#inner.write(value, BLOCK_BYTES);
    this.#outer.set(outerPad);
    this.#outer.set(hash("sha256", this.#inner.subarray(0, length), "buffer"), BLOCK_BYTES);
    return hash("sha256", this.#outer, "hex").slice(0, HASH_BYTES);
  }

  #day(date: string): DayKey {
    let day = this.#days.get(date);
    if (!day) {
      if (this.#days.size === MAX_DAY_KEYS) this.#days.clear();
      const key = createHmac("sha256", this.#secret).update(date).digest();
      day = { innerPad: padded(key, INNER_PAD), outerPad: padded(key, OUTER_PAD) };
      this.#days.set(date, day);
    }
    return day;
  }
}

interface DayKey {
  readonly innerPad: Uint8Array;
  readonly outerPad: Uint8Array;
}

function padded(key: Uint8Array, pad: number): Uint8Array {
  return Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ pad);
}
