/** Applies a policy to `_extra`, the JSON object of fields that no column could hold. */

import type { PiiPolicy } from "./policy.ts";
import { MASK, scrubText } from "./scrub.ts";

/**
 * Makes the value of `_extra` that a policy keeps.
 *
 * @returns Null when nothing is kept.
 */
export function keptExtra(json: string, extra: PiiPolicy["extra"]): string | null {
  switch (extra) {
    case "keep":
      return json;
    case "drop":
      return null;
    case "scrub-text":
      return scrubJson(json);
    case "names":
      return JSON.stringify(Object.fromEntries(namesOf(json).map((name) => [scrubText(name), MASK])));
    case "withhold":
      return JSON.stringify({ [MASK]: namesOf(json).length });
  }
}

function namesOf(json: string): string[] {
  return Object.keys(JSON.parse(json) as Record<string, unknown>);
}

/** A string with its quotes, or a number. */
const JSON_SCALAR = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Scrubs each name, text and number by itself: numbers keep their digits, and nesting may be of any depth. */
function scrubJson(json: string): string {
  return json.replace(JSON_SCALAR, (token) => {
    const text = token[0] === '"' ? (JSON.parse(token) as string) : token;
    const scrubbed = scrubText(text);
    return scrubbed === text ? token : JSON.stringify(scrubbed);
  });
}
