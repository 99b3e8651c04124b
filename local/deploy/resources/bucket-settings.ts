/** Parts of a bucket's configuration that are kept and shown. */
import type { ManifestResource, Values } from "../manifest.ts";
import type { ResourceType } from "../resource-type.ts";

function section(name: string, settingOf: (inputs: Values) => unknown): ResourceType {
  return {
    deploy({ inputs }: ManifestResource, { buckets }) {
      buckets.configure(inputs.bucket, name, settingOf(inputs));
    },
    remove({ inputs }, { buckets }) {
      if (buckets.has(inputs.bucket)) buckets.configure(inputs.bucket, name, undefined);
    },
  };
}

export const bucketVersioning = section("versioning", (inputs) => inputs.versioningConfiguration?.status);
export const bucketPolicy = section("policy", ({ policy }) =>
  typeof policy === "string" ? JSON.parse(policy) : policy,
);
export const bucketLifecycle = section("lifecycle", (inputs) => inputs.rules);
export const bucketEncryption = section("encryption", (inputs) => inputs.rules);
export const bucketCors = section("cors", (inputs) => inputs.corsRules);
export const bucketPublicAccessBlock = section("publicAccessBlock", ({ bucket: _, ...settings }) => settings);
