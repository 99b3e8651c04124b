/**
 * The two topics whose messages become e-mail. Each recipient confirms the subscription once, by the link in the mail
 * that AWS sends at the first deployment.
 *
 * Both are encrypted with one key of our own: CloudWatch cannot publish alarms to a topic under AWS's `alias/aws/sns`,
 * whose policy is not ours to change.
 */
import config from "../sluice.config.ts";
import { accountId, arnOf, isProduction, named, partition } from "./names.ts";

export const mailKey = new aws.kms.Key("MailKey", {
  description: `Encrypts the e-mail topics of ${$app.name}, stage ${$app.stage}`,
  enableKeyRotation: true,
  deletionWindowInDays: isProduction ? 30 : 7,
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        sid: "AccountDecidesByIam",
        principals: [{ type: "AWS", identifiers: [$interpolate`arn:${partition}:iam::${accountId}:root`] }],
        actions: ["kms:*"],
        resources: ["*"],
      },
      {
        sid: "AlarmsPublish",
        principals: [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }],
        actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
        resources: ["*"],
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
      },
    ],
  }).json,
});
new aws.kms.Alias("MailKeyAlias", { name: `alias/${named("Mail")}`, targetKeyId: mailKey.keyId });

function topic(name: string, publishers: aws.types.input.iam.GetPolicyDocumentStatementArgs[]): aws.sns.Topic {
  const made = new aws.sns.Topic(name, { name: named(name), kmsMasterKeyId: mailKey.arn });
  new aws.sns.TopicPolicy(`${name}Policy`, {
    arn: made.arn,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          effect: "Deny",
          principals: [{ type: "*", identifiers: ["*"] }],
          actions: ["sns:Publish"],
          resources: [made.arn],
          conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
        },
        ...publishers.map((publisher) => ({ ...publisher, actions: ["sns:Publish"], resources: [made.arn] })),
      ],
    }).json,
  });
  return made;
}

/** Reports, for their readers: a message's attribute `report` decides who gets it. */
export const reports = topic("Reports", []);

/** Alarms, for those who can mend what has gone wrong. */
export const alerts = topic("Alerts", [
  {
    principals: [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }],
    conditions: [
      { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
      { test: "ArnLike", variable: "aws:SourceArn", values: [arnOf("cloudwatch", `alarm:${named("*")}`)] },
    ],
  },
]);

for (const recipient of new Set(Object.values(config.reports).flatMap(({ recipients }) => recipients))) {
  const subscribed = Object.entries(config.reports).filter(([, { recipients }]) => recipients.includes(recipient));
  new aws.sns.TopicSubscription(`ReportsTo-${recipient}`, {
    topic: reports.arn,
    protocol: "email",
    endpoint: recipient,
    filterPolicyScope: "MessageAttributes",
    filterPolicy: JSON.stringify({ report: subscribed.map(([name]) => name) }),
  });
}

for (const recipient of new Set(config.alertRecipients))
  new aws.sns.TopicSubscription(`AlertsTo-${recipient}`, {
    topic: alerts.arn,
    protocol: "email",
    endpoint: recipient,
  });
