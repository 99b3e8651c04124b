/** URLs of this account's queues and functions, rewritten to this endpoint. */
import type { DeployContext } from "./resource-type.ts";

export const FUNCTION_URL_PATH = "/_lambda-url/";

/** Replaces each URL in the values. A client that follows a URL is not redirected by `AWS_ENDPOINT_URL` alone. */
export function localUrls(values: Record<string, string>, context: DeployContext): Record<string, string> {
  const { region } = context.manifest;
  const urls = new Map<string, string>([[`https://sqs.${region}.amazonaws.com/`, `${context.endpoint()}/`]]);
  for (const { attributes, inputs } of context.resources("aws:lambda/functionUrl:FunctionUrl")) {
    const name = String(inputs.functionName).split(":").at(-1)!;
    urls.set(attributes.functionUrl, `${context.endpoint()}${FUNCTION_URL_PATH}${name}/`);
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      let local = value;
      for (const [cloud, here] of urls) local = local.replaceAll(cloud, here);
      return [name, local];
    }),
  );
}
