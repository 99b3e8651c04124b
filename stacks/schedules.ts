/**
 * The schedules of reports and crawls, for prod only: elsewhere they exist but are disabled, so a stage that somebody tries
 * things on sends nobody a report at six.
 */
import config from "../sluice.config.ts";
import { catalog, report } from "./machines.ts";
import { arnOf, isProduction, named, pascalCase } from "./names.ts";
import { machineArn } from "./permissions.ts";
import { queue } from "./queues.ts";
import { serviceRole } from "./roles.ts";

/** Executions that could not be started within an hour. */
export const { queue: scheduleDlq } = queue("ScheduleDlq");

// Computed ARNs, so that the role is there long before the machines that it starts.
const role = serviceRole("ScheduleRole", "scheduler.amazonaws.com", [
  { actions: ["states:StartExecution"], resources: ["Report", "Catalog"].map((name) => machineArn(named(name))) },
  { actions: ["sqs:SendMessage"], resources: [arnOf("sqs", named("ScheduleDlq"))] },
]);

interface ScheduleOptions {
  description: string;
  expression: string;
  timeZone: string;
  machine: aws.sfn.StateMachine;
  input: Record<string, unknown>;
}

function schedule(name: string, { description, expression, timeZone, machine, input }: ScheduleOptions): void {
  new aws.scheduler.Schedule(name, {
    name: named(name),
    description,
    state: isProduction ? "ENABLED" : "DISABLED",
    scheduleExpression: expression,
    scheduleExpressionTimezone: timeZone,
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: machine.arn,
      roleArn: role.arn,
      input: JSON.stringify(input),
      retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 3600 },
      deadLetterConfig: { arn: scheduleDlq.arn },
    },
  });
}

for (const [name, { title, schedule: expression, timeZone }] of Object.entries(config.reports))
  schedule(`${pascalCase(name)}Schedule`, {
    description: `Sends "${title}" for the day before`,
    expression,
    timeZone,
    machine: report,
    // The scheduler fills in when the schedule was due, which a late start does not change.
    input: { report: name, scheduledTime: "<aws.scheduler.scheduled-time>" },
  });

for (const [source, { crawler }] of Object.entries(config.sources))
  if (crawler)
    schedule(`${pascalCase(source)}CrawlSchedule`, {
      description: `Looks for days of ${source} that the catalog does not know`,
      expression: crawler.schedule,
      timeZone: crawler.timeZone,
      machine: catalog,
      input: { source, crawl: true },
    });
