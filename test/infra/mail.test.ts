import { describe, expect, it } from "vitest";
import { statements } from "../../stacks/synth/graph.ts";
import { synth } from "../../stacks/synth/synth.ts";
import { prod } from "./stages.ts";

const key = prod.one("aws:kms/key", "MailKey");
const subscriptionsTo = (topic: string) =>
  prod.all("aws:sns/topicSubscription").filter(({ inputs }) => inputs.topic === prod.arn("aws:sns/topic", topic));

describe("mail", () => {
  it.each(["Reports", "Alerts"])("of the topic %s is encrypted, and published over TLS only", (name) => {
    expect(prod.one("aws:sns/topic", name).inputs.kmsMasterKeyId).toBe(key.attributes.arn);
    expect(statements(prod.one("aws:sns/topicPolicy", `${name}Policy`).inputs.policy)[0]).toMatchObject({
      Effect: "Deny",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(key.inputs.enableKeyRotation).toBe(true);
  });

  it("about failures can be sent by the alarms of this stage", () => {
    const allowed = { Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" } };
    expect(statements(prod.one("aws:sns/topicPolicy", "AlertsPolicy").inputs.policy)).toContainEqual(
      expect.objectContaining({ ...allowed, Action: ["sns:Publish"] }),
    );
    expect(statements(key.inputs.policy)).toContainEqual(
      expect.objectContaining({ ...allowed, Action: ["kms:Decrypt", "kms:GenerateDataKey*"] }),
    );
  });

  it("with a report goes to those who are named for it", () => {
    const received = subscriptionsTo("Reports").map(({ inputs }) => [
      inputs.endpoint,
      inputs.protocol,
      inputs.filterPolicyScope,
      JSON.parse(inputs.filterPolicy),
    ]);
    expect(received.sort()).toEqual([
      ["success+on-call@simulator.amazonses.com", "email", "MessageAttributes", { report: ["alb-daily"] }],
      [
        "success+platform@simulator.amazonses.com",
        "email",
        "MessageAttributes",
        { report: ["alb-daily", "cloudfront-daily"] },
      ],
    ]);
  });

  it("about failures goes to the alert recipients", () => {
    expect(subscriptionsTo("Alerts").map(({ inputs }) => [inputs.endpoint, inputs.protocol])).toEqual([
      ["success+on-call@simulator.amazonses.com", "email"],
    ]);
  });

  it("is what every alarm sends", () => {
    const alarms = prod.all("aws:cloudwatch/metricAlarm");
    expect(alarms.length).toBeGreaterThan(0);
    for (const { inputs } of alarms) expect(inputs.alarmActions).toEqual([prod.arn("aws:sns/topic", "Alerts")]);
  });

  it("to example.com is refused for prod before any resource is described", async () => {
    await expect(synth("prod")).rejects.toThrow(
      /InvalidLakeConfig: sluice\.config\.ts is not ready for the stage "prod":\n {2}alertRecipients\.0: is "on-call@example\.com"/,
    );
  });
});
