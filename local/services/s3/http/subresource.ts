/** The part of a bucket or an object that a request is about. */

/** Query parameters that name another operation on the same address, rather than a detail of this one. */
const SUBRESOURCES = [
  "uploads",
  "uploadId",
  "delete",
  "location",
  "tagging",
  "versioning",
  "versions",
  "notification",
  "policy",
  "policyStatus",
  "encryption",
  "lifecycle",
  "cors",
  "acl",
  "website",
  "logging",
  "replication",
  "publicAccessBlock",
  "ownershipControls",
  "accelerate",
  "requestPayment",
  "object-lock",
  "attributes",
  "torrent",
  "restore",
  "select",
  "legal-hold",
  "retention",
  "inventory",
  "analytics",
  "metrics",
  "intelligent-tiering",
];

/** @returns Empty for the bucket or the object itself. */
export const subresource = (query: URLSearchParams) => SUBRESOURCES.find((name) => query.has(name)) ?? "";
