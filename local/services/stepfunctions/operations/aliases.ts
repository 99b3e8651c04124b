/** Aliases of state machines, which route executions to versions. */

import type { Engine } from "../../../../engine/index.ts";
import type { StateMachineAlias, StateMachineRecord } from "../../../../engine/state-machines.ts";
import { unqualified } from "../../../../engine/values/arn.ts";
import { ServiceError } from "../../../service-error.ts";
import type { Operations } from "../../../wire/service.ts";
import { existingMachine } from "./existing.ts";
import { type PageRequest, pageOf } from "./page.ts";

interface Route {
  stateMachineVersionArn: string;
  weight: number;
}

interface AliasInput {
  name: string;
  description?: string;
  routingConfiguration: Route[];
}

export function aliasOperations(engine: Engine): Operations {
  const { stateMachines } = engine;
  return {
    CreateStateMachineAlias: (input: AliasInput, { now }) => createAlias(engine, input, now()),

    DescribeStateMachineAlias({ stateMachineAliasArn }: { stateMachineAliasArn: string }) {
      const found = existingAlias(engine, stateMachineAliasArn);
      return describeAlias(found.record, found.alias);
    },

    UpdateStateMachineAlias(request: Partial<AliasInput> & { stateMachineAliasArn: string }, context) {
      const found = existingAlias(engine, request.stateMachineAliasArn);
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
      const { record, alias: found } = existingAlias(engine, stateMachineAliasArn);
      record.aliases = record.aliases.filter((candidate) => candidate !== found);
      stateMachines.put(record);
      return {};
    },

    ListStateMachineAliases(request: PageRequest & { stateMachineArn: string }) {
      const { arn, qualifier } = unqualified(request.stateMachineArn);
      const record = existingMachine(engine, arn);
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

function createAlias(engine: Engine, { name, description, routingConfiguration }: AliasInput, nowMs: number) {
  if (!/^(?=.*[a-zA-Z_\-.])[a-zA-Z0-9_\-.]{1,80}$/.test(name))
    throw new ServiceError("InvalidName", `Invalid Name: '${name}'`);
  const record = existingMachine(engine, routingConfiguration?.[0]?.stateMachineVersionArn ?? "");
  const routes = routesOf(record, routingConfiguration);
  const known = record.aliases.find((candidate) => candidate.name === name);
  if (known) {
    if (JSON.stringify(known.routes) !== JSON.stringify(routes) || known.description !== description) {
      throw new ServiceError(
        "ConflictException",
        "Failed to create alias because an alias with the same name and a different routing configuration already exists.",
      );
    }
    return { stateMachineAliasArn: `${record.arn}:${known.name}`, creationDate: new Date(known.createdMs) };
  }
  record.aliases.push({ name, description, routes, createdMs: nowMs, updatedMs: nowMs });
  engine.stateMachines.put(record);
  return { stateMachineAliasArn: `${record.arn}:${name}`, creationDate: new Date(nowMs) };
}

/** @throws {ServiceError} ResourceNotFound. */
function existingAlias(engine: Engine, arn: string): { record: StateMachineRecord; alias: StateMachineAlias } {
  const { arn: machineArn, qualifier } = unqualified(arn);
  const record = engine.stateMachines.get(machineArn);
  const alias = record?.aliases.find(({ name }) => name === qualifier);
  if (!record || !alias)
    throw new ServiceError("ResourceNotFound", `Request references a resource that does not exist.`);
  return { record, alias };
}

/** @throws {ServiceError} ValidationException, ResourceNotFound. */
function routesOf(record: StateMachineRecord, routing: Route[]): StateMachineAlias["routes"] {
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
}

function describeAlias(
  record: StateMachineRecord,
  { name, description, routes, createdMs, updatedMs }: StateMachineAlias,
) {
  return {
    stateMachineAliasArn: `${record.arn}:${name}`,
    name,
    ...(description === undefined ? {} : { description }),
    routingConfiguration: routes.map(({ version, weight }) => ({
      stateMachineVersionArn: `${record.arn}:${version}`,
      weight,
    })),
    creationDate: new Date(createdMs),
    updateDate: new Date(updatedMs),
  };
}
