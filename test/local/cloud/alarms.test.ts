import { SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, expect, it } from "vitest";
import { ACCOUNT, aCloud, arn, manifest, resource, scratchFolder, until } from "./a-cloud.ts";

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

it("a failed execution sets off the alarm on its metric, which sends an e-mail, is told on the event bus, and is logged", async () => {
  const scratch = scratchFolder();
  cleanUp.push(scratch.remove);
  const machine = arn("states", "stateMachine:Fails");
  const base = manifest();
  const cloud = await aCloud({
    dir: scratch.dir,
    manifest: {
      ...base,
      resources: [
        ...base.resources,
        resource("aws:cloudwatch/logGroup:LogGroup", "FailsLogs", { retentionInDays: 7 }, { name: "/states/Fails" }),
        resource(
          "aws:sfn/stateMachine:StateMachine",
          "Fails",
          {
            definition: JSON.stringify({
              StartAt: "No",
              States: { No: { Type: "Fail", Error: "CorruptArchive", Cause: "bad CRC" } },
            }),
            roleArn: `arn:aws:iam::${ACCOUNT}:role/FailsRole`,
            loggingConfiguration: { level: "ERROR", logDestination: `${arn("logs", "log-group:/states/Fails")}:*` },
          },
          { arn: machine },
        ),
        resource("aws:sns/topic:Topic", "Alerts", {}, { arn: arn("sns", "Alerts") }),
        resource(
          "aws:sns/topicSubscription:TopicSubscription",
          "AlertsTo",
          { topic: arn("sns", "Alerts"), protocol: "email", endpoint: "on-call@example.com" },
          { arn: arn("sns", "Alerts:on-call") },
        ),
        resource("aws:sqs/queue:Queue", "Failures", {}, { name: "Failures" }),
        resource(
          "aws:cloudwatch/metricAlarm:MetricAlarm",
          "FailsFailed",
          {
            namespace: "AWS/States",
            metricName: "ExecutionsFailed",
            dimensions: { StateMachineArn: machine },
            statistic: "Sum",
            period: 300,
            evaluationPeriods: 1,
            comparisonOperator: "GreaterThanThreshold",
            threshold: 0,
            treatMissingData: "notBreaching",
            alarmActions: [arn("sns", "Alerts")],
          },
          { name: "FailsFailed" },
        ),
        resource(
          "aws:cloudwatch/eventRule:EventRule",
          "OnFailure",
          {
            eventPattern: JSON.stringify({
              source: ["aws.states"],
              detail: { status: ["FAILED"], stateMachineArn: [machine] },
            }),
          },
          { name: "OnFailure" },
        ),
        resource("aws:cloudwatch/eventTarget:EventTarget", "OnFailureTarget", {
          rule: "OnFailure",
          arn: arn("sqs", "Failures"),
          inputTransformer: { inputPaths: { why: "$.detail.error" }, inputTemplate: '"It failed with <why>."' },
        }),
      ],
    },
  });
  cleanUp.push(() => cloud.stop());
  const sfn = new SFNClient(cloud.client);
  await sfn.send(new StartExecutionCommand({ stateMachineArn: machine }));

  const mail = await until("the alarm's e-mail", async () =>
    cloud.mail().find(({ to }) => to === "on-call@example.com"),
  );
  expect(mail.subject).toContain("FailsFailed");
  const message = await until("the event", async () => {
    const { Messages } = (await cloud.call("sqs", "ReceiveMessage", {
      QueueUrl: `${cloud.endpoint}/${ACCOUNT}/Failures`,
    })) as { Messages?: { Body: string }[] };
    return Messages?.[0];
  });
  expect(message.Body).toBe('"It failed with CorruptArchive."');

  const { events } = (await cloud.call("logs", "FilterLogEvents", { logGroupName: "/states/Fails" })) as {
    events: { message: string }[];
  };
  expect(events.map((event) => JSON.parse(event.message))).toMatchObject([
    { type: "ExecutionFailed", details: { error: "CorruptArchive", cause: "bad CRC" } },
  ]);
});
