/** Facts about the sender of a User-Agent header, by two libraries that are kept up to date. */
import Bowser from "bowser";
import { isbot } from "isbot";
import type { UserAgentFact } from "./rule.ts";

/** The most of a header that is looked at: no browser sends more, and regular expressions are slow on a stranger's long text. */
const MAX_CHARACTERS = 1024;
/** The most bytes that this many characters take. */
export const USER_AGENT_BYTES = 4 * MAX_CHARACTERS;

/** The name of a program that is not a browser, such as `curl/8.5.0`. */
const PRODUCT = /^(?!Mozilla\/)([A-Za-z][\w.+!#$&'*^`|~-]*)\/[\w.+-]+/;

/**
 * - `family`: the browser or bot, such as `Chrome` or `Googlebot`; for other programs the name of their first product, such
 *   as `curl`.
 * - `device`: `desktop`, `mobile`, `tablet`, `tv` or `bot`.
 * - `bot`: `true` or `false`; programs and libraries count as bots.
 *
 * @returns Undefined when it is unknown, and for an empty header.
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
