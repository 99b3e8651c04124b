import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { PiiKeyUnusable } from "../lake/errors.ts";
import { KeyedHash } from "../lake/pii/keyed-hash.ts";
import { environment } from "./environment.ts";

// Not in clients.ts, as only Parse needs it.
const secretsManager = new SecretsManagerClient({ maxAttempts: 5 });

/** The longest time for which a function uses a secret after it was replaced. */
const KEEP_MS = 5 * 60_000;

let kept: { key: KeyedHash; untilMs: number } | undefined;

/**
 * The key that personal data is hashed with. It is read again after a while, not for each call.
 *
 * @throws {PiiKeyUnusable} When the secret has no value yet, or one that could be guessed.
 */
export async function piiKey(): Promise<KeyedHash> {
  if (kept && kept.untilMs > Date.now()) return kept.key;
  const key = new KeyedHash(await readSecret(secretArn()));
  kept = { key, untilMs: Date.now() + KEEP_MS };
  return key;
}

function secretArn(): string {
  try {
    return environment("PII_SECRET_ARN");
  } catch (error) {
    throw new PiiKeyUnusable("this function was deployed before a source hashed, so it was given none", error);
  }
}

async function readSecret(arn: string): Promise<Uint8Array> {
  try {
    const { SecretString, SecretBinary } = await secretsManager.send(new GetSecretValueCommand({ SecretId: arn }));
    return SecretBinary ?? Buffer.from(SecretString ?? "");
  } catch (error) {
    if (error instanceof ResourceNotFoundException) throw new PiiKeyUnusable(`${arn} has no value`, error);
    throw error;
  }
}
