/** CloudWatch Logs: what functions and executions print, by group and stream. */
import { randomUUID } from "node:crypto";
import type * as api from "@aws-sdk/client-cloudwatch-logs";
import { ServiceError } from "../../service-error.ts";
import type { Place, Service } from "../../wire/service.ts";
import type { LogGroup, LogGroups, LogStream } from "./log-groups.ts";
import { textFilter } from "./text-filter.ts";

const PAGE_SIZE = 10_000;
const STREAM_PAGE_SIZE = 50;

export function logsService({ logGroups }: { logGroups: LogGroups }): Service {
  return {
    namespace: "logs",
    operations: {
      CreateLogGroup(input: api.CreateLogGroupCommandInput, { now }) {
        if (logGroups.has(input.logGroupName!)) {
          throw new ServiceError("ResourceAlreadyExistsException", "The specified log group already exists");
        }
        logGroups.create(input.logGroupName!, undefined, now());
        return {};
      },
      CreateLogStream(input: api.CreateLogStreamCommandInput) {
        logGroups.require(input.logGroupName ?? "");
        return {};
      },
      DescribeLogGroups: (input: api.DescribeLogGroupsCommandInput, place) => ({
        logGroups: logGroups
          .list()
          .filter(
            ({ name }) =>
              name.startsWith(input.logGroupNamePrefix ?? "") && name.includes(input.logGroupNamePattern ?? ""),
          )
          .map((group) => toApiGroup(group, place)),
      }),
      DescribeLogStreams(input: api.DescribeLogStreamsCommandInput) {
        const streams = logGroups.streams(groupOf(logGroups, input));
        if (input.orderBy === "LastEventTime") streams.sort((a, b) => a.lastMs - b.lastMs);
        if (input.descending) streams.reverse();
        const found = streams.filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ""));
        return { logStreams: found.slice(0, input.limit ?? STREAM_PAGE_SIZE).map(toApiStream) };
      },
      PutLogEvents(input: api.PutLogEventsCommandInput) {
        const group = input.logGroupName ?? "";
        logGroups.require(group);
        for (const { timestamp, message } of input.logEvents ?? []) {
          logGroups.write(group, input.logStreamName!, timestamp ?? 0, message ?? "");
        }
        logGroups.flush();
        return { nextSequenceToken: randomUUID() };
      },
      GetLogEvents(input: api.GetLogEventsCommandInput) {
        const afterId = Number(/^f\/(\d+)$/.exec(input.nextToken ?? "")?.[1] ?? 0);
        const range = { ...rangeOf(input), afterId, limit: input.limit ?? PAGE_SIZE };
        const lines = logGroups.lines(groupOf(logGroups, input), range);
        return {
          events: lines.map(({ timeMs, message }) => ({ timestamp: timeMs, message, ingestionTime: timeMs })),
          nextForwardToken: `f/${lines.at(-1)?.id ?? afterId}`,
          nextBackwardToken: "b/0",
        };
      },
      FilterLogEvents(input: api.FilterLogEventsCommandInput) {
        const matches = textFilter(input.filterPattern ?? "");
        const limit = input.limit ?? PAGE_SIZE;
        const range = { ...rangeOf(input), afterId: Number(input.nextToken ?? 0), limit };
        const lines = logGroups.lines(groupOf(logGroups, input), range);
        const found = lines.filter(
          ({ stream, message }) =>
            matches(message) &&
            (!input.logStreamNames || input.logStreamNames.includes(stream)) &&
            stream.startsWith(input.logStreamNamePrefix ?? ""),
        );
        return {
          events: found.map(({ id, stream, timeMs, message }) => ({
            eventId: String(id),
            logStreamName: stream,
            timestamp: timeMs,
            ingestionTime: timeMs,
            message,
          })),
          ...(lines.length === limit && { nextToken: String(lines.at(-1)!.id) }),
        };
      },
    },
  };
}

/** The group that a request names, by its name or its ARN. */
function groupOf(
  logGroups: LogGroups,
  { logGroupName, logGroupIdentifier }: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
): string {
  // A group that a function writes to is made when its first lines are stored.
  logGroups.flush();
  const name = logGroupName ?? logGroupIdentifier?.replace(/^.*:log-group:/, "").replace(/:\*$/, "") ?? "";
  logGroups.require(name);
  return name;
}

function rangeOf(input: {
  logStreamName?: string | undefined;
  startTime?: number | undefined;
  endTime?: number | undefined;
}) {
  return { stream: input.logStreamName, startMs: input.startTime, endMs: input.endTime };
}

function toApiGroup({ name, createdMs, retentionDays }: LogGroup, { region, accountId }: Place): api.LogGroup {
  const arn = `arn:aws:logs:${region}:${accountId}:log-group:${name}`;
  return {
    logGroupName: name,
    creationTime: createdMs,
    ...(retentionDays !== undefined && { retentionInDays: retentionDays }),
    arn: `${arn}:*`,
    logGroupArn: arn,
  };
}

function toApiStream({ name, firstMs, lastMs }: LogStream): api.LogStream {
  return {
    logStreamName: name,
    creationTime: firstMs,
    firstEventTimestamp: firstMs,
    lastEventTimestamp: lastMs,
    lastIngestionTime: lastMs,
  };
}
