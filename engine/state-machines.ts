/** State machines: their records, revisions, versions and aliases, and the compiled definitions. */
import { type CompiledMachine, compileMachine } from "./definition/machine.ts";
import type { Change, Store } from "./ports/store.ts";
import type { ExecutionType } from "./records/execution-record.ts";
import { unqualified } from "./values/arn.ts";
import type { JsonObject } from "./values/json.ts";

export interface StateMachineVersion {
  version: number;
  revisionId: string;
  description?: string | undefined;
  createdMs: number;
}

export interface StateMachineAlias {
  name: string;
  description?: string | undefined;
  routes: { version: number; weight: number }[];
  createdMs: number;
  updatedMs: number;
}

/** One state machine, without the text of its definition, which belongs to a revision. */
export interface StateMachineRecord {
  arn: string;
  name: string;
  type: ExecutionType;
  /** Empty for the first revision: AWS names only later ones. */
  revisionId: string;
  createdMs: number;
  roleArn: string;
  loggingConfiguration?: JsonObject | undefined;
  tracingConfiguration?: JsonObject | undefined;
  encryptionConfiguration?: JsonObject | undefined;
  tags: { key: string; value: string }[];
  versions: StateMachineVersion[];
  nextVersion: number;
  aliases: StateMachineAlias[];
}

/** A definition, with the settings that were current together with it. */
export interface Revision {
  id: string;
  definition: string;
  roleArn: string;
  loggingConfiguration?: JsonObject | undefined;
  tracingConfiguration?: JsonObject | undefined;
  createdMs: number;
}

/** The machine and the revision that an ARN stands for, with or without a qualifier. */
export interface ResolvedMachine {
  machine: StateMachineRecord;
  revisionId: string;
  versionArn?: string | undefined;
  aliasArn?: string | undefined;
}

export class StateMachines {
  readonly #store: Store;
  readonly #compiled = new Map<string, CompiledMachine>();

  constructor(store: Store) {
    this.#store = store;
  }

  get(arn: string): StateMachineRecord | undefined {
    const text = this.#store.get("stateMachines", arn);
    return text === undefined ? undefined : (JSON.parse(text) as StateMachineRecord);
  }

  list(): StateMachineRecord[] {
    return this.#store
      .list("stateMachines", { prefix: "" })
      .map(({ value }) => JSON.parse(value) as StateMachineRecord);
  }

  put(record: StateMachineRecord, revision?: Revision): void {
    const changes: Change[] = [{ collection: "stateMachines", key: record.arn, value: JSON.stringify(record) }];
    if (revision) {
      changes.push({ collection: "revisions", key: `${record.arn}/${revision.id}`, value: JSON.stringify(revision) });
    }
    this.#store.write(changes);
  }

  /** Deletes the machine. Its revisions stay: open executions go on with them. */
  delete(arn: string): void {
    this.#store.write([{ collection: "stateMachines", key: arn, value: undefined }]);
  }

  /** The id of a machine's first revision: empty, unless a deleted machine of the same name left revisions behind. */
  firstRevisionId(arn: string, uuid: string): string {
    return this.#store.get("revisions", `${arn}/`) === undefined ? "" : uuid;
  }

  revision(arn: string, id: string): Revision {
    const text = this.#store.get("revisions", `${arn}/${id}`);
    if (text === undefined) throw new Error(`The state machine ${arn} has no revision "${id}"`);
    return JSON.parse(text) as Revision;
  }

  compiled(arn: string, revisionId: string): CompiledMachine {
    const key = `${arn}/${revisionId}`;
    let machine = this.#compiled.get(key);
    if (!machine) {
      machine = compileMachine(JSON.parse(this.revision(arn, revisionId).definition) as JsonObject);
      this.#compiled.set(key, machine);
    }
    return machine;
  }

  /** @param draw - Decides between the two versions of an alias that splits its traffic; in [0, 1). */
  resolve(qualifiedArn: string, draw: number): ResolvedMachine | undefined {
    const { arn, qualifier } = unqualified(qualifiedArn);
    const machine = this.get(arn);
    if (!machine) return undefined;
    if (qualifier === undefined) return { machine, revisionId: machine.revisionId };
    if (/^\d+$/.test(qualifier)) {
      const version = machine.versions.find((candidate) => candidate.version === Number(qualifier));
      return version && { machine, revisionId: version.revisionId, versionArn: qualifiedArn };
    }
    const alias = machine.aliases.find((candidate) => candidate.name === qualifier);
    if (!alias) return undefined;
    let left = draw * 100;
    const route =
      alias.routes.find(({ weight }) => {
        left -= weight;
        return left < 0;
      }) ?? alias.routes[0]!;
    const version = machine.versions.find((candidate) => candidate.version === route.version);
    return (
      version && {
        machine,
        revisionId: version.revisionId,
        versionArn: `${arn}:${version.version}`,
        aliasArn: qualifiedArn,
      }
    );
  }
}
