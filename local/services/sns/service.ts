/** SNS: topics, their subscriptions, and publishing to them. */
import type * as api from "@aws-sdk/client-sns";
import type { Service } from "../../wire/service.ts";
import { invalidParameter, type Subscription, type Topics } from "./topics.ts";

export function snsService({ topics }: { topics: Topics }): Service {
  return {
    namespace: "sns",
    operations: {
      CreateTopic: (input: api.CreateTopicCommandInput) => ({
        TopicArn: topics.create(input.Name ?? "", input.Attributes ?? {}),
      }),
      DeleteTopic(input: api.DeleteTopicCommandInput) {
        topics.delete(input.TopicArn!);
        return {};
      },
      ListTopics: () => ({ Topics: topics.arns().map((TopicArn) => ({ TopicArn })) }),
      GetTopicAttributes: (input: api.GetTopicAttributesCommandInput, { accountId }) => ({
        Attributes: {
          ...topics.attributesOf(input.TopicArn!),
          TopicArn: input.TopicArn!,
          Owner: accountId,
          SubscriptionsConfirmed: String(topics.subscriptions(input.TopicArn).length),
          SubscriptionsPending: "0",
        },
      }),
      Subscribe: (input: api.SubscribeCommandInput) => ({
        SubscriptionArn: topics.subscribe({
          topicArn: input.TopicArn!,
          protocol: input.Protocol!,
          endpoint: input.Endpoint ?? "",
          attributes: input.Attributes ?? {},
        }),
      }),
      Unsubscribe(input: api.UnsubscribeCommandInput) {
        topics.unsubscribe(input.SubscriptionArn!);
        return {};
      },
      ListSubscriptions: (_input: object, { accountId }) => ({
        Subscriptions: topics.subscriptions().map((subscription) => toApi(subscription, accountId)),
      }),
      ListSubscriptionsByTopic(input: api.ListSubscriptionsByTopicCommandInput, { accountId }) {
        topics.attributesOf(input.TopicArn!);
        return {
          Subscriptions: topics.subscriptions(input.TopicArn).map((subscription) => toApi(subscription, accountId)),
        };
      },
      Publish(input: api.PublishCommandInput) {
        const topicArn = input.TopicArn ?? input.TargetArn;
        if (!topicArn) throw invalidParameter("TopicArn or TargetArn Reason: no value for required parameter");
        const messageId = topics.publish({
          topicArn,
          subject: input.Subject,
          text: input.Message ?? "",
          ...(input.MessageAttributes && { attributes: input.MessageAttributes }),
        });
        return { MessageId: messageId };
      },
    },
  };
}

function toApi({ arn, topicArn, protocol, endpoint }: Subscription, accountId: string): api.Subscription {
  return { SubscriptionArn: arn, TopicArn: topicArn, Protocol: protocol, Endpoint: endpoint, Owner: accountId };
}
