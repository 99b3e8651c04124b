/** State machines: making, changing, describing and checking them. */

import { randomUUID } from "node:crypto";
import { variableReferences } from "../../../../engine/definition/variable-references.ts";
import { type Diagnostic, type Engine, type JsonObject, validateDefinition } from "../../../../engine/index.ts";
import { checkName } from "../../../../engine/request-checks.ts";
import type { Revision, StateMachineRecord, StateMachineVersion } from "../../../../engine/state-machines.ts";
import { stateMachineArn, unqualified } from "../../../../engine/values/arn.ts";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import { checkRole } from "./arn.ts";
import { existingMachine } from "./existing.ts";
import { type PageRequest, pageOf } from "./page.ts";
import { publishVersion } from "./versions.ts";

interface MachineInput {
  name: string;
  definition: string;
  roleArn: string;
  type?: "STANDARD" | "EXPRESS";
  loggingConfiguration?: JsonObject;
  tracingConfiguration?: JsonObject;
  encryptionConfiguration?: JsonObject;
  tags?: { key: string; value: string }[];
  publish?: boolean;
  versionDescription?: string;
}

type MachineUpdate = Partial<MachineInput> & { stateMachineArn: string };

interface ValidateInput {
  definition: string;
  type?: "STANDARD" | "EXPRESS";
  severity?: "ERROR" | "WARNING";
  maxResults?: number;
}

const MOST_DIAGNOSTICS = 100;

