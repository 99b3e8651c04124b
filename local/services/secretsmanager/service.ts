/**
 * Secrets Manager: secrets with their versions. What one is for stays here: values lie in the cloud's database, under its
 * folder, as they are.
 */
import { randomBytes, randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-secrets-manager";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { Service } from "../../wire/service.ts";

const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
const GENERATED_BYTES = 48;

interface SecretRow {
  arn: string;
  name: string;
  description: string;
  created_ms: number;
}

interface VersionRow {
  version_id: string;
  stages: string;
  text: string | null;
  binary: Uint8Array | null;
  created_ms: number;
}

interface Value {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}

export class Secrets {
  readonly service: Service;
  readonly #store: Store;
  readonly #region: string;
  readonly #accountId: string;
  readonly #now: () => number;

  constructor({
    store,
    region,
    accountId,
    now,
  }: { store: Store; region: string; accountId: string; now: () => number }) {
    this.#store = store;
    this.#region = region;
    this.#accountId = accountId;
    this.#now = now;
    store.define(`
      CREATE TABLE IF NOT EXISTS secrets (
        arn TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS secret_versions (
        arn TEXT NOT NULL, version_id TEXT NOT NULL, stages TEXT NOT NULL, text TEXT, binary BLOB, created_ms INTEGER NOT NULL,
        PRIMARY KEY (arn, version_id)) STRICT;`);
    this.service = { namespace: "secretsmanager", operations: this.#operations() };
  }

  /** Makes a secret that is deployed, or brings its description up to date. */
  deploy(secret: { arn: string; name: string; description: string }): void {
    this.#store.run(
      "INSERT INTO secrets VALUES (?, ?, ?, ?) ON CONFLICT (arn) DO UPDATE SET description = excluded.description",
      secret.arn,
      secret.name,
      secret.description,
      this.#now(),
    );
  }

  /** Gives a secret without a value a random one. */
  generate(arn: string): void {
    if (!this.#version(arn, CURRENT))
      this.#put(arn, { SecretString: randomBytes(GENERATED_BYTES).toString("base64url") });
  }

  #put(arn: string, { SecretString, SecretBinary }: Value, token: string = randomUUID()): string {
    const known = this.#store.get<VersionRow>(
      "SELECT * FROM secret_versions WHERE arn = ? AND version_id = ?",
      arn,
      token,
    );
    if (known) {
      const isSame =
        known.text === (SecretString ?? null) && Buffer.from(known.binary ?? []).equals(SecretBinary ?? Buffer.of());
      if (isSame) return token;
      throw new ServiceError(
        "ResourceExistsException",
        `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
      );
    }
    this.#store.transaction(() => {
      this.#store.run("UPDATE secret_versions SET stages = '[]' WHERE arn = ? AND stages = ?", arn, stages(PREVIOUS));
      this.#store.run(
        "UPDATE secret_versions SET stages = ? WHERE arn = ? AND stages = ?",
        stages(PREVIOUS),
        arn,
        stages(CURRENT),
      );
      this.#store.run(
        "INSERT INTO secret_versions VALUES (?, ?, ?, ?, ?, ?)",
        arn,
        token,
        stages(CURRENT),
        SecretString ?? null,
        SecretBinary ?? null,
        this.#now(),
      );
    });
    return token;
  }

  #secret(id: string | undefined): SecretRow {
    const found = this.#store.get<SecretRow>("SELECT * FROM secrets WHERE arn = ?1 OR name = ?1", id ?? "");
    if (!found) throw new ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    return found;
  }

  #version(arn: string, stage: string): VersionRow | undefined {
    return this.#store.get<VersionRow>(
      "SELECT * FROM secret_versions WHERE arn = ? AND stages = ?",
      arn,
      stages(stage),
    );
  }

  #describe({ arn, name, description, created_ms }: SecretRow) {
    const versions = this.#store.all<VersionRow>(
      "SELECT * FROM secret_versions WHERE arn = ? ORDER BY created_ms, rowid",
      arn,
    );
    const changed = new Date(versions.at(-1)?.created_ms ?? created_ms);
    return {
      ARN: arn,
      Name: name,
      ...(description && { Description: description }),
      CreatedDate: new Date(created_ms),
      LastChangedDate: changed,
      versions: Object.fromEntries(
        versions
          .filter((version) => version.stages !== "[]")
          .map((version) => [version.version_id, JSON.parse(version.stages) as string[]]),
      ),
    };
  }

  #operations(): Service["operations"] {
    return {
      CreateSecret: (input: api.CreateSecretCommandInput) => {
        const name = input.Name ?? "";
        if (!/^[\w/+=.@-]{1,512}$/.test(name))
          throw new ServiceError("InvalidParameterException", `Invalid name: ${name}`);
        if (this.#store.get("SELECT 1 FROM secrets WHERE name = ?", name))
          throw new ServiceError(
            "ResourceExistsException",
            `The operation failed because the secret ${name} already exists.`,
          );
        const suffix = randomBytes(6).toString("base64url").replaceAll(/[_-]/g, "x").slice(0, 6);
        const arn = `arn:aws:secretsmanager:${this.#region}:${this.#accountId}:secret:${name}-${suffix}`;
        this.deploy({ arn, name, description: input.Description ?? "" });
        const hasValue = input.SecretString !== undefined || input.SecretBinary !== undefined;
        return {
          ARN: arn,
          Name: name,
          ...(hasValue && { VersionId: this.#put(arn, input, input.ClientRequestToken) }),
        };
      },
      DescribeSecret: (input: api.DescribeSecretCommandInput) => {
        const { versions, ...secret } = this.#describe(this.#secret(input.SecretId));
        return { ...secret, VersionIdsToStages: versions };
      },
      ListSecrets: () => ({
        SecretList: this.#store.all<SecretRow>("SELECT * FROM secrets ORDER BY name").map((row) => {
          const { versions, ...secret } = this.#describe(row);
          return { ...secret, SecretVersionsToStages: versions };
        }),
      }),
      PutSecretValue: (input: api.PutSecretValueCommandInput) => {
        const { arn, name } = this.#secret(input.SecretId);
        if (input.SecretString === undefined && input.SecretBinary === undefined)
          throw new ServiceError("InvalidParameterException", "You must provide either SecretString or SecretBinary.");
        if (input.VersionStages && input.VersionStages.join() !== CURRENT)
          throw new ServiceError("InvalidParameterException", "The embedded cloud puts values at AWSCURRENT only");
        const versionId = this.#put(arn, input, input.ClientRequestToken);
        return { ARN: arn, Name: name, VersionId: versionId, VersionStages: [CURRENT] };
      },
      GetSecretValue: (input: api.GetSecretValueCommandInput) => {
        const { arn, name } = this.#secret(input.SecretId);
        const stage = input.VersionStage ?? CURRENT;
        const version = input.VersionId
          ? this.#store.get<VersionRow>(
              "SELECT * FROM secret_versions WHERE arn = ? AND version_id = ?",
              arn,
              input.VersionId,
            )
          : this.#version(arn, stage);
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
          VersionId: version.version_id,
          VersionStages: JSON.parse(version.stages) as string[],
          CreatedDate: new Date(version.created_ms),
          ...(version.text !== null && { SecretString: version.text }),
          ...(version.binary !== null && { SecretBinary: version.binary }),
        };
      },
    };
  }
}

/** How the stages of a version are stored; each version has one at most here. */
const stages = (stage: string) => JSON.stringify([stage]);
