/** Secrets Manager: secrets with their current and their previous value. */
import { randomBytes } from "node:crypto";
import type * as api from "@aws-sdk/client-secrets-manager";
import { ServiceError } from "../../service-error.ts";
import type { Service } from "../../wire/service.ts";
import { CURRENT, type Secret, type Secrets } from "./secrets.ts";

export function secretsManagerService({ secrets }: { secrets: Secrets }): Service {
  return {
    namespace: "secretsmanager",
    operations: {
      CreateSecret(input: api.CreateSecretCommandInput, { region, accountId }) {
        const name = input.Name ?? "";
        if (!/^[\w/+=.@-]{1,512}$/.test(name))
          throw new ServiceError("InvalidParameterException", `Invalid name: ${name}`);
        if (secrets.hasName(name))
          throw new ServiceError(
            "ResourceExistsException",
            `The operation failed because the secret ${name} already exists.`,
          );
        const suffix = randomBytes(6).toString("base64url").replaceAll(/[_-]/g, "x").slice(0, 6);
        const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${suffix}`;
        secrets.deploy({ arn, name, description: input.Description ?? "" });
        const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
        return {
          ARN: arn,
          Name: name,
          ...(hasValue && { VersionId: secrets.put(arn, input, input.ClientRequestToken) }),
        };
      },
      DescribeSecret(input: api.DescribeSecretCommandInput) {
        const secret = secrets.get(input.SecretId ?? "");
        return { ...toApi(secrets, secret), VersionIdsToStages: stagesOf(secrets, secret) };
      },
      ListSecrets: () => ({
        SecretList: secrets
          .list()
          .map((secret) => ({ ...toApi(secrets, secret), SecretVersionsToStages: stagesOf(secrets, secret) })),
      }),
      PutSecretValue(input: api.PutSecretValueCommandInput) {
        const { arn, name } = secrets.get(input.SecretId ?? "");
        if (input.SecretString === undefined && input.SecretBinary === undefined)
          throw new ServiceError("InvalidParameterException", "You must provide either SecretString or SecretBinary.");
        if (input.VersionStages && input.VersionStages.join() !== CURRENT)
          throw new ServiceError("InvalidParameterException", "The embedded cloud puts values at AWSCURRENT only");
        const versionId = secrets.put(arn, input, input.ClientRequestToken);
        return { ARN: arn, Name: name, VersionId: versionId, VersionStages: [CURRENT] };
      },
      GetSecretValue(input: api.GetSecretValueCommandInput) {
        const { arn, name } = secrets.get(input.SecretId ?? "");
        const stage = input.VersionStage ?? CURRENT;
        const version = input.VersionId ? secrets.version(arn, input.VersionId) : secrets.versionAt(arn, stage);
        if (!version)
          throw new ServiceError(
            "ResourceNotFoundException",
            input.VersionId
              ? `Secrets Manager can't find the specified secret value for VersionId: ${input.VersionId}`
              : `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
          );
        return {
          ARN: arn,
          Name: name,
          VersionId: version.versionId,
          VersionStages: version.stages,
          CreatedDate: new Date(version.createdMs),
          ...(version.text !== undefined && { SecretString: version.text }),
          ...(version.binary !== undefined && { SecretBinary: version.binary }),
        };
      },
    },
  };
}

function toApi(secrets: Secrets, { arn, name, description, createdMs }: Secret) {
  return {
    ARN: arn,
    Name: name,
    ...(description && { Description: description }),
    CreatedDate: new Date(createdMs),
    LastChangedDate: new Date(secrets.versions(arn).at(-1)?.createdMs ?? createdMs),
  };
}

/** Versions without a stage are deprecated, and not shown. */
function stagesOf(secrets: Secrets, { arn }: Secret): Record<string, string[]> {
  return Object.fromEntries(
    secrets
      .versions(arn)
      .filter(({ stages }) => stages.length > 0)
      .map(({ versionId, stages }) => [versionId, stages]),
  );
}
