/** Everything random in the engine: identifiers, task tokens, jitter, `$random()`. */
import { createHash, randomBytes, randomUUID } from "node:crypto";

export interface Chance {
  uuid(): string;
  /** In [0, 1). */
  random(): number;
  /** Opaque text that nobody can guess, as AWS hands out for a task. */
  taskToken(): string;
}

/** The beginning of every task token, as on AWS. */
const TOKEN_PREFIX = "AQCEAAAAKgAAAAMAAAAAAAAAA";

/** Whether an engine may have handed out the token, now or earlier. */
export function isTokenOfOurs(token: string): boolean {
  return token.startsWith(TOKEN_PREFIX);
}

/** Draws from the operating system. */
export const trueChance: Chance = {
  uuid: () => randomUUID(),
  random: () => Math.random(),
  taskToken: () => `${TOKEN_PREFIX}${randomBytes(240).toString("base64")}`,
};

/** Draws the same sequence for the same seed. For tests and replays: its tokens can be guessed. */
export function seededChance(seed: number | string): Chance {
  let drawn = 0;
  const draw = () => createHash("sha256").update(`${seed}/${drawn++}`).digest();
  return {
    uuid() {
      const bytes = draw().subarray(0, 16);
      bytes[6] = (bytes[6]! & 0x0f) | 0x40;
      bytes[8] = (bytes[8]! & 0x3f) | 0x80;
      const hex = bytes.toString("hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
    },
    random: () => draw().readUIntBE(0, 6) / 2 ** 48,
    taskToken: () => `${TOKEN_PREFIX}${draw().toString("base64")}`,
  };
}
