/** Tags of an object. */
import { childText, type XmlElement } from "../../../wire/xml.ts";
import { readDocument } from "../http/body.ts";
import { sendDocument, sendNothing } from "../http/exchange.ts";
import type { S3Operation } from "./operation.ts";

export const getObjectTagging: S3Operation = (exchange, { objects }) => {
  const { tags } = objects.get(exchange.bucket, exchange.key);
  const Tag = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  sendDocument(exchange, "Tagging", { TagSet: { Tag } });
};

export const putObjectTagging: S3Operation = async (exchange, { objects }) => {
  const set = (await readDocument(exchange)).children.find((child) => child.name === "TagSet");
  objects.setTags(exchange.bucket, exchange.key, tagsOf(set?.children ?? []));
  sendNothing(exchange);
};

/** @param text - Of the header `x-amz-tagging`, which is written like a query. */
export function tagsFromHeader(text: string | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text ?? ""));
}

function tagsOf(tags: XmlElement[]): Record<string, string> {
  return Object.fromEntries(tags.map((tag) => [childText(tag, "Key") ?? "", childText(tag, "Value") ?? ""]));
}
