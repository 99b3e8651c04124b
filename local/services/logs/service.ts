/** CloudWatch Logs: what functions print, by group and stream. Lines are written in batches, so the last half second may be lost. */
import { randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-cloudwatch-logs";
import { ServiceError } from "../../service-error.ts";
import type { Store } from "../../store.ts";
import type { Service } from "../../wire/service.ts";

const FLUSH_MS = 500;
const PAGE_SIZE = 10_000;
const DAY_MS = 86_400_000;
/** How long groups keep their lines that say nothing of it; AWS keeps them for ever, a laptop has other plans for its disk. */
const DEFAULT_RETENTION_DAYS = 30;

interface LineRow {
  id: number;
  stream: string;
  time_ms: number;
  message: string;
}

export class Logs {
  readonly service: Service;
  readonly #store: Store;
  readonly #region: string;
  readonly #accountId: string;
  readonly #pending: { group: string; stream: string; timeMs: number; message: string }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ store, region, accountId }: { store: Store; region: string; accountId: string }) {
    this.#store = store;
    this.#region = region;
    this.#accountId = accountId;
    store.define(`
      CREATE TABLE IF NOT EXISTS log_groups (name TEXT PRIMARY KEY, created_ms INTEGER NOT NULL, retention_days INTEGER) STRICT;
      CREATE TABLE IF NOT EXISTS log_lines (
        id INTEGER PRIMARY KEY, log_group TEXT NOT NULL, stream TEXT NOT NULL, time_ms INTEGER NOT NULL, message TEXT NOT NULL) STRICT;
      CREATE INDEX IF NOT EXISTS log_lines_time ON log_lines (log_group, time_ms);`);
    this.service = { namespace: "logs", operations: this.#operations() };
  }

  createGroup(name: string, retentionDays: number | undefined, nowMs: number): void {
    this.#store.run(
      "INSERT INTO log_groups VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET retention_days = excluded.retention_days",
      name,
      nowMs,
      retentionDays ?? null,
    );
    this.#store.run(
      "DELETE FROM log_lines WHERE log_group = ? AND time_ms < ?",
      name,
      nowMs - (retentionDays ?? DEFAULT_RETENTION_DAYS) * DAY_MS,
    );
  }

  /** Takes one or more lines of text. */
  write(group: string, stream: string, timeMs: number, text: string): void {
    for (const message of text.replace(/\n$/, "").split("\n")) this.#pending.push({ group, stream, timeMs, message });
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0) return;
    this.#store.transaction(() => {
      for (const { group, stream, timeMs, message } of this.#pending.splice(0)) {
        this.#store.run("INSERT OR IGNORE INTO log_groups VALUES (?, ?, NULL)", group, timeMs);
        this.#store.run("INSERT INTO log_lines VALUES (NULL, ?, ?, ?, ?)", group, stream, timeMs, message);
      }
    });
  }

  #group(name: string | undefined): string {
    const found = this.#store.get("SELECT 1 FROM log_groups WHERE name = ?", name ?? "");
    if (!found) throw new ServiceError("ResourceNotFoundException", "The specified log group does not exist.");
    return name!;
  }

  #arn(name: string): string {
    return `arn:aws:logs:${this.#region}:${this.#accountId}:log-group:${name}`;
  }

  #operations(): Service["operations"] {
    const nameOf = (input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }) =>
      this.#group(input.logGroupName ?? input.logGroupIdentifier?.replace(/^.*:log-group:/, "").replace(/:\*$/, ""));
    return {
      CreateLogGroup: (input: api.CreateLogGroupCommandInput, { now }) => {
        if (this.#store.get("SELECT 1 FROM log_groups WHERE name = ?", input.logGroupName!)) {
          throw new ServiceError("ResourceAlreadyExistsException", "The specified log group already exists");
        }
        this.createGroup(input.logGroupName!, undefined, now());
        return {};
      },
      CreateLogStream: (input: api.CreateLogStreamCommandInput) => {
        this.#group(input.logGroupName);
        return {};
      },
      DescribeLogGroups: (input: api.DescribeLogGroupsCommandInput) => ({
        logGroups: this.#store
          .all<{ name: string; created_ms: number; retention_days: number | null }>(
            "SELECT * FROM log_groups ORDER BY name",
          )
          .filter(
            ({ name }) =>
              name.startsWith(input.logGroupNamePrefix ?? "") && name.includes(input.logGroupNamePattern ?? ""),
          )
          .map(({ name, created_ms, retention_days }) => ({
            logGroupName: name,
            creationTime: created_ms,
            ...(retention_days !== null && { retentionInDays: retention_days }),
            arn: `${this.#arn(name)}:*`,
            logGroupArn: this.#arn(name),
          })),
      }),
      DescribeLogStreams: (input: api.DescribeLogStreamsCommandInput) => {
        this.flush();
        const rows = this.#store.all<{ stream: string; first: number; last: number }>(
          "SELECT stream, min(time_ms) AS first, max(time_ms) AS last FROM log_lines WHERE log_group = ? GROUP BY stream ORDER BY stream",
          nameOf(input),
        );
        if (input.orderBy === "LastEventTime") rows.sort((a, b) => a.last - b.last);
        if (input.descending) rows.reverse();
        return {
          logStreams: rows
            .filter(({ stream }) => stream.startsWith(input.logStreamNamePrefix ?? ""))
            .slice(0, input.limit ?? 50)
            .map(({ stream, first, last }) => ({
              logStreamName: stream,
              creationTime: first,
              firstEventTimestamp: first,
              lastEventTimestamp: last,
              lastIngestionTime: last,
            })),
        };
      },
      PutLogEvents: (input: api.PutLogEventsCommandInput) => {
        const group = this.#group(input.logGroupName);
        for (const { timestamp, message } of input.logEvents ?? []) {
          this.write(group, input.logStreamName!, timestamp ?? 0, message ?? "");
        }
        this.flush();
        return { nextSequenceToken: randomUUID() };
      },
      GetLogEvents: (input: api.GetLogEventsCommandInput) => {
        this.flush();
        const after = Number(/^f\/(\d+)$/.exec(input.nextToken ?? "")?.[1] ?? 0);
        const rows = this.#lines(nameOf(input), { ...input, after, limit: input.limit ?? PAGE_SIZE });
        return {
          events: rows.map(({ time_ms, message }) => ({ timestamp: time_ms, message, ingestionTime: time_ms })),
          nextForwardToken: `f/${rows.at(-1)?.id ?? after}`,
          nextBackwardToken: "b/0",
        };
      },
      FilterLogEvents: (input: api.FilterLogEventsCommandInput) => {
        this.flush();
        const matches = textFilter(input.filterPattern ?? "");
        const limit = input.limit ?? PAGE_SIZE;
        const rows = this.#lines(nameOf(input), { ...input, after: Number(input.nextToken ?? 0), limit });
        const found = rows.filter(
          ({ stream, message }) =>
            matches(message) &&
            (!input.logStreamNames || input.logStreamNames.includes(stream)) &&
            stream.startsWith(input.logStreamNamePrefix ?? ""),
        );
        return {
          events: found.map(({ id, stream, time_ms, message }) => ({
            eventId: String(id),
            logStreamName: stream,
            timestamp: time_ms,
            ingestionTime: time_ms,
            message,
          })),
          ...(rows.length === limit && { nextToken: String(rows.at(-1)!.id) }),
        };
      },
    };
  }

  #lines(
    group: string,
    range: {
      logStreamName?: string | undefined;
      startTime?: number | undefined;
      endTime?: number | undefined;
      after: number;
      limit: number;
    },
  ): LineRow[] {
    return this.#store.all<LineRow>(
      `SELECT id, stream, time_ms, message FROM log_lines
        WHERE log_group = ?1 AND id > ?3 AND time_ms >= ?4 AND time_ms < ?5 AND (?2 IS NULL OR stream = ?2) ORDER BY id LIMIT ?6`,
      group,
      range.logStreamName ?? null,
      range.after,
      range.startTime ?? 0,
      range.endTime ?? Number.MAX_SAFE_INTEGER,
      range.limit,
    );
  }
}

/** Terms that must all be there, `-term` that must not, `"with spaces"`. Patterns on JSON fields are refused by name. */
function textFilter(pattern: string): (message: string) => boolean {
  if (/^\s*[{[]/.test(pattern)) {
    throw new ServiceError("InvalidParameterException", `The embedded cloud has no JSON filter patterns: ${pattern}`);
  }
  const terms = [...pattern.matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)].map(([, minus, quoted, bare]) => ({
    text: quoted ?? bare!,
    wanted: minus === "",
  }));
  return (message) => terms.every(({ text, wanted }) => message.includes(text) === wanted);
}
