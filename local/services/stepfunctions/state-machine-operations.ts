/** State machines, their versions, aliases and tags. */
import { randomUUID } from "node:crypto";
import { stateMachineArn, unqualified } from "../../../engine/arn.ts";
import { variableReferences } from "../../../engine/definition/variable-references.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Diagnostic } from "../../../engine/errors.ts";
import { validateDefinition } from "../../../engine/index.ts";
import type { JsonObject } from "../../../engine/json.ts";
import { checkName } from "../../../engine/request-checks.ts";
import type {
  Revision,
  StateMachineAlias,
  StateMachineRecord,
  StateMachineVersion,
} from "../../../engine/state-machines.ts";
import { ServiceError } from "../../service-error.ts";
import type { Operation, RequestContext } from "../../wire/service.ts";
import { pageOf } from "./paging.ts";

interface Tag {
  key: string;
  value: string;
}

interface MachineInput {
  name: string;
  definition: string;
  roleArn: string;
  type?: "STANDARD" | "EXPRESS";
  loggingConfiguration?: JsonObject;
  tracingConfiguration?: JsonObject;
  encryptionConfiguration?: JsonObject;
  tags?: Tag[];
  publish?: boolean;
  versionDescription?: string;
}

export function stateMachineOperations(engine: Engine): Record<string, Operation> {
  const { stateMachines } = engine;

  const existing = (arn: string): StateMachineRecord => {
    checkArn(arn);
    const record = stateMachines.get(unqualified(arn).arn);
    if (!record) throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return record;
  };

  const publish = (
    record: StateMachineRecord,
    description: string | undefined,
    context: RequestContext,
  ): StateMachineVersion => {
    const newest = record.versions.at(-1);
    if (newest && newest.revisionId === record.revisionId) return newest;
    const version: StateMachineVersion = {
      version: record.nextVersion++,
      revisionId: record.revisionId,
      createdMs: context.now(),
      ...(description === undefined ? {} : { description }),
    };
    record.versions.push(version);
    return version;
  };

  const alias = (arn: string): { record: StateMachineRecord; alias: StateMachineAlias } => {
    const { arn: machineArn, qualifier } = unqualified(arn);
    const record = stateMachines.get(machineArn);
    const found = record?.aliases.find(({ name }) => name === qualifier);
    if (!record || !found)
      throw new ServiceError("ResourceNotFound", `Request references a resource that does not exist.`);
    return { record, alias: found };
  };

  const routesOf = (record: StateMachineRecord, routing: { stateMachineVersionArn: string; weight: number }[]) => {
    if (
      !routing ||
      routing.length < 1 ||
      routing.length > 2 ||
      routing.reduce((sum, { weight }) => sum + weight, 0) !== 100
    ) {
      throw new ServiceError(
        "ValidationException",
        "Invalid RoutingConfiguration: weights of one or two versions must add up to 100",
      );
    }
    return routing.map(({ stateMachineVersionArn, weight }) => {
      const { arn, qualifier } = unqualified(stateMachineVersionArn);
      const version = Number(qualifier);
      if (arn !== record.arn || !record.versions.some((candidate) => candidate.version === version)) {
        throw new ServiceError("ResourceNotFound", `Request references a resource that does not exist.`);
      }
      return { version, weight };
    });
  };

  const describeAlias = (
    record: StateMachineRecord,
    { name, description, routes, createdMs, updatedMs }: StateMachineAlias,
  ) => ({
    stateMachineAliasArn: `${record.arn}:${name}`,
    name,
    ...(description === undefined ? {} : { description }),
    routingConfiguration: routes.map(({ version, weight }) => ({
      stateMachineVersionArn: `${record.arn}:${version}`,
      weight,
    })),
    creationDate: new Date(createdMs),
    updateDate: new Date(updatedMs),
  });

  return {
    CreateStateMachine(input: MachineInput, context) {
      checkName(input.name);
      checkRole(input.roleArn);
      if (input.versionDescription !== undefined && !input.publish) {
        throw new ServiceError("ValidationException", "Version description can only be set when publish is true");
      }
      const type = input.type ?? "STANDARD";
      refuseInvalid(input.definition, type);
      const arn = stateMachineArn(engine.place, input.name);
      const known = stateMachines.get(arn);
      if (known) {
        // The same request again is answered as the first time; anything else is a conflict.
        const revision = stateMachines.revision(arn, known.revisionId);
        const same =
          revision.definition === input.definition &&
          known.type === type &&
          known.roleArn === input.roleArn &&
          JSON.stringify(known.loggingConfiguration ?? null) === JSON.stringify(input.loggingConfiguration ?? null);
        if (!same) throw new ServiceError("StateMachineAlreadyExists", `State Machine Already Exists: '${arn}'`);
        const version = input.publish ? publish(known, input.versionDescription, context) : undefined;
        if (version) stateMachines.put(known);
        return {
          stateMachineArn: arn,
          creationDate: new Date(known.createdMs),
          ...(version ? { stateMachineVersionArn: `${arn}:${version.version}` } : {}),
        };
      }
      const createdMs = context.now();
      const record: StateMachineRecord = {
        arn,
        name: input.name,
        type,
        revisionId: stateMachines.firstRevisionId(arn, randomUUID()),
        createdMs,
        roleArn: input.roleArn,
        loggingConfiguration: input.loggingConfiguration,
        tracingConfiguration: input.tracingConfiguration,
        encryptionConfiguration: input.encryptionConfiguration,
        tags: input.tags ?? [],
        versions: [],
        nextVersion: 1,
        aliases: [],
      };
      const version = input.publish ? publish(record, input.versionDescription, context) : undefined;
      stateMachines.put(record, {
        id: record.revisionId,
        definition: input.definition,
        roleArn: input.roleArn,
        createdMs,
      });
      return {
        stateMachineArn: arn,
        creationDate: new Date(createdMs),
        ...(version ? { stateMachineVersionArn: `${arn}:${version.version}` } : {}),
      };
    },

    UpdateStateMachine(input: Partial<MachineInput> & { stateMachineArn: string }, context) {
      const record = existing(input.stateMachineArn);
      const changes = [
        "definition",
        "roleArn",
        "loggingConfiguration",
        "tracingConfiguration",
        "encryptionConfiguration",
      ] as const;
      if (changes.every((name) => input[name] === undefined) && !input.publish) {
        throw new ServiceError(
          "MissingRequiredParameter",
          "Either the definition, the role ARN, the LoggingConfiguration, the EncryptionConfiguration or the TracingConfiguration must be specified",
        );
      }
      if (input.versionDescription !== undefined && !input.publish) {
        throw new ServiceError("ValidationException", "Version description can only be set when publish is true");
      }
      if (input.definition !== undefined) refuseInvalid(input.definition, record.type);
      if (input.roleArn !== undefined) checkRole(input.roleArn);
      const current = stateMachines.revision(record.arn, record.revisionId);
      const updatedMs = context.now();
      const changed =
        (input.definition !== undefined && input.definition !== current.definition) ||
        (input.roleArn !== undefined && input.roleArn !== record.roleArn) ||
        input.loggingConfiguration !== undefined ||
        input.tracingConfiguration !== undefined;
      let revision: Revision | undefined;
      if (changed) {
        if (input.roleArn !== undefined) record.roleArn = input.roleArn;
        if (input.loggingConfiguration) record.loggingConfiguration = input.loggingConfiguration;
        if (input.tracingConfiguration) record.tracingConfiguration = input.tracingConfiguration;
        record.revisionId = randomUUID();
        revision = {
          id: record.revisionId,
          definition: input.definition ?? current.definition,
          roleArn: record.roleArn,
          createdMs: updatedMs,
        };
      }
      if (input.encryptionConfiguration) record.encryptionConfiguration = input.encryptionConfiguration;
      const version = input.publish ? publish(record, input.versionDescription, context) : undefined;
      stateMachines.put(record, revision);
      return {
        updateDate: new Date(updatedMs),
        ...(record.revisionId === "" ? {} : { revisionId: record.revisionId }),
        ...(version ? { stateMachineVersionArn: `${record.arn}:${version.version}` } : {}),
      };
    },

    DescribeStateMachine({ stateMachineArn: arn }: { stateMachineArn: string }) {
      const { arn: machineArn, qualifier } = unqualified(arn);
      const record = existing(machineArn);
      const resolved = stateMachines.resolve(arn, 0);
      if (!resolved) throw new ServiceError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
      const version =
        qualifier === undefined
          ? undefined
          : record.versions.find(({ revisionId }) => revisionId === resolved.revisionId);
      const revision = stateMachines.revision(record.arn, resolved.revisionId);
      return describeMachine(record, revision, { arn: resolved.versionArn ?? record.arn, version });
    },

    DescribeStateMachineForExecution({ executionArn }: { executionArn: string }) {
      const execution = engine.describe(executionArn);
      if (!execution) throw new ServiceError("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
      const record = existing(execution.stateMachineArn.split("/")[0]!);
      const revision = stateMachines.revision(record.arn, execution.revisionId);
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
    },

    DeleteStateMachine({ stateMachineArn: arn }: { stateMachineArn: string }) {
      stateMachines.delete(unqualified(arn).arn);
      return {};
    },

    ListStateMachines(request: { maxResults?: number; nextToken?: string }) {
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

    ValidateStateMachineDefinition(request: {
      definition: string;
      type?: "STANDARD" | "EXPRESS";
      severity?: "ERROR" | "WARNING";
      maxResults?: number;
    }) {
      const found = validateDefinition(request.definition, request.type).filter(
        ({ severity }) => request.severity === "WARNING" || severity === "ERROR",
      );
      const limit = request.maxResults || 100;
      return {
        result: found.some(({ severity }) => severity === "ERROR") ? "FAIL" : "OK",
        diagnostics: found.slice(0, limit),
        truncated: found.length > limit,
      };
    },

    PublishStateMachineVersion(
      request: { stateMachineArn: string; revisionId?: string; description?: string },
      context,
    ) {
      const record = existing(request.stateMachineArn);
      if (request.revisionId !== undefined && request.revisionId !== (record.revisionId || "INITIAL")) {
        throw new ServiceError(
          "ConflictException",
          `Failed to publish the State Machine version for revision ${request.revisionId}. The current State Machine revision is ${record.revisionId || "INITIAL"}.`,
        );
      }
      const version = publish(record, request.description, context);
      stateMachines.put(record);
      return { creationDate: new Date(version.createdMs), stateMachineVersionArn: `${record.arn}:${version.version}` };
    },

    ListStateMachineVersions(request: { stateMachineArn: string; maxResults?: number; nextToken?: string }) {
      const record = existing(request.stateMachineArn);
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

    CreateStateMachineAlias(
      request: {
        name: string;
        description?: string;
        routingConfiguration: { stateMachineVersionArn: string; weight: number }[];
      },
      context,
    ) {
      if (!/^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}$/.test(request.name))
        throw new ServiceError("InvalidName", `Invalid Name: '${request.name}'`);
      const record = existing(request.routingConfiguration?.[0]?.stateMachineVersionArn ?? "");
      const routes = routesOf(record, request.routingConfiguration);
      const nowMs = context.now();
      const known = record.aliases.find(({ name }) => name === request.name);
      if (known) {
        if (JSON.stringify(known.routes) !== JSON.stringify(routes) || known.description !== request.description) {
          throw new ServiceError(
            "ConflictException",
            "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
          );
        }
        return { stateMachineAliasArn: `${record.arn}:${known.name}`, creationDate: new Date(known.createdMs) };
      }
      record.aliases.push({
        name: request.name,
        description: request.description,
        routes,
        createdMs: nowMs,
        updatedMs: nowMs,
      });
      stateMachines.put(record);
      return { stateMachineAliasArn: `${record.arn}:${request.name}`, creationDate: new Date(nowMs) };
    },

    DescribeStateMachineAlias({ stateMachineAliasArn }: { stateMachineAliasArn: string }) {
      const found = alias(stateMachineAliasArn);
      return describeAlias(found.record, found.alias);
    },

    UpdateStateMachineAlias(
      request: {
        stateMachineAliasArn: string;
        description?: string;
        routingConfiguration?: { stateMachineVersionArn: string; weight: number }[];
      },
      context,
    ) {
      const found = alias(request.stateMachineAliasArn);
      if (request.description === undefined && request.routingConfiguration === undefined) {
        throw new ServiceError(
          "MissingRequiredParameter",
          "Either the description or the RoutingConfiguration must be specified",
        );
      }
      if (request.description !== undefined) found.alias.description = request.description;
      if (request.routingConfiguration) found.alias.routes = routesOf(found.record, request.routingConfiguration);
      found.alias.updatedMs = context.now();
      stateMachines.put(found.record);
      return { updateDate: new Date(found.alias.updatedMs) };
    },

    DeleteStateMachineAlias({ stateMachineAliasArn }: { stateMachineAliasArn: string }) {
      const { record, alias: found } = alias(stateMachineAliasArn);
      record.aliases = record.aliases.filter((candidate) => candidate !== found);
      stateMachines.put(record);
      return {};
    },

    ListStateMachineAliases(request: { stateMachineArn: string; maxResults?: number; nextToken?: string }) {
      const { arn, qualifier } = unqualified(request.stateMachineArn);
      const record = existing(arn);
      const aliases = record.aliases.filter(
        ({ routes }) => qualifier === undefined || routes.some(({ version }) => String(version) === qualifier),
      );
      const { page, nextToken } = pageOf(aliases, request);
      return {
        stateMachineAliases: page.map(({ name, createdMs }) => ({
          stateMachineAliasArn: `${record.arn}:${name}`,
          creationDate: new Date(createdMs),
        })),
        ...(nextToken === undefined ? {} : { nextToken }),
      };
    },
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

/** @throws {ServiceError} InvalidArn. */
export function checkArn(arn: string): void {
  if (!/^arn:[\w-]+:states:[\w-]*:\d*:.+/.test(arn))
    throw new ServiceError("InvalidArn", `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
}

function checkRole(roleArn: string): void {
  if (!/^arn:[\w-]+:iam::\d{12}:role\/.+/.test(roleArn))
    throw new ServiceError("InvalidArn", `Invalid Role Arn: '${roleArn}'`);
}
