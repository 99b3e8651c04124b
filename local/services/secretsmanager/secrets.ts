/**
 * Secrets and their versions. A value stays on this machine: in plain text in the cloud's database, below its folder.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";

export const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
const GENERATED_BYTES = 48;

export interface Secret {
  arn: string;
  name: string;
  description: string;
  createdMs: number;
}

interface SecretValue {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}

interface SecretVersion {
  versionId: string;
  /** At most one here: the current or the previous. */
  stages: string[];
  text: string | undefined;
  binary: Uint8Array | undefined;
  createdMs: number;
}

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

export class Secrets {
  readonly #store: Store;
  readonly #now: () => number;

  constructor({ store, now }: { store: Store; now: () => number }) {
    this.#store = store;
    this.#now = now;
    store.define(`
      CREATE TABLE IF NOT EXISTS secrets (
        arn TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, description TEXT NOT NULL, created_ms INTEGER NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS secret_versions (
        arn TEXT NOT NULL, version_id TEXT NOT NULL, stages TEXT NOT NULL, text TEXT, binary BLOB, created_ms INTEGER NOT NULL,
        PRIMARY KEY (arn, version_id)) STRICT;`);
  }

  /** Makes a secret that is deployed, or brings its description up to date. */
  deploy({ arn, name, description }: { arn: string; name: string; description: string }): void {
    this.#store.run(
      "INSERT INTO secrets VALUES (?, ?, ?, ?) ON CONFLICT (arn) DO UPDATE SET description = excluded.description",
      arn,
      name,
      description,
      this.#now(),
    );
  }

  /** Gives a secret without a value a random one. */
  generate(arn: string): void {
    if (!this.versionAt(arn, CURRENT))
      this.put(arn, { SecretString: randomBytes(GENERATED_BYTES).toString("base64url") });
  }

  hasName(name: string): boolean {
    return this.#store.get("SELECT 1 FROM secrets WHERE name = ?", name) !== undefined;
  }

  /**
   * @param id - Its name or its ARN.
   * @throws {ServiceError} `ResourceNotFoundException`.
   */
  get(id: string): Secret {
    const found = this.#store.get<SecretRow>("SELECT * FROM secrets WHERE arn = ?1 OR name = ?1", id);
    if (!found) throw new ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    return secretOf(found);
  }

  list(): Secret[] {
    return this.#store.all<SecretRow>("SELECT * FROM secrets ORDER BY name").map(secretOf);
  }

  /**
   * Makes a value the current one.
   *
   * @param versionId - The same id with the same value again changes nothing.
   * @returns The version's id.
   * @throws {ServiceError} `ResourceExistsException` when the id has another value.
   */
  put(arn: string, { SecretString, SecretBinary }: SecretValue, versionId: string = randomUUID()): string {
    const known = this.version(arn, versionId);
    if (known) {
      const isSame = known.text === SecretString && Buffer.from(known.binary ?? []).equals(SecretBinary ?? Buffer.of());
      if (isSame) return versionId;
      throw new ServiceError(
        "ResourceExistsException",
        `You can't use ClientRequestToken ${versionId} because that value is already in use for a version of secret ${arn}.`,
      );
    }
    this.#store.transaction(() => {
      const restage = "UPDATE secret_versions SET stages = ? WHERE arn = ? AND stages = ?";
      this.#store.run(restage, "[]", arn, stagesText(PREVIOUS));
      this.#store.run(restage, stagesText(PREVIOUS), arn, stagesText(CURRENT));
      this.#store.run(
        "INSERT INTO secret_versions VALUES (?, ?, ?, ?, ?, ?)",
        arn,
        versionId,
        stagesText(CURRENT),
        SecretString ?? null,
        SecretBinary ?? null,
        this.#now(),
      );
    });
    return versionId;
  }

  version(arn: string, versionId: string): SecretVersion | undefined {
    return versionOf(
      this.#store.get<VersionRow>("SELECT * FROM secret_versions WHERE arn = ? AND version_id = ?", arn, versionId),
    );
  }

  versionAt(arn: string, stage: string): SecretVersion | undefined {
    return versionOf(
      this.#store.get<VersionRow>("SELECT * FROM secret_versions WHERE arn = ? AND stages = ?", arn, stagesText(stage)),
    );
  }

  /** Oldest first. */
  versions(arn: string): SecretVersion[] {
    return this.#store
      .all<VersionRow>("SELECT * FROM secret_versions WHERE arn = ? ORDER BY created_ms, rowid", arn)
      .map((row) => versionOf(row)!);
  }
}

const stagesText = (stage: string) => JSON.stringify([stage]);

const secretOf = ({ created_ms, ...secret }: SecretRow): Secret => ({ ...secret, createdMs: created_ms });

function versionOf(row: VersionRow | undefined): SecretVersion | undefined {
  return (
    row && {
      versionId: row.version_id,
      stages: JSON.parse(row.stages) as string[],
      text: row.text ?? undefined,
      binary: row.binary ?? undefined,
      createdMs: row.created_ms,
    }
  );
}
