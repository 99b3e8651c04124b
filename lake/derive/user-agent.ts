/** What a User-Agent header says about who sent it, as two libraries know it that are kept up to date. */
import Bowser from "bowser";
import { isbot } from "isbot";
import type { UserAgentFact } from "./rule.ts";

/** So much of a header counts: no browser sends more, and expressions take their time with what a stranger sends. */
const MAX_CHARACTERS = 1024;
/** So many bytes hold them, whatever they are. */
export const USER_AGENT_BYTES = 4 * MAX_CHARACTERS;

/** How programs name themselves that are no browser, such as `curl/8.5.0`. */
const PRODUCT = /^(?!Mozilla\/)([A-Za-z][\w.+!#$&'*^`|~-]*)\/[\w.+-]+/;

/**
 * - `family`: the browser or bot, such as `Chrome` or `Googlebot`; for other programs the name of their first product, such
 *   as `curl`.
 * - `device`: `desktop`, `mobile`, `tablet`, `tv` or `bot`.
 * - `bot`: `true` or `false`; programs and libraries count as bots.
 *
 * @returns Undefined where nobody knows; also for an empty header.
 */
export function userAgentFact(header: string, fact: UserAgentFact): string | undefined {
  const text = header.slice(0, MAX_CHARACTERS);
  if (text.trim() === "") return undefined;
  switch (fact) {
    case "family":
      return Bowser.getParser(text, true).getBrowserName() || PRODUCT.exec(text)?.[1];
    case "device":
      return Bowser.getParser(text, true).getPlatformType() || undefined;
    case "bot":
      return String(isbot(text) || Bowser.getParser(text, true).getPlatformType() === "bot");
  }
}
