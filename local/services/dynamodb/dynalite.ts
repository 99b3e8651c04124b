/**
 * Dynalite without its HTTP server: a request is checked and carried out by the same parts that its server uses.
 *
 * Its server would need a port of its own, and closes its database only after it has listened.
 */
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import db, { type DynaliteStore } from "dynalite/db/index.js";
import validations from "dynalite/validations/index.js";
import { InProgress } from "../../in-progress.ts";
import { cloudIsStopping, ServiceError } from "../../service-error.ts";
import type { Place } from "../../wire/service.ts";

const require = createRequire(import.meta.url);

interface DynaliteError {
  statusCode?: number;
  body?: { __type?: string; message?: string; Message?: string };
}
type Action = (
  store: DynaliteStore,
  input: object,
  done: (error: DynaliteError | null, output: object) => void,
) => void;

export class Dynalite {
  readonly #store: DynaliteStore;
  readonly #inProgress = new InProgress();
  #closed = false;

  /** @param path - The folder of the LevelDB database. */
  constructor(path: string, { region, accountId }: Place) {
    mkdirSync(path, { recursive: true });
    // It reads the place from the environment, once.
    this.#store = withEnvironment({ AWS_REGION: region, AWS_ACCOUNT_ID: accountId }, () =>
      db.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
    );
  }

  /**
   * @param input - In the SDK's shape, with binary values as bytes.
   * @throws {ServiceError} As DynamoDB refuses.
   */
  async call(operation: string, input: object): Promise<Record<string, unknown>> {
    if (this.#closed) throw cloudIsStopping();
    return this.#inProgress.track(operation, this.#carryOut(operation, input));
  }

  async #carryOut(operation: string, input: object): Promise<Record<string, unknown>> {
    const action = operation[0]!.toLowerCase() + operation.slice(1);
    const { types, custom } = require(`dynalite/validations/${action}.js`) as { types: object; custom: unknown };
    const run = require(`dynalite/actions/${action}.js`) as Action;
    try {
      const checked = validations.checkTypes(JSON.parse(JSON.stringify(input, encodeBytes)), types);
      validations.checkValidations(checked, types, custom, this.#store);
      const output = await new Promise<object>((resolve, reject) => {
        run(this.#store, checked, (error, answer) => (error ? reject(error) : resolve(answer)));
      });
      // What dynalite hands out is sometimes what it holds; a copy cannot change under the caller.
      return withTimes(operation, revived(JSON.parse(JSON.stringify(output))) as Record<string, unknown>);
    } catch (error) {
      const { statusCode, body } = error as DynaliteError;
      if (!statusCode || !body) throw error;
      const code = (body.__type ?? "InternalServerError").split("#").at(-1)!;
      throw new ServiceError(code, body.message ?? body.Message ?? code, statusCode);
    }
  }

  /** Dynalite makes a table usable a moment after it has stored it; a process that died in between left it unusable. */
  async finishTable(name: string): Promise<void> {
    const { tableDb } = this.#store;
    await new Promise<void>((resolve, reject) => {
      tableDb.get(name, (error, table) => {
        if (error || table.TableStatus !== "CREATING") return error ? reject(error) : resolve();
        const indexes = (table.GlobalSecondaryIndexes ?? []) as object[];
        const active = {
          ...table,
          TableStatus: "ACTIVE",
          ...(indexes.length > 0 && {
            GlobalSecondaryIndexes: indexes.map((index) => ({ ...index, IndexStatus: "ACTIVE" })),
          }),
        };
        tableDb.put(name, active, (failure) => (failure ? reject(failure) : resolve()));
      });
    });
  }

  /** Dynalite itself closes between two steps of one operation, which then fails; so operations are waited for here. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#inProgress.settled();
    await this.#store.lifecycleManager.gracefulClose();
  }
}

const encodeBytes = (_: string, value: unknown) => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  // A Buffer has become this before the replacer sees it.
  const buffer = value as { type?: string; data?: number[] } | null;
  const isBuffer = buffer && typeof buffer === "object" && buffer.type === "Buffer" && Array.isArray(buffer.data);
  return isBuffer ? Buffer.from(buffer.data!).toString("base64") : value;
};

/** Attribute values `{ B: … }` and `{ BS: … }` carry bytes as base64 in dynalite. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.length === 1) {
    const [type, content] = entries[0]!;
    if (type === "B" && typeof content === "string") return { B: Buffer.from(content, "base64") };
    if (type === "BS" && Array.isArray(content) && content.every((item) => typeof item === "string")) {
      return { BS: content.map((item) => Buffer.from(item, "base64")) };
    }
  }
  return Object.fromEntries(entries.map(([name, inner]) => [name, revived(inner)]));
}

/** Table descriptions carry times as seconds. */
function withTimes(operation: string, answer: Record<string, unknown>): Record<string, unknown> {
  if (!operation.endsWith("Table")) return answer;
  for (const part of [answer.Table, answer.TableDescription] as (Record<string, unknown> | undefined)[]) {
    if (typeof part?.CreationDateTime === "number") part.CreationDateTime = new Date(part.CreationDateTime * 1000);
  }
  return answer;
}

function withEnvironment<T>(variables: Record<string, string>, make: () => T): T {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  try {
    return make();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
