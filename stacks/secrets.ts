/**
 * The secret that personal data is hashed with; only where a source hashes.
 *
 * It is in Secrets Manager, not in a variable of the function as an `sst.Secret` would be: whoever may look at a function
 * sees its variables, and a value there is read by the console and by `sst shell`. Reading a secret has a permission of its
 * own, and is logged.
 */
import { hashes } from "../lake/pii/policy.ts";
import config from "../sluice.config.ts";
import { isProduction, named } from "./names.ts";
import type { Statement } from "./roles.ts";

const isNeeded = Object.values(config.sources).some(({ pii }) => hashes(pii));

export const piiSecret = isNeeded ? generatedSecret() : undefined;

/** Secrets Manager makes the value up, once: a later deployment leaves it alone, as does whoever puts one of his own. */
function generatedSecret(): aws.secretsmanager.Secret {
  // In prod it outlives the stage: without it nobody can tell which pseudonyms are of the same value.
  const options = { retainOnDelete: isProduction };
  const secret = new aws.secretsmanager.Secret(
    "PiiSecret",
    {
      name: named("PiiSecret"),
      description: "What personal data is hashed with, a key a day. docs/pii.md says how to replace it.",
      // Elsewhere a stage of the same name can be made again at once.
      recoveryWindowInDays: isProduction ? 30 : 0,
    },
    options,
  );
  const { randomPassword } = aws.secretsmanager.getRandomPasswordOutput({
    passwordLength: 64,
    excludePunctuation: true,
  });
  new aws.secretsmanager.SecretVersion(
    "PiiSecretValue",
    { secretId: secret.arn, secretString: $util.secret(randomPassword) },
    { ...options, ignoreChanges: ["secretString"] },
  );
  return secret;
}

export const readPiiSecret: Statement[] = piiSecret
  ? [{ actions: ["secretsmanager:GetSecretValue"], resources: [piiSecret.arn] }]
  : [];