export function stateMachineOperations(engine: Engine): Operations {
  const { stateMachines } = engine;
  return {
    CreateStateMachine: (input: MachineInput, { now }) => createMachine(engine, input, now()),
    UpdateStateMachine: (input: MachineUpdate, { now }) => updateMachine(engine, input, now()),

    DescribeStateMachine({ stateMachineArn: arn }: { stateMachineArn: string }) {
      const { arn: machineArn, qualifier } = unqualified(arn);
      const record = existingMachine(engine, machineArn);
      const resolved = stateMachines.resolve(arn, 0);
      if (!resolved) throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
      const version =
        qualifier === undefined
          ? undefined
          : record.versions.find(({ revisionId }) => revisionId === resolved.revisionId);
      const revision = stateMachines.revision(record.arn, resolved.revisionId);
      return describeMachine(record, revision, { arn: resolved.versionArn ?? record.arn, version });
    },

    DescribeStateMachineForExecution: ({ executionArn }: { executionArn: string }) =>
      describeForExecution(engine, executionArn),

    DeleteStateMachine({ stateMachineArn: arn }: { stateMachineArn: string }) {
      stateMachines.delete(unqualified(arn).arn);
      return {};
    },

    ListStateMachines(request: PageRequest) {
      const { page, nextToken } = pageOf(stateMachines.list(), request);
      return {
        stateMachines: page.map(({ arn, name, type, createdMs }) => ({
          stateMachineArn: arn,
          name,
          type,
          creationDate: new Date(createdMs),
        })),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },

    ValidateStateMachineDefinition(request: ValidateInput) {
      const found = validateDefinition(request.definition, request.type).filter(
        ({ severity }) => request.severity === "WARNING" || severity === "ERROR",
      );
      const limit = request.maxResults || MOST_DIAGNOSTICS;
      return {
        result: found.some(({ severity }) => severity === "ERROR") ? "FAIL" : "OK",
        diagnostics: found.slice(0, limit),
        truncated: found.length > limit,
      };
    },
  };
}

function createMachine(engine: Engine, input: MachineInput, nowMs: number) {
  const { stateMachines } = engine;
  checkName(input.name);
  checkRole(input.roleArn);
  checkVersionDescription(input);
  const type = input.type ?? "STANDARD";
  refuseInvalid(input.definition, type);
  const arn = stateMachineArn(engine.place, input.name);
  const known = stateMachines.get(arn);
  if (known) {
    checkSame(known, stateMachines.revision(arn, known.revisionId), { ...input, type });
    const version = input.publish ? publishVersion(known, input.versionDescription, nowMs) : undefined;
    if (version) stateMachines.put(known);
    return created(known, version);
  }
  const record: StateMachineRecord = {
    arn,
    name: input.name,
    type,
    revisionId: stateMachines.firstRevisionId(arn, randomUUID()),
    createdMs: nowMs,
    roleArn: input.roleArn,
    loggingConfiguration: input.loggingConfiguration,
    tracingConfiguration: input.tracingConfiguration,
    encryptionConfiguration: input.encryptionConfiguration,
    tags: input.tags ?? [],
    versions: [],
    nextVersion: 1,
    aliases: [],
  };
  const version = input.publish ? publishVersion(record, input.versionDescription, nowMs) : undefined;
  const { definition, roleArn } = input;
  stateMachines.put(record, { id: record.revisionId, definition, roleArn, createdMs: nowMs });
  return created(record, version);
}

/**
 * The same request again is answered as the first time; anything else is a conflict.
 *
 * @throws {ServiceError} StateMachineAlreadyExists.
 */
function checkSame(known: StateMachineRecord, revision: Revision, input: MachineInput): void {
  const same =
    revision.definition === input.definition &&
    known.type === input.type &&
    known.roleArn === input.roleArn &&
    JSON.stringify(known.loggingConfiguration ?? null) === JSON.stringify(input.loggingConfiguration ?? null);
  if (!same) throw new ServiceError("StateMachineAlreadyExists", `State Machine Already Exists: '${known.arn}'`);
}

function created({ arn, createdMs }: StateMachineRecord, version: StateMachineVersion | undefined) {
  return {
    stateMachineArn: arn,
    creationDate: new Date(createdMs),
    ...(version ? { stateMachineVersionArn: `${arn}:${version.version}` } : {}),
  };
}

const CHANGES = [
  "definition",
  "roleArn",
  "loggingConfiguration",
  "tracingConfiguration",
  "encryptionConfiguration",
] as const;

function updateMachine(engine: Engine, input: MachineUpdate, nowMs: number) {
  const { stateMachines } = engine;
  const record = existingMachine(engine, input.stateMachineArn);
  if (CHANGES.every((name) => input[name] === undefined) && !input.publish) {
    throw new ServiceError(
      "MissingRequiredParameter",
      "Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration or the TracingConfiguration must be specified",
    );
  }
  checkVersionDescription(input);
  if (input.definition !== undefined) refuseInvalid(input.definition, record.type);
  if (input.roleArn !== undefined) checkRole(input.roleArn);
  const revision = revise(record, stateMachines.revision(record.arn, record.revisionId), input, nowMs);
  if (input.encryptionConfiguration) record.encryptionConfiguration = input.encryptionConfiguration;
  const version = input.publish ? publishVersion(record, input.versionDescription, nowMs) : undefined;
  stateMachines.put(record, revision);
  return {
    updateDate: new Date(nowMs),
    ...(record.revisionId === "" ? {} : { revisionId: record.revisionId }),
    ...(version ? { stateMachineVersionArn: `${record.arn}:${version.version}` } : {}),
  };
}

/** Gives the record a new revision. Undefined when the update changes nothing that a revision holds. */
function revise(
  record: StateMachineRecord,
  current: Revision,
  input: MachineUpdate,
  nowMs: number,
): Revision | undefined {
  const changed =
    (input.definition !== undefined && input.definition !== current.definition) ||
    (input.roleArn !== undefined && input.roleArn !== record.roleArn) ||
    input.loggingConfiguration !== undefined ||
    input.tracingConfiguration !== undefined;
  if (!changed) return undefined;
  if (input.roleArn !== undefined) record.roleArn = input.roleArn;
  if (input.loggingConfiguration) record.loggingConfiguration = input.loggingConfiguration;
  if (input.tracingConfiguration) record.tracingConfiguration = input.tracingConfiguration;
  record.revisionId = randomUUID();
  return {
    id: record.revisionId,
    definition: input.definition ?? current.definition,
    roleArn: record.roleArn,
    createdMs: nowMs,
  };
}

function describeForExecution(engine: Engine, executionArn: string) {
  const execution = engine.describe(executionArn);
  if (!execution) throw new ServiceError("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
  const record = existingMachine(engine, execution.stateMachineArn.split("/")[0]!);
  const revision = engine.stateMachines.revision(record.arn, execution.revisionId);
  const {
    creationDate,
    status: _status,
    type: _type,
    ...described
  } = describeMachine(record, revision, { arn: record.arn });
  return {
    ...described,
    name: execution.stateMachineName,
    stateMachineArn: execution.stateMachineArn,
    updateDate: revision.createdMs === record.createdMs ? creationDate : new Date(revision.createdMs),
    ...(execution.mapRunArn === undefined ? {} : { mapRunArn: execution.mapRunArn }),
  };
}

function describeMachine(
  record: StateMachineRecord,
  revision: Revision,
  at: { arn: string; version?: StateMachineVersion | undefined },
) {
  const references = variableReferences(JSON.parse(revision.definition) as JsonObject);
  return {
    stateMachineArn: at.arn,
    name: record.name,
    status: "ACTIVE",
    definition: revision.definition,
    roleArn: revision.roleArn,
    type: record.type,
    creationDate: new Date(at.version?.createdMs ?? record.createdMs),
    loggingConfiguration: record.loggingConfiguration ?? { level: "OFF", includeExecutionData: false },
    tracingConfiguration: record.tracingConfiguration ?? { enabled: false },
    encryptionConfiguration: record.encryptionConfiguration ?? { type: "AWS_OWNED_KEY" },
    ...(revision.id === "" ? {} : { revisionId: revision.id }),
    ...(at.version?.description === undefined ? {} : { description: at.version.description }),
    ...(references && Object.keys(references).length > 0 ? { variableReferences: references } : {}),
  };
}

/** @throws {ServiceError} ValidationException. */
function checkVersionDescription({ versionDescription, publish }: Partial<MachineInput>): void {
  if (versionDescription !== undefined && !publish) {
    throw new ServiceError("ValidationException", "Version description can only be set when publish is true");
  }
}

/** @throws {ServiceError} InvalidDefinition. */
function refuseInvalid(definition: string, type: "STANDARD" | "EXPRESS"): void {
  const problems = validateDefinition(definition, type).filter(({ severity }) => severity === "ERROR");
  if (problems.length === 0) return;
  throw new ServiceError(
    "InvalidDefinition",
    `Invalid State Machine Definition: '${problems.map(problemText).join(", ")}'`,
  );
}

function problemText({ code, message, location }: Diagnostic): string {
  return code === "INVALID_JSON_DESCRIPTION" || location === undefined
    ? `${code}: ${message}`
    : `${code}: ${message} at ${location}`;
}
