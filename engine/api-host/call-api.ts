import type { ApiCall } from "../integrations/integration.ts";
import type { JsonObject } from "../values/json.ts";

/**
 * Makes an API call: input and output in the shapes of the JS SDK's commands.
 * Refusals are thrown as errors whose `code` (or else `name`) is the API's own, with `message` and `statusCode`.
 */
export type CallApi = (call: ApiCall) => Promise<object>;

/** The same in one region. */
export type CallInRegion = (call: Omit<ApiCall, "region">) => Promise<JsonObject>;
