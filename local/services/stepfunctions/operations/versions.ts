/** Versions of state machines: revisions that were published. */

import type { Engine } from "../../../../engine/index.ts";
import type { StateMachineRecord, StateMachineVersion } from "../../../../engine/state-machines.ts";
import { unqualified } from "../../../../engine/values/arn.ts";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import { existingMachine } from "./existing.ts";
import { type PageRequest, pageOf } from "./page.ts";

export function versionOperations(engine: Engine): Operations {
  const { stateMachines } = engine;
  return {
    PublishStateMachineVersion(
      request: { stateMachineArn: string; revisionId?: string; description?: string },
      context,
    ) {
      const record = existingMachine(engine, request.stateMachineArn);
      if (request.revisionId !== undefined && request.revisionId !== (record.revisionId || "INITIAL")) {
        throw new ServiceError(
          "ConflictException",
          `Failed to publish the State Machine version for revision ${request.revisionId}. The current State Machine revision is ${record.revisionId || "INITIAL"}.`,
        );
      }
      const version = publishVersion(record, request.description, context.now());
      stateMachines.put(record);
      return { creationDate: new Date(version.createdMs), stateMachineVersionArn: `${record.arn}:${version.version}` };
    },

    ListStateMachineVersions(request: PageRequest & { stateMachineArn: string }) {
      const record = existingMachine(engine, request.stateMachineArn);
      const { page, nextToken } = pageOf([...record.versions].reverse(), request);
      return {
        stateMachineVersions: page.map(({ version, createdMs }) => ({
          stateMachineVersionArn: `${record.arn}:${version}`,
          creationDate: new Date(createdMs),
        })),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },

    DeleteStateMachineVersion({ stateMachineVersionArn }: { stateMachineVersionArn: string }) {
      const { arn, qualifier } = unqualified(stateMachineVersionArn);
      if (!/^\d+$/.test(qualifier ?? ""))
        throw new ServiceError("ValidationException", `Invalid version ARN: '${stateMachineVersionArn}'`);
      const record = stateMachines.get(arn);
      if (!record) return {};
      const used = record.aliases.filter(({ routes }) => routes.some(({ version }) => version === Number(qualifier)));
      if (used.length > 0) {
        throw new ServiceError(
          "ConflictException",
          `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${used.map(({ name }) => name).join(", ")}]`,
        );
      }
      record.versions = record.versions.filter(({ version }) => version !== Number(qualifier));
      stateMachines.put(record);
      return {};
    },
  };
}

/** Publishes the revision that a state machine has now. A revision that is published already stays one version. */
export function publishVersion(
  record: StateMachineRecord,
  description: string | undefined,
  nowMs: number,
): StateMachineVersion {
  const newest = record.versions.at(-1);
  if (newest && newest.revisionId === record.revisionId) return newest;
  const version: StateMachineVersion = {
    version: record.nextVersion++,
    revisionId: record.revisionId,
    createdMs: nowMs,
    ...(description === undefined ? {} : { description }),
  };
  record.versions.push(version);
  return version;
}
