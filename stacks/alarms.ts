/** The alarms: whatever ends badly or waits for a person sends an e-mail to the alert recipients. */
import config from "../sluice.config.ts";
import { openReport } from "./functions.ts";
import { intakes } from "./intake.ts";
import { machines } from "./machines.ts";
import { alerts } from "./mail.ts";
import { named, pascalCase } from "./names.ts";
import { scheduleDlq } from "./schedules.ts";

interface AlarmOptions {
  description: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, $util.Input<string>>;
  statistic: "Sum" | "Maximum";
  /** The alarm goes off above this. */
  threshold: number;
}

function alarm(name: string, { description, namespace, metric, dimensions, statistic, threshold }: AlarmOptions): void {
  new aws.cloudwatch.MetricAlarm(name, {
    name: named(name),
    alarmDescription: description,
    namespace,
    metricName: metric,
    dimensions,
    statistic,
    period: 300,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold,
    // Where nothing runs there is nothing to report.
    treatMissingData: "notBreaching",
    alarmActions: [alerts.arn],
  });
}

for (const [machine, { arn }] of Object.entries(machines))
  for (const ending of ["Failed", "TimedOut", "Aborted"])
    alarm(`${machine}${ending}`, {
      description: `An execution of ${machine} has ended: ${ending}. Look at it in the Step Functions console; redrive it once mended.`,
      namespace: "AWS/States",
      metric: `Executions${ending}`,
      dimensions: { StateMachineArn: arn },
      statistic: "Sum",
      threshold: 0,
    });

function deadLetterAlarm(name: string, queue: aws.sqs.Queue, waiting: string): void {
  alarm(`${name}NotEmpty`, {
    description: `${waiting}. Mend the cause, then redrive the queue; messages are kept for 14 days.`,
    namespace: "AWS/SQS",
    metric: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queue.name },
    statistic: "Maximum",
    threshold: 0,
  });
}

for (const { source, queue, deadLetters } of intakes) {
  const component = pascalCase(source);
  deadLetterAlarm(`${component}IntakeDlq`, deadLetters, `Events of ${source} could not be handed to ingest`);
  alarm(`${component}IntakeStuck`, {
    description: `Events of ${source} have waited for more than an hour: the pipe is stopped or cannot keep up.`,
    namespace: "AWS/SQS",
    metric: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: queue.name },
    statistic: "Maximum",
    threshold: 3600,
  });
}
deadLetterAlarm("ScheduleDlq", scheduleDlq, "A scheduled execution could not be started");

alarm("OpenReportErrors", {
  description: "A reader's link to a report could not be opened.",
  namespace: "AWS/Lambda",
  metric: "Errors",
  dimensions: { FunctionName: openReport.name },
  statistic: "Sum",
  threshold: 0,
});

/** More rejected lines than this in one batch are no longer the odd ones that every log has. */
const REJECTED_PERCENT = 5;

// The metrics of `aws/metrics.ts`: an execution that succeeded may still have set objects or lines aside.
for (const source of Object.keys(config.sources)) {
  const component = pascalCase(source);
  const ofSource = { namespace: "Sluice", dimensions: { service: "sluice", source } };
  alarm(`${component}ObjectsQuarantined`, {
    ...ofSource,
    description: `Objects of ${source} could not be read and are in quarantine with the reason. docs/operations.md says what to do for each.`,
    metric: "QuarantinedObjects",
    statistic: "Sum",
    threshold: 0,
  });
  alarm(`${component}LinesRejected`, {
    ...ofSource,
    description: `More than ${REJECTED_PERCENT} % of the lines of a batch of ${source} were rejected: its table of rejected lines says why.`,
    metric: "RejectedPercent",
    statistic: "Maximum",
    threshold: REJECTED_PERCENT,
  });
}
