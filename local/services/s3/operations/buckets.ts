/** Buckets, and the parts of their configuration that clients ask for. */
import { ServiceError } from "../../../service-error.ts";
import { element } from "../../../wire/xml.ts";
import { readDocument } from "../http/body.ts";
import { NAMESPACE, sendDocument, sendNothing, sendXml } from "../http/exchange.ts";
import { notificationsFromXml } from "../notifications/configuration.ts";
import type { S3Operation } from "./operation.ts";
import { OWNER } from "./owner.ts";

export const listBuckets: S3Operation = (exchange, { buckets }) => {
  const Bucket = buckets
    .list()
    .map(({ name, createdMs }) => ({ Name: name, CreationDate: new Date(createdMs).toISOString() }));
  sendDocument(exchange, "ListAllMyBucketsResult", { Owner: OWNER, Buckets: { Bucket } });
};

export const createBucket: S3Operation = (exchange, { buckets }) => {
  const { bucket, response } = exchange;
  if (buckets.has(bucket)) {
    const why = "Your previous request to create the named bucket succeeded and you already own it.";
    throw new ServiceError("BucketAlreadyOwnedByYou", why, 409);
  }
  buckets.create(bucket);
  response.setHeader("location", `/${bucket}`);
  sendNothing(exchange);
};

export const headBucket: S3Operation = (exchange, { region }) => {
  exchange.response.setHeader("x-amz-bucket-region", region);
  sendNothing(exchange);
};

export const deleteBucket: S3Operation = (exchange, { buckets }) => {
  buckets.delete(exchange.bucket);
  sendNothing(exchange, 204);
};

export const getBucketLocation: S3Operation = ({ response }, { region }) => {
  const text = element("LocationConstraint", region === "us-east-1" ? "" : region, ` xmlns="${NAMESPACE}"`);
  sendXml(response, `<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
};

export const getBucketVersioning: S3Operation = (exchange, { buckets }) => {
  const Status = buckets.configuration(exchange.bucket).versioning as string | undefined;
  sendDocument(exchange, "VersioningConfiguration", { Status });
};

export const getBucketTagging: S3Operation = () => {
  throw new ServiceError("NoSuchTagSet", "The TagSet does not exist", 404);
};

export const getBucketPolicy: S3Operation = ({ bucket, response }, { buckets }) => {
  const { policy } = buckets.configuration(bucket);
  if (!policy) throw new ServiceError("NoSuchBucketPolicy", "The bucket policy does not exist", 404);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(policy));
};

export const putBucketNotification: S3Operation = async (exchange, { notifications }) => {
  notifications.configure(exchange.bucket, notificationsFromXml(await readDocument(exchange)));
  sendNothing(exchange);
};
