/**
 * A subscription's filter policy: which messages it wants.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
import type { MessageAttributeValue } from "@aws-sdk/client-sns";
import { eventMatcher } from "../events/pattern.ts";

export type MessageAttributes = Record<string, MessageAttributeValue>;

/** @param attributes - The subscription's own, of which two are the policy and what it looks at. */
export function wantsMessage(
  { FilterPolicy, FilterPolicyScope }: Record<string, string>,
  text: string,
  attributes: MessageAttributes,
): boolean {
  if (!FilterPolicy) return true;
  const matches = eventMatcher(FilterPolicy);
  if (FilterPolicyScope !== "MessageBody") return matches(plain(attributes));
  try {
    return matches(JSON.parse(text));
  } catch {
    // A body that is not JSON has nothing to match, so SNS does not deliver it.
    return false;
  }
}

function plain(attributes: MessageAttributes): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue }]) => {
      if (DataType === "Number") return [name, Number(StringValue)];
      return [name, DataType === "String.Array" ? JSON.parse(StringValue ?? "[]") : StringValue];
    }),
  );
}
