/**
 * EventBridge Scheduler: schedules in a time zone that start state machines and other targets.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/Welcome.html
 */
import type * as api from "@aws-sdk/client-scheduler";
import { ServiceError } from "../../service-error.ts";
import type { RequestContext, Service } from "../../wire/service.ts";
import { DEFAULT_GROUP, type Schedule, type Schedules } from "./schedules.ts";

const PAGE_SIZE = 100;

export function schedulerService({ schedules }: { schedules: Schedules }): Service {
  return {
    namespace: "scheduler",
    operations: {
      CreateSchedule(input: api.CreateScheduleInput, context): api.CreateScheduleOutput {
        if (schedules.find(input.GroupName, input.Name!))
          throw new ServiceError("ConflictException", `Schedule ${input.Name} already exists.`, 409);
        return put(schedules, input, context, context.now());
      },
      UpdateSchedule(input: api.UpdateScheduleInput, context): api.UpdateScheduleOutput {
        return put(schedules, input, context, schedules.get(input.GroupName, input.Name!).createdMs);
      },
      GetSchedule: (input: api.GetScheduleInput) => toApi(schedules.get(input.GroupName, input.Name!)),
      DeleteSchedule(input: api.DeleteScheduleInput) {
        schedules.delete(input.GroupName, input.Name!);
        return {};
      },
      ListSchedules: (input: api.ListSchedulesInput) => list(schedules, input),
    },
  };
}

function put(
  schedules: Schedules,
  input: api.CreateScheduleInput,
  { region, accountId, now }: RequestContext,
  createdMs: number,
) {
  const group = input.GroupName ?? DEFAULT_GROUP;
  const arn = `arn:aws:scheduler:${region}:${accountId}:schedule/${group}/${input.Name}`;
  schedules.put({ ...input, GroupName: group, arn, createdMs, modifiedMs: now() });
  return { ScheduleArn: arn };
}

function list(
  schedules: Schedules,
  { GroupName, NamePrefix, State, MaxResults = PAGE_SIZE, NextToken }: api.ListSchedulesInput,
): api.ListSchedulesOutput {
  const from = NextToken ? Number(NextToken) : 0;
  const found = schedules
    .list()
    .filter(
      (schedule) =>
        (!GroupName || schedule.GroupName === GroupName) &&
        (!NamePrefix || schedule.Name!.startsWith(NamePrefix)) &&
        (!State || (schedule.State ?? "ENABLED") === State),
    );
  return {
    Schedules: found.slice(from, from + MaxResults).map((schedule) => {
      const { Arn, GroupName, Name, State, CreationDate, LastModificationDate, Target } = toApi(schedule);
      return { Arn, GroupName, Name, State, CreationDate, LastModificationDate, Target: { Arn: Target!.Arn } };
    }),
    ...(from + MaxResults < found.length && { NextToken: String(from + MaxResults) }),
  };
}

function toApi({ arn, createdMs, modifiedMs, ClientToken: _, ...rest }: Schedule): api.GetScheduleOutput {
  return {
    State: "ENABLED",
    ScheduleExpressionTimezone: "UTC",
    ActionAfterCompletion: "NONE",
    ...rest,
    Arn: arn,
    CreationDate: new Date(createdMs),
    LastModificationDate: new Date(modifiedMs),
  };
}
