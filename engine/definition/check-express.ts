/** Limits of Express machines: they may not wait for jobs, tokens, workers or map runs, which outlive their 5 minutes. */
import type { Diagnostic } from "../values/definition-error.ts";
import { isObject, type JsonObject } from "../values/json.ts";
import { schemaError } from "./findings.ts";
import { nestedGroups } from "./nested-groups.ts";

export function checkExpress(group: JsonObject, location: string, found: Diagnostic[]): void {
  for (const [name, state] of Object.entries(isObject(group["States"]) ? group["States"] : {})) {
    if (!isObject(state)) continue;
    const at = `${location}/States/${name}`;
    const resource = state["Resource"];
    if (typeof resource === "string") {
      const suffix = /\.(sync(?::2)?|waitForTaskToken)$/.exec(resource)?.[1];
      if (suffix !== undefined) {
        const pattern = suffix.startsWith("sync") ? "sync" : suffix;
        found.push(
          schemaError(`Express state machine does not support '.${pattern}' service integration`, `${at}/Resource`),
        );
      } else if (/:states:[^:]*:[^:]*:activity:/.test(resource)) {
        found.push(schemaError("Express state machine does not support Activity ARN", `${at}/Resource`));
      }
    }
    for (const [nested, nestedAt] of nestedGroups(state, at)) {
      const config = nested["ProcessorConfig"];
      if (isObject(config) && config["Mode"] === "DISTRIBUTED") {
        found.push(
          schemaError(
            "Express state machine does not support Map state with DISTRIBUTED mode",
            `${nestedAt}/ProcessorConfig/Mode`,
          ),
        );
      }
      checkExpress(nested, nestedAt, found);
    }
  }
}
